"""A calculator server on TCP, with Python's own socketserver.

    python3 calculator_socketserver.py [PORT]  PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import arithmetic
import lifetime
from socketserver_server import LineHandler, serve


class Calculator(LineHandler):
    """Handles one client."""

    def reply(self, message):
        """The reply to one message."""
        return arithmetic.reply(message)


if __name__ == "__main__":
    serve(lifetime.port(8040), Calculator)
