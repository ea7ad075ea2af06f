"""A TCP server with one thread for all clients, that waits for all of them at once, for any service.

Each client has a generator, which yields what it has to wait for and is gone on with
when that can be done without waiting. asyncio works like this inside.

Not a program: those named *_select.py import it.
"""

import contextlib
import selectors
import socket
from selectors import EVENT_READ, EVENT_WRITE

from framing import LineReader
from lifetime import leave, listener, on_stop, reset_on_close

SEATS = 200  # clients at once; the next ones wait in the backlog until a seat is free

selector = selectors.DefaultSelector()


def serve(port, reply):
    """Answer each message of each client with what `reply` makes of it."""
    on_stop(leave)
    server = listener(port)
    server.setblocking(False)
    while True:
        listening = server in selector.get_map()
        clients = len(selector.get_map()) - listening
        if clients < SEATS and not listening:
            selector.register(server, EVENT_READ)
        elif clients == SEATS and listening:
            selector.unregister(server)
        for key, _ in selector.select():
            if key.fileobj is server:
                welcome(server, reply)
            else:
                go_on(key.fileobj, key.data)


def welcome(server, reply):
    """Begin the conversation with a new client."""
    try:
        connection, _ = server.accept()
    except OSError:
        return  # that client is gone already, or too many files are open
    connection.setblocking(False)
    conversation = converse(connection, reply)
    selector.register(connection, EVENT_READ, conversation)
    go_on(connection, conversation)


def go_on(connection, conversation):
    """Let a conversation go on until it has to wait again."""
    try:
        selector.modify(connection, next(conversation), conversation)
    except (StopIteration, OSError):  # all is said, or the client reset the connection or vanished
        selector.unregister(connection)
        connection.close()


def converse(connection, reply):
    """Answer one client until it has ended its side; yields what to wait for."""
    # Or a short reply could wait for the acknowledgement of the one before it.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reset_on_close(connection, True)
    lines = LineReader()
    octets = None
    while octets != b"":
        yield EVENT_READ
        octets = connection.recv(4096)
        messages = lines.push(octets) if octets else lines.end()
        unsent = "".join(reply(message) + "\n" for message in messages).encode()
        while unsent:  # until then nothing more is read from a client that does not read
            yield EVENT_WRITE
            with contextlib.suppress(BlockingIOError):
                unsent = unsent[connection.send(unsent) :]
    reset_on_close(connection, False)
