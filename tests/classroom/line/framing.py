"""Where a message of the `line` dialect begins and ends, and which text it holds.

Knows no sockets and no service: octets come in, messages come out. A message is
still octets here, without its terminator; `text` turns it into a string. An over-long
message is told by its length alone.

Not a program: the servers beside it import it.
"""

import re

LIMIT = 1023  # octets of text in a request; the terminator does not count

CONTROL_CHARACTER = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")  # C0 but HTAB, DEL, C1


class RequestError(Exception):
    """A request that gets `ERR` and this code."""


def text(message):
    """The text of one message; RequestError if it is too long or is not text."""
    if len(message) > LIMIT:
        raise RequestError("too-long")
    try:
        decoded = message.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError("encoding") from None
    if CONTROL_CHARACTER.search(decoded):
        raise RequestError("encoding")
    return decoded


def answered(message, answer):
    """The reply to one message, without a terminator: what `answer` says to its text, or an error."""
    try:
        return answer(text(message))
    except RequestError as error:
        return f"ERR {error}"


def datagram_message(datagram):
    """The message in a datagram: one trailing LF or CRLF does not count."""
    if datagram.endswith(b"\n"):
        return without_cr(datagram[:-1])
    return datagram


def without_cr(line):
    """The line without the CR that may stand before its LF."""
    return line.removesuffix(b"\r")


class LineReader:
    """Cuts what arrives on one TCP connection into lines, however it was segmented."""

    def __init__(self):
        self.rest = b""  # a line whose LF has not come yet
        self.discarding = False  # an over-long line is known, its LF has not come yet

    def push(self, octets):
        """Take what recv returned; return the messages that this completes."""
        *lines, self.rest = (self.rest + octets).split(b"\n")
        if self.discarding and lines:
            del lines[0]
            self.discarding = False
        messages = [without_cr(line) for line in lines]

        if self.discarding:
            self.rest = b""
        elif len(without_cr(self.rest)) > LIMIT:  # a last CR may yet belong to a CRLF
            messages.append(self.rest)
            self.rest = b""
            self.discarding = True
        return messages

    def end(self):
        """The client sends no more; an unterminated rest is its last message."""
        return [without_cr(self.rest)] if self.rest else []
