"""A client whose fields stand between #: 5 + 6 is typed, +#5#6; is sent, and of 11; the 11 is printed."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection:
    for typed in sys.stdin:
        request = typed.rstrip("\n")
        if len(words := request.split()) == 3:
            left, operator, right = words
            request = f"{operator}#{left}#{right}"
        connection.sendall((request + ";").encode())
        reply = b""
        while not reply.endswith(b";"):
            octets = connection.recv(1024)
            if not octets:
                sys.exit()
            reply += octets
        print(reply.decode().rstrip(";"), flush=True)
