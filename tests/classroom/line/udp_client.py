"""Datagrams to a server, and what comes back, for a person at a terminal.

Not a program: those named *_udp_client.py import it. A datagram may be lost: a request without a reply is given up after
a second.
"""

import socket

from line_client import address, show, typed


def converse(prompt):
    """Send each line that is typed, and print its reply."""
    for request in typed(prompt):
        ask(request)


def listen():
    """Print what a server says to whoever sends it anything."""
    ask(b"hello")


def ask(request):
    """Send one request and print its reply."""
    # A socket for each request: a reply that comes too late is not taken for the next one's.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.settimeout(1)
        server.connect(address())  # from nobody else will a datagram be taken
        server.send(request)
        try:
            show(server.recv(65535))
        except socket.timeout:
            print("no reply came")
