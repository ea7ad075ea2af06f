"""A word-length server on TCP, with Python's own socketserver.

    python3 word_length_socketserver.py [PORT]     PORT is 8041 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import words
import lifetime
from socketserver_server import LineHandler, serve


class WordLength(LineHandler):
    """Handles one client."""

    def reply(self, message):
        """The reply to one message."""
        return words.reply(message)


if __name__ == "__main__":
    serve(lifetime.port(8041), WordLength)
