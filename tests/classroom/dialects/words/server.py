"""A calculator of commands, in lines that end with CR LF: CALC ADD 5 6 gets OK 11, anything wrong gets ERR and why."""

import socket
import sys
import threading


def answer(request):
    command, *words = request.split(" ")
    if command != "CALC":
        return "ERR unknown command"
    try:
        operation, left, right = words[0], int(words[1]), int(words[2])
    except (IndexError, ValueError):
        return "ERR two integers wanted"
    if operation == "ADD":
        return f"OK {left + right}"
    if operation == "SUB":
        return f"OK {left - right}"
    if operation == "MUL":
        return f"OK {left * right}"
    if operation != "DIV":
        return "ERR unknown operation"
    return f"OK {left / right:.3f}" if right else "ERR division by zero"


def converse(connection):
    received = b""
    with connection:
        while octets := connection.recv(1024):
            *lines, received = (received + octets).split(b"\r\n")
            for line in lines:
                connection.sendall((answer(line.decode(errors="replace")) + "\r\n").encode())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
