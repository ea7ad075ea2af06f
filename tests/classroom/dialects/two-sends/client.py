"""A client that asks in two sends, the numbers and the operator, on a connection for each line that is typed."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
for typed in sys.stdin:
    words = typed.split()
    operator = next((word for word in words if word in "+-*/"), "?")
    numbers = [word for word in words if word != operator]
    with socket.create_connection((host, port)) as connection:
        connection.sendall(" ".join(numbers).encode())
        if connection.recv(1024) != b"OK":
            break
        connection.sendall(operator.encode())
        print(connection.recv(1024).decode(), flush=True)
