"""What a word-length request means: one message in, the text of its reply out.

    hello wörld      5 h, 5 w
                     ERR empty

A character is one of Unicode's scalar values, as the characters of a Python string are.
Knows no sockets. Not a program: the servers beside it import it.
"""

import re

from framing import RequestError, answered

WORD = re.compile("[^ \t]+")  # str.split() would split at every blank that Unicode has


def reply(message):
    """The reply to one message, right or wrong, without a terminator."""
    return answered(message, answer)


def answer(request):
    """The reply to a request that has words; RequestError for any other."""
    words = WORD.findall(request)
    if not words:
        raise RequestError("empty")
    return ", ".join(f"{len(word)} {word[0]}" for word in words)
