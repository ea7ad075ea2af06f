"""A calculator client on UDP: type a request, read the reply.

    python3 calculator_udp_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

from line_client import run
from udp_client import converse

if __name__ == "__main__":
    run(lambda: converse("Enter Command "))
