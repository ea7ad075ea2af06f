"""Prints lines on a standard output that may be closed, or that nobody may be reading.

A write to a full pipe returns once somebody reads from it, which may be never. So a line
for which there is no room is not printed.

Not a program: the message servers beside it import it.
"""

import contextlib
import os
import sys
import threading

turn = threading.Lock()


def show(text):
    """Print a line at once, or not at all."""
    if sys.stdout is None:
        return  # it is closed, and its number may be that of a socket by now
    output = sys.stdout.fileno()
    with turn, contextlib.suppress(OSError):  # nobody reads it, or nobody ever will again
        os.set_blocking(output, False)  # only while we write: others may share it
        try:
            os.write(output, text.encode() + b"\n")  # UTF-8 whatever the locale
        finally:
            os.set_blocking(output, True)
