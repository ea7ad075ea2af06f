"""A client that says how long each message is, in the two octets before it."""

import socket
import struct
import sys


def receive(connection, length):
    """So many octets; without them there is nothing left to do."""
    octets = b""
    while len(octets) < length:
        more = connection.recv(length - len(octets))
        if not more:
            sys.exit()
        octets += more
    return octets


host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection:
    for typed in sys.stdin:
        request = typed.rstrip("\n").encode()
        connection.sendall(struct.pack(">H", len(request)) + request)
        (length,) = struct.unpack(">H", receive(connection, 2))
        print(receive(connection, length).decode(), flush=True)
