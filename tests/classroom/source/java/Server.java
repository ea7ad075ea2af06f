// A greeting server in Java, of two classes in a package: java line.Server [PORT]
package line;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

public class Server {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8043;
        try (ServerSocket server = new ServerSocket(port)) {
            while (true) {
                try (Socket connection = server.accept()) {
                    String reply = Greeting.reply() + "\n";
                    connection.getOutputStream().write(reply.getBytes(StandardCharsets.UTF_8));
                } catch (IOException gone) {
                    // The client has left: the next one is waiting.
                }
            }
        }
    }
}
