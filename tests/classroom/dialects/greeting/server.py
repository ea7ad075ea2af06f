"""A calculator that greets: Welcome to the calculator, then 5 + 6 is answered with Result is: 11, and quit with Bye."""

import socket
import sys
import threading

OPERATIONS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}


def answer(request):
    try:
        left, operator, right = request.split()
        return f"Result is: {OPERATIONS[operator](int(left), int(right))}"
    except ZeroDivisionError:
        return "Cannot divide by zero"
    except (ValueError, KeyError):
        return "Bad request"


def converse(connection):
    with connection, connection.makefile(encoding="utf-8", errors="replace", newline="\n") as requests:
        connection.sendall(b"Welcome to the calculator\n")
        for request in requests:
            if request.strip() == "quit":
                connection.sendall(b"Bye\n")
                break
            connection.sendall((answer(request) + "\n").encode())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
