"""A calculator server on UDP: one datagram is one request, one datagram its reply.

    python3 calculator_udp.py [PORT]           PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from arithmetic import reply
from udp_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8040), reply)
