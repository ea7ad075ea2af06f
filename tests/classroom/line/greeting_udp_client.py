"""A greeting client on UDP: prints what the server says to whoever sends it anything.

    python3 greeting_udp_client.py HOST PORT
"""

from line_client import run
from udp_client import listen

if __name__ == "__main__":
    run(listen)
