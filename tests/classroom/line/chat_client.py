"""A chat client on TCP: type a line, read the reply, and so on.

    python3 chat_client.py HOST PORT

An empty line, or the end of the input, ends it.
"""

from line_client import converse, run

if __name__ == "__main__":
    run(lambda: converse("Enter a message to send: "))
