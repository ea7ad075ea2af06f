"""A word-length client on TCP: type words, read their lengths.

    python3 word_length_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

from line_client import converse, run

if __name__ == "__main__":
    run(lambda: converse("Enter Words "))
