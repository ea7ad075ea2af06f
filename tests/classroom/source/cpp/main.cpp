// A greeting server in C++, with a thread for each client: main [PORT]
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void greet(int connection) {
    const std::string reply = "Thank you for connecting\n";
    if (write(connection, reply.data(), reply.size()) < 0) std::cerr << "a client has left\n";
    close(connection);
}

int main(int argc, char **argv) {
    std::signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(argc > 1 ? std::atoi(argv[1]) : 8043);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, reinterpret_cast<sockaddr *>(&address), sizeof address) || listen(server, 16)) {
        std::cerr << "port is taken\n";
        return 1;
    }
    for (;;) {
        int connection = accept(server, nullptr, nullptr);
        if (connection >= 0) std::thread(greet, connection).detach();
    }
}
