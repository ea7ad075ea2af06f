"""A chat server on TCP: what the client says is printed, what you type is the reply.

    python3 chat_server.py [PORT]

It talks with one client after the other, in turns, the client first. An empty line, or the
end of the input, ends a talk.
"""

import sys

from framing import RequestError, text
from lifetime import leave, listener, on_stop, port
from threaded_server import arriving

PROMPT = "Enter a message to send: "


def serve(port):
    """Talk with each client that comes."""
    on_stop(leave)
    with listener(port) as server:
        while True:
            try:
                connection, _ = server.accept()
                with connection:
                    talk(connection)
            except OSError:
                pass  # the client reset the connection or vanished
            except RequestError:
                pass  # nobody has said that
            print("the talk is over", flush=True)


def talk(connection):
    """Take turns with one client until a side has nothing to say."""
    for lines in arriving(connection):
        for line in lines:
            said = text(line)
            if not said:
                return
            print("Received from client:", said, flush=True)
            reply = typed()
            if not reply:
                return
            connection.sendall(reply + b"\n")


def typed():
    """The line that is typed now."""
    try:
        return input(PROMPT).encode("utf-8", "surrogateescape")
    except EOFError:
        return b""


if __name__ == "__main__":
    # Octets that are not text are sent as they were typed, and what cannot be shown is replaced.
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    serve(port(8045))
