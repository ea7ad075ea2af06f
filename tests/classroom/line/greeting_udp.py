"""A greeting server on UDP: any datagram is greeted.

    python3 greeting_udp.py [PORT]             PORT is 8043 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from greeting import reply
from udp_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8043), reply)
