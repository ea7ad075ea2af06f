"""A time client on UDP: prints the server's local date and time.

    python3 time_udp_client.py HOST PORT
"""

from line_client import run
from udp_client import listen

if __name__ == "__main__":
    run(listen)
