"""A greeting server on TCP, with Python's own socketserver.

    python3 greeting_socketserver.py [PORT]        PORT is 8043 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import socketserver

import greeting
import last_words
import lifetime
from socketserver_server import serve


class Greeting(socketserver.BaseRequestHandler):
    """Greets one client."""

    def handle(self):
        """Called by socketserver."""
        last_words.say(self.request, greeting.reply())


if __name__ == "__main__":
    serve(lifetime.port(8043), Greeting)
