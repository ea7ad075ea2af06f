"""A calculator whose messages are 64 octets each, filled up with blanks: 5 + 6, and 11 or error."""

import socket
import sys
import threading

SIZE = 64
OPERATIONS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}


def answer(request):
    try:
        left, operator, right = request.split()
        return str(OPERATIONS[operator](int(left), int(right)))
    except (ValueError, KeyError, ZeroDivisionError):
        return "error"


def converse(connection):
    received = b""
    with connection:
        while octets := connection.recv(SIZE - len(received)):
            received += octets
            if len(received) == SIZE:
                reply = answer(received.decode(errors="replace"))
                connection.sendall(reply.ljust(SIZE).encode())
                received = b""


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
