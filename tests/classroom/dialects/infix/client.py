"""A client that sends each line that is typed, and prints the line that comes back."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection, connection.makefile(encoding="utf-8") as replies:
    for request in sys.stdin:
        connection.sendall((request.rstrip("\n") + "\n").encode())
        reply = replies.readline()
        if not reply:
            break
        print(reply.rstrip("\n"), flush=True)
