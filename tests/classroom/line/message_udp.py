"""A message server on UDP: one datagram is one request, one datagram its reply.

    python3 message_udp.py [PORT]              PORT is 8042 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from thanks import reply
from udp_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8042), reply)
