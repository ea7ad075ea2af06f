"""How a server begins and ends: its port, its listening socket, the signals that stop it.

Not a program: the servers beside it import it.
"""

import contextlib
import os
import signal
import socket
import struct
import sys


def port(default):
    """The port that the command line names, or else the default."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


def listener(port):
    """A TCP socket that listens, made known to whoever started us."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Or we could not be started again while connections of the last run are remembered.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(128)
    announce(server)
    return server


def announce(server):
    """Say where we can be reached."""
    with contextlib.suppress(OSError):  # nobody has to read it
        print("listening on {}:{}".format(*server.getsockname()), flush=True)


def on_stop(handler):
    """Have Ctrl-C and SIGTERM call the handler."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, handler)


def leave(number, frame):
    """End at once, whatever the threads are doing: the handler of servers that have nothing to finish."""
    os._exit(0)


def reset_on_close(connection, whether):
    """Whether closing the connection, or our own end, resets it or ends it in order.

    A connection that is reset until all is said cannot end, as if in order, after half a reply.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", whether, 0))
