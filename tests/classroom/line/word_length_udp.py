"""A word-length server on UDP: one datagram is one request, one datagram its reply.

    python3 word_length_udp.py [PORT]          PORT is 8041 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from words import reply
from udp_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8041), reply)
