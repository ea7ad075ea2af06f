"""A calculator server on TCP, with one thread and asyncio for all clients.

    python3 calculator_asyncio.py [PORT]       PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import lifetime
from arithmetic import reply
from asyncio_server import serve

if __name__ == "__main__":
    serve(lifetime.port(8040), reply)
