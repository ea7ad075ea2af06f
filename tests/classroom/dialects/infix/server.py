"""A calculator that speaks infix, a line each way: 5+6 or 5 + 6, and the bare 11; for anything else, error."""

import re
import socket
import sys
import threading

REQUEST = re.compile(r"\s*([+-]?\d+)\s*([-+*/])\s*([+-]?\d+)\s*", re.ASCII)


def answer(request):
    match = REQUEST.fullmatch(request)
    if not match:
        return "error"
    left, operator, right = int(match[1]), match[2], int(match[3])
    if operator == "/":
        return str(left / right) if right else "error"
    return str({"+": left + right, "-": left - right, "*": left * right}[operator])


def converse(connection):
    with connection, connection.makefile(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            connection.sendall((answer(line) + "\n").encode())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
