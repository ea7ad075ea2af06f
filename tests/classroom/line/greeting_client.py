"""A greeting client on TCP: prints what the server says to whoever comes.

    python3 greeting_client.py HOST PORT
"""

from line_client import listen, run

if __name__ == "__main__":
    run(listen)
