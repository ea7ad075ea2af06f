"""A time server on UDP: any datagram is told the local date and time.

    python3 time_udp.py [PORT]                 PORT is 8044 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

from datetime import datetime

import lifetime
from udp_server import serve


def reply(message):
    """The reply to any message."""
    return str(datetime.now())


if __name__ == "__main__":
    serve(lifetime.port(8044), reply)
