"""A greeting server on TCP, with one thread that waits for all clients at once.

    python3 greeting_select.py [PORT]          PORT is 8043 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it. Why a client is not left at once, last_words.py tells.
"""

import selectors
import socket
import time

import greeting
import lifetime
from last_words import GRACE

selector = selectors.DefaultSelector()
leaving = {}  # each client that has been greeted, with the time to leave it; the earliest first


def main():
    lifetime.on_stop(lifetime.leave)
    server = lifetime.listener(lifetime.port(8043))
    server.setblocking(False)
    selector.register(server, selectors.EVENT_READ, welcome)
    while True:
        for key, _ in selector.select(patience()):
            key.data(key.fileobj)
        while leaving and patience() <= 0:
            leave(next(iter(leaving)))


def patience():
    """Seconds until a client has to be left; None when there is no client."""
    return next(iter(leaving.values())) - time.monotonic() if leaving else None


def welcome(server):
    """Greet a new client."""
    try:
        connection, _ = server.accept()
    except OSError:
        return  # that client is gone already, or too many files are open
    connection.setblocking(False)
    leaving[connection] = time.monotonic() + GRACE
    selector.register(connection, selectors.EVENT_READ, hear_out)
    try:
        connection.send(greeting.reply().encode() + b"\n")  # a new connection has room for it
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        leave(connection)


def hear_out(connection):
    """Read what a client says, and leave it once it has said all."""
    try:
        if connection.recv(65536):
            return
    except OSError:
        pass  # it reset the connection or vanished
    leave(connection)


def leave(connection):
    """Forget a client."""
    del leaving[connection]
    selector.unregister(connection)
    connection.close()


if __name__ == "__main__":
    main()
