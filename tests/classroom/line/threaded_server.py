"""A TCP server with a thread for each client, for any service.

Not a program: those named *_threaded.py import it.
"""

import socket
import threading

from framing import LineReader
from lifetime import leave, listener, on_stop, reset_on_close

SEATS = 200  # clients at once; the next ones wait in the backlog until a seat is free

seats = threading.Semaphore(SEATS)


def serve(port, reply):
    """Answer each message of each client with what `reply` makes of it."""
    serve_each(port, lambda connection: converse(connection, reply))


def serve_each(port, talk):
    """Let a thread `talk` with each client over its connection."""
    on_stop(leave)
    with listener(port) as server:
        while True:
            seats.acquire()
            try:
                connection, _ = server.accept()
            except OSError:  # that client is gone already, or too many files are open
                seats.release()
                continue
            threading.Thread(target=attend, args=[connection, talk], daemon=True).start()


def attend(connection, talk):
    """Talk with one client, whatever becomes of it."""
    try:
        with connection:
            talk(connection)
    except OSError:
        pass  # the client reset the connection or vanished
    finally:
        seats.release()


def converse(connection, reply):
    """Answer one client until it has ended its side."""
    # Or a short reply could wait for the acknowledgement of the one before it.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reset_on_close(connection, True)
    for messages in arriving(connection):
        replies = "".join(reply(message) + "\n" for message in messages)
        connection.sendall(replies.encode())
    reset_on_close(connection, False)


def arriving(connection):
    """The messages of a connection, a list for each recv."""
    lines = LineReader()
    while octets := connection.recv(4096):
        yield lines.push(octets)
    yield lines.end()
