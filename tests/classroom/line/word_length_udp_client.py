"""A word-length client on UDP: type words, read their lengths.

    python3 word_length_udp_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

from line_client import run
from udp_client import converse

if __name__ == "__main__":
    run(lambda: converse("Enter Words "))
