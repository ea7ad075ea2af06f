"""A calculator that is told how long each message is: two octets, the greater first, and then 5 + 6 or 5 + 6 = 11."""

import socket
import struct
import sys
import threading

OPERATIONS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}


def answer(request):
    try:
        left, operator, right = request.split()
        return f"{left} {operator} {right} = {OPERATIONS[operator](int(left), int(right))}"
    except (ValueError, KeyError, ZeroDivisionError):
        return "error"


def receive(connection, length):
    """So many octets, or fewer at the end."""
    octets = b""
    while len(octets) < length and (more := connection.recv(length - len(octets))):
        octets += more
    return octets


def converse(connection):
    with connection:
        while len(head := receive(connection, 2)) == 2:
            (length,) = struct.unpack(">H", head)
            reply = answer(receive(connection, length).decode(errors="replace")).encode()
            connection.sendall(struct.pack(">H", len(reply)) + reply)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
