"""A time server on TCP, with one thread and asyncio for all clients. It tells microseconds.

    python3 time_asyncio.py [PORT]             PORT is 8044 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it. Why a client is not left at once, last_words.py tells.
"""

import asyncio
import contextlib
from datetime import datetime

import lifetime
from asyncio_server import serve_each
from last_words import GRACE


async def tell_time(reader, writer):
    """Tell one client the local date and time, and hear it out."""
    writer.write(f"{datetime.now()}\n".encode())
    writer.write_eof()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(hear_out(reader), GRACE)


async def hear_out(reader):
    """Read what a client says until it has said all."""
    while await reader.read(65536):
        pass


if __name__ == "__main__":
    serve_each(lifetime.port(8044), tell_time)
