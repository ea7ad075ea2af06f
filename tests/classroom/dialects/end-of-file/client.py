"""A client that ends its half behind each message: a connection for each line that is typed."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
for typed in sys.stdin:
    with socket.create_connection((host, port)) as connection:
        connection.sendall(typed.rstrip("\n").encode())
        connection.shutdown(socket.SHUT_WR)
        reply = b""
        while octets := connection.recv(1024):
            reply += octets
        print(reply.decode(), flush=True)
