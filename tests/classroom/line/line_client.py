"""What a person types and reads at a terminal, and lines on a TCP connection to a server.

Not a program: those named *_client.py import it.
"""

import socket
import sys


def run(main):
    """Run the main function of a client, and end as a person expects."""
    # Octets that are not text are sent as they were typed, and what cannot be shown is replaced.
    sys.stdin.reconfigure(errors="surrogateescape")
    sys.stdout.reconfigure(errors="replace")
    try:
        main()
    except (EOFError, KeyboardInterrupt):
        print()
    except OSError as error:
        sys.exit(f"the server cannot be reached: {error}")


def address():
    """The HOST and PORT of the command line."""
    host, port = sys.argv[1:]
    return host, int(port)


def typed(prompt):
    """The messages that a person types; an empty line ends them."""
    while line := input(prompt):
        yield line.encode("utf-8", "surrogateescape")


def show(message):
    """Print a message from the server."""
    print(message.decode("utf-8", "replace"))


def converse(prompt):
    """Send each line that is typed, and print its reply."""
    with socket.create_connection(address()) as connection:
        received = b""
        for request in typed(prompt):
            connection.sendall(request + b"\n")
            line, received = receive_line(connection, received)
            show(line)


def listen():
    """Print the one line that a server sends unasked."""
    with socket.create_connection(address()) as connection:
        line, _ = receive_line(connection, b"")
        show(line)


def receive_line(connection, received):
    """One whole line, and the octets that came after it."""
    while b"\n" not in received:
        octets = connection.recv(1024)
        if not octets:
            sys.exit("the server closed the connection without a whole reply")
        received += octets
    line, _, received = received.partition(b"\n")
    return line.removesuffix(b"\r"), received
