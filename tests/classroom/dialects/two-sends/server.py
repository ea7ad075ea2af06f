"""A calculator that is asked in two sends: the numbers, to which it says OK, and the operator, for the result.

Then it closes. Nothing tells where a message ends: each is what one recv returns.
"""

import socket
import sys
import threading


def answer(numbers, operator):
    try:
        left, right = (int(number) for number in numbers.split())
    except ValueError:
        return "error"
    if operator == "+":
        return str(left + right)
    if operator == "-":
        return str(left - right)
    if operator == "*":
        return str(left * right)
    if operator == "/" and right:
        return str(left / right)
    return "error"


def converse(connection):
    with connection:
        numbers = connection.recv(1024).decode(errors="replace")
        connection.sendall(b"OK")
        operator = connection.recv(1024).decode(errors="replace")
        connection.sendall(answer(numbers, operator.strip()).encode())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
