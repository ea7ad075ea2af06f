"""A client that fills each request up with blanks, and prints each reply without them."""

import socket
import sys

SIZE = 64

host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection:
    for typed in sys.stdin:
        connection.sendall(typed.rstrip("\n").encode().ljust(SIZE))
        reply = b""
        while len(reply) < SIZE:
            octets = connection.recv(SIZE - len(reply))
            if not octets:
                sys.exit()
            reply += octets
        print(reply.decode().rstrip(), flush=True)
