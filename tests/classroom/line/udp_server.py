"""A UDP server, for any service: one datagram is one request, one datagram its reply.

Not a program: those named *_udp.py import it.
"""

import socket

from framing import datagram_message
from lifetime import announce, leave, on_stop


def serve(port, reply):
    """Answer the message in each datagram with what `reply` makes of it."""
    on_stop(leave)  # nothing is ever half done, a datagram is sent whole or not at all
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        announce(server)
        here = server.getsockname()
        while True:
            try:
                datagram, peer = server.recvfrom(65535)
                if peer != here:  # or a forged sender has us answer ourselves for ever
                    server.sendto(reply(datagram_message(datagram)).encode(), peer)
            except OSError:
                pass  # that peer cannot be reached; the others can
