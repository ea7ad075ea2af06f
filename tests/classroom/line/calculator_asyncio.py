"""A calculator server on TCP, with one thread and asyncio for all clients.

    python3 calculator_asyncio.py [PORT]       PORT is 8040 when omitted, 0 for any free one

Ctrl-C or SIGTERM stops it.
"""

import asyncio
import contextlib
import signal
import sys

from arithmetic import reply
from framing import LineReader

GRACE = 0.5  # seconds that a reply half sent may take to be finished when we stop

conversations = set()  # tasks; asyncio alone would not keep them alive


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))

    server = await asyncio.start_server(welcome, "127.0.0.1", port, reuse_address=True)
    print("listening on {}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await stop.wait()

    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)  # once is enough
    server.close()  # asyncio.run cancels the conversations


def welcome(reader, writer):
    """Give each client a task of its own."""
    conversation = asyncio.create_task(converse(reader, writer))
    conversations.add(conversation)
    conversation.add_done_callback(conversations.discard)


async def converse(reader, writer):
    """Answer one client until it has ended its side or is gone."""
    lines = LineReader()
    try:
        while octets := await reader.read(4096):
            await send_replies(writer, lines.push(octets))
        await send_replies(writer, lines.end())
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass  # the client reset the connection or vanished
    except asyncio.CancelledError:  # the server stops
        writer.close()
        with contextlib.suppress(OSError):  # a TimeoutError is one, too
            await asyncio.wait_for(writer.wait_closed(), GRACE)
    finally:
        writer.transport.abort()


async def send_replies(writer, messages):
    """Send the replies; wait while the client does not read them."""
    writer.write("".join(reply(message) + "\n" for message in messages).encode())
    await writer.drain()
    await asyncio.sleep(0)  # however much this client sends, the others get their turn


if __name__ == "__main__":
    asyncio.run(main())
