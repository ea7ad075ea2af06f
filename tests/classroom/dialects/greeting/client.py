"""A client that is greeted, sends each line that is typed, and takes its leave."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection, connection.makefile(encoding="utf-8") as replies:
    replies.readline()  # the greeting is nobody's reply
    for request in sys.stdin:
        connection.sendall((request.rstrip("\n") + "\n").encode())
        reply = replies.readline()
        if not reply:
            sys.exit()
        print(reply.rstrip("\n"), flush=True)
        if request.strip() == "quit":
            sys.exit()
    connection.sendall(b"quit\n")
    replies.readline()
