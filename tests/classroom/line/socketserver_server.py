"""A TCP server with Python's own socketserver, and a handler for lines, for any service.

Not a program: those named *_socketserver.py import it.
"""

import socketserver
import sys
import threading

from framing import LineReader
from lifetime import announce, leave, on_stop, reset_on_close

SEATS = 200  # clients at once; the next ones wait in the backlog until a seat is free

seats = threading.Semaphore(SEATS)


def serve(port, handler):
    """Have an object of the class `handler` handle each client, in a thread of its own."""
    on_stop(leave)
    with Server(("127.0.0.1", port), handler) as server:
        announce(server.socket)
        server.serve_forever()


class Server(socketserver.ThreadingTCPServer):
    """socketserver's, made to last."""

    # Or it could not be started again while connections of the last run are remembered.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def get_request(self):
        """Accept a client when there is a seat for it."""
        seats.acquire()
        try:
            return super().get_request()
        except OSError:
            seats.release()
            raise

    def close_request(self, request):
        """Free the seat of a client."""
        super().close_request(request)
        seats.release()

    def handle_error(self, request, client_address):
        """Keep quiet about a client that reset the connection or vanished."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class LineHandler(socketserver.StreamRequestHandler):
    """Answers one client until it has ended its side. Its subclasses say what `reply` is."""

    # Or a short reply could wait for the acknowledgement of the one before it.
    disable_nagle_algorithm = True

    def handle(self):
        """Called by socketserver."""
        reset_on_close(self.connection, True)
        lines = LineReader()
        while octets := self.rfile.read1(4096):
            self.send_replies(lines.push(octets))
        self.send_replies(lines.end())
        reset_on_close(self.connection, False)

    def send_replies(self, messages):
        """Send the replies to these messages."""
        self.wfile.write("".join(self.reply(message) + "\n" for message in messages).encode())

    def reply(self, message):
        """The reply to one message, without a terminator."""
        raise NotImplementedError
