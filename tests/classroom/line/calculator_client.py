"""A calculator client on TCP: type a request, read the reply.

    python3 calculator_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

import socket
import sys


def main():
    host, port = sys.argv[1:]
    with socket.create_connection((host, int(port))) as connection:
        received = b""
        while command := input("Enter Command "):
            # surrogateescape: octets that are not UTF-8 are sent as they were typed
            connection.sendall(command.encode("utf-8", "surrogateescape") + b"\n")
            line, received = receive_line(connection, received)
            print(line.decode("utf-8", "replace"))


def receive_line(connection, received):
    """One whole line, and the octets that came after it."""
    while b"\n" not in received:
        octets = connection.recv(1024)
        if not octets:
            sys.exit("the server closed the connection without a whole reply")
        received += octets
    line, _, received = received.partition(b"\n")
    return line.removesuffix(b"\r"), received


if __name__ == "__main__":
    try:
        main()
    except (EOFError, KeyboardInterrupt):
        print()
    except OSError as error:
        sys.exit(f"the server cannot be reached: {error}")
