"""A client on TCP that connects, and waits until the server closes the connection.

    python3 connect_client.py HOST PORT
"""

import socket

from line_client import address, run


def visit():
    """Connect, and wait for the end."""
    with socket.create_connection(address()) as connection:
        print("Connection is established...")
        while connection.recv(1024):
            pass


if __name__ == "__main__":
    run(visit)
