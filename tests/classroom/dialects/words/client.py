"""A client of commands: 5 + 6 is typed, CALC ADD 5 6 is sent, and the status line is printed."""

import socket
import sys

NAMES = {"+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV"}

host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port)) as connection:
    replies = connection.makefile(encoding="utf-8", newline="\r\n")
    for typed in sys.stdin:
        request = typed.rstrip("\n")
        if len(words := request.split()) == 3 and words[1] in NAMES:
            request = f"CALC {NAMES[words[1]]} {words[0]} {words[2]}"
        connection.sendall((request + "\r\n").encode())
        reply = replies.readline()
        if not reply:
            break
        print(reply.rstrip("\r\n"), flush=True)
