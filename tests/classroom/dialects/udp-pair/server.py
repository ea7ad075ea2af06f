"""A message server over UDP: it prints each datagram, and answers it with Hello from the server."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("localhost", port))
    while True:
        message, peer = server.recvfrom(65535)
        print(message.decode(errors="replace"), flush=True)
        server.sendto(b"Hello from the server", peer)
