"""A calculator whose fields stand between # and whose messages end with ; as in +#5#6; and 11; or error;"""

import socket
import sys
import threading


def answer(request):
    try:
        operator, left, right = request.split("#")
        left, right = int(left), int(right)
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
    received = ""
    with connection:
        while octets := connection.recv(1024):
            *requests, received = (received + octets.decode("ascii", "replace")).split(";")
            for request in requests:
                connection.sendall((answer(request) + ";").encode())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
