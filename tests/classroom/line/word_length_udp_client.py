"""A word-length client on UDP: type words, read their lengths.

    python3 word_length_udp_client.py HOST PORT

An empty line, or the end of the input, ends it. A datagram may be lost: a request without
a reply is given up after a second.
"""

import socket

from line_client import address, run, show, typed


def main():
    for request in typed("Enter Words "):
        # A socket for each request: a reply that comes too late is not taken for the next one's.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.settimeout(1)
            server.connect(address())  # from nobody else will a datagram be taken
            server.send(request)
            try:
                show(server.recv(65535))
            except socket.timeout:
                print("no reply came")


if __name__ == "__main__":
    run(main)
