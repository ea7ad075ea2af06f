"""A time client on TCP: prints the server's local date and time.

    python3 time_client.py HOST PORT
"""

from line_client import listen, run

if __name__ == "__main__":
    run(listen)
