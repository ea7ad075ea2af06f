"""A word-length server on TCP, with a thread for each client.

    python3 word_length_threaded.py [PORT]     PORT is 8041 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from words import reply
from threaded_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8041), reply)
