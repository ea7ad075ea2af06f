"""What a greeting server says, whatever it is asked.

Knows no sockets. Not a program: the servers beside it import it.
"""


def reply(message=b""):
    """The reply to one message, or to none, without a terminator."""
    return "Thank you for connecting"
