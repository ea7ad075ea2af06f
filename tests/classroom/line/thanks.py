"""What a message gets: it is printed, and the reply is thanks.

    Hello Server HBD      Thanks...
                          ERR empty

Knows no sockets. Not a program: the servers beside it import it.
"""

from framing import RequestError, answered
from printing import show


def reply(message):
    """The reply to one message, right or wrong, without a terminator."""
    return answered(message, answer)


def answer(request):
    """Print the request and give thanks; RequestError when there is nothing to print."""
    if not request:
        raise RequestError("empty")
    show(request)
    return "Thanks..."
