"""A calculator server on UDP: one datagram is one request, one datagram its reply.

    python3 calculator_udp.py [PORT]               PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import os
import signal
import socket
import sys

from arithmetic import reply
from framing import datagram_message


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        here = server.getsockname()
        print("listening on {}:{}".format(*here), flush=True)
        while True:
            try:
                datagram, peer = server.recvfrom(65535)
                if peer != here:  # or a forged sender has us answer ourselves for ever
                    server.sendto(reply(datagram_message(datagram)).encode(), peer)
            except OSError:
                pass  # that peer cannot be reached; the others can


def leave(number, frame):
    """End at once: nothing is ever half done, a datagram is sent whole or not at all."""
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    main()
