"""A message server on TCP, with a thread for each client.

    python3 message_threaded.py [PORT]         PORT is 8042 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from thanks import reply
from threaded_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8042), reply)
