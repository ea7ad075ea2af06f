"""A client over UDP: a datagram for each line that is typed, and the one that comes back is printed."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(2)
    client.connect((host, port))
    for typed in sys.stdin:
        client.send(typed.rstrip("\n").encode())
        try:
            print(client.recv(65535).decode(), flush=True)
        except OSError:
            print("no reply", flush=True)
