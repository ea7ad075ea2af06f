"""How a server that only speaks takes leave of a client, so that what it said arrives.

A connection that is closed with octets in it that nobody read is reset, and a reset may
overtake the last words. So the server ends its side, and reads until the client ends its own.

Not a program: servers with a thread for each client import it.
"""

import socket
import time

GRACE = 1  # seconds that a client may take to end its side


def say(connection, text):
    """Send one line, and end the conversation."""
    connection.sendall(text.encode() + b"\n")
    connection.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + GRACE
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        if not connection.recv(65536):
            return
