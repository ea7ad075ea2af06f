"""A calculator client on TCP: type a request, read the reply.

    python3 calculator_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

from line_client import converse, run

if __name__ == "__main__":
    run(lambda: converse("Enter Command "))
