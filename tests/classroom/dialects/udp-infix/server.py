"""The homework over UDP: 5 + 6, or (+, 5, 6), is answered with 5+6 = 11, and anything else with Invalid."""

import re
import socket
import sys

INFIX = re.compile(r"\s*(?P<left>[+-]?\d+)\s*(?P<operator>[-+*/])\s*(?P<right>[+-]?\d+)\s*", re.ASCII)
TUPLE = re.compile(
    r"\s*\(\s*(?P<operator>[-+*/])\s*,\s*(?P<left>[+-]?\d+)\s*,\s*(?P<right>[+-]?\d+)\s*\)\s*", re.ASCII
)
OPERATIONS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}


def answer(request):
    match = INFIX.fullmatch(request) or TUPLE.fullmatch(request)
    if not match:
        return "Invalid"
    left, operator, right = match["left"], match["operator"], match["right"]
    try:
        return f"{left}{operator}{right} = {OPERATIONS[operator](int(left), int(right))}"
    except ZeroDivisionError:
        return "Invalid"


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("localhost", port))
    while True:
        request, peer = server.recvfrom(65535)
        server.sendto(answer(request.decode(errors="replace")).encode(), peer)
