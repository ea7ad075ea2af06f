"""A time server on TCP, with a thread for each client. It tells whole seconds.

    python3 time_threaded.py [PORT]            PORT is 8044 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

from datetime import datetime

import lifetime
from last_words import say
from threaded_server import serve_each


def tell_time(connection):
    """Tell one client the local date and time."""
    say(connection, datetime.now().strftime("%Y-%m-%d %H:%M:%S"))


if __name__ == "__main__":
    serve_each(lifetime.port(8044), tell_time)
