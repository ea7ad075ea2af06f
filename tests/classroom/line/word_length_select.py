"""A word-length server on TCP, with one thread that waits for all clients at once.

    python3 word_length_select.py [PORT]       PORT is 8041 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from words import reply
from select_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8041), reply)
