"""A TCP server with one thread and asyncio for all clients, for any service.

Not a program: those named *_asyncio.py import it.
"""

import asyncio
import contextlib
import signal

from framing import LineReader
from lifetime import listener, on_stop, reset_on_close

SEATS = 200  # clients at once; the next ones wait in the backlog until a seat is free

conversations = set()  # tasks; asyncio alone would not keep them alive


def serve(port, reply):
    """Answer each message of each client with what `reply` makes of it."""
    serve_each(port, lambda reader, writer: converse(reader, writer, reply))


def serve_each(port, talk):
    """Let a task `talk` with each client over its two streams."""
    asyncio.run(run(port, talk))


async def run(port, talk):
    """Welcome clients until a signal comes."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    on_stop(lambda *_: loop.call_soon_threadsafe(stop.set))
    welcoming = asyncio.create_task(welcome(listener(port), talk))
    await stop.wait()

    on_stop(signal.SIG_IGN)  # once is enough
    welcoming.cancel()  # asyncio.run cancels the conversations


async def welcome(server, talk):
    """Begin the conversation with each new client."""
    server.setblocking(False)
    seats = asyncio.Semaphore(SEATS)
    while True:
        await seats.acquire()
        try:
            connection, _ = await asyncio.get_running_loop().sock_accept(server)
        except OSError:  # that client is gone already, or too many files are open
            seats.release()
            await asyncio.sleep(0.01)
            continue
        conversation = asyncio.create_task(attend(talk, connection))
        conversations.add(conversation)
        conversation.add_done_callback(conversations.discard)
        conversation.add_done_callback(lambda _: seats.release())


async def attend(talk, connection):
    """Talk with one client, whatever becomes of it."""
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        await talk(reader, writer)
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass  # the client reset the connection or vanished
    except asyncio.CancelledError:  # the server stops, and half a reply must not look like a whole one
        with contextlib.suppress(OSError):  # it may be closed already
            reset_on_close(connection, writer.transport.get_write_buffer_size() > 0)
    finally:
        writer.transport.abort()


async def converse(reader, writer, reply):
    """Answer one client until it has ended its side."""
    lines = LineReader()
    while octets := await reader.read(4096):
        await send_replies(writer, map(reply, lines.push(octets)))
    await send_replies(writer, map(reply, lines.end()))


async def send_replies(writer, replies):
    """Send the replies; wait while the client does not read them."""
    writer.write("".join(reply + "\n" for reply in replies).encode())
    await writer.drain()
    await asyncio.sleep(0)  # however much this client sends, the others get their turn
