"""A calculator server on TCP, with a thread for each client.

    python3 calculator_threaded.py [PORT]      PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import os
import signal
import socket
import sys
import threading
import time

from arithmetic import reply
from framing import LineReader

SEATS = 200  # clients at once; the next ones wait in the backlog until a seat is free
GRACE = 0.5  # seconds that a reply half sent may take to be finished when we stop

seats = threading.Semaphore(SEATS)
stopping = False  # once True, nothing more is answered
conversations = {}  # each thread with its connection


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen(128)
        print("listening on {}:{}".format(*server.getsockname()), flush=True)
        while True:
            seats.acquire()
            try:
                connection, _ = server.accept()
            except ConnectionAbortedError:  # some systems tell of a client gone that early
                seats.release()
                continue
            threading.Thread(target=converse, args=[connection], daemon=True).start()


def converse(connection):
    """Answer one client until it has ended its side or is gone."""
    conversations[threading.current_thread()] = connection
    try:
        with connection:
            # Or a short reply could wait for the acknowledgement of the one before it.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for messages in arriving(connection):
                if not stopping:
                    replies = "".join(reply(message) + "\n" for message in messages)
                    connection.sendall(replies.encode())
    except OSError:
        pass  # the client reset the connection or vanished
    finally:
        del conversations[threading.current_thread()]
        seats.release()


def arriving(connection):
    """The messages of a connection, a list for each recv."""
    reader = LineReader()
    while octets := connection.recv(4096):
        yield reader.push(octets)
    yield reader.end()


def stop(number, frame):
    """Wake every thread out of its recv, let none leave half a reply behind, and end."""
    global stopping
    stopping = True
    deadline = time.monotonic() + GRACE
    for connection in list(conversations.values()):
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass  # already gone
    for thread in list(conversations):
        thread.join(max(0, deadline - time.monotonic()))
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    main()
