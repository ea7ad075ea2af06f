"""A calculator server on TCP, with one thread that waits for all clients at once.

    python3 calculator_select.py [PORT]        PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from arithmetic import reply
from select_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8040), reply)
