"""A message server for which a message is all that a client sends until it ends its half.

It prints the message, says Thanks... and closes.
"""

import socket
import sys
import threading


def converse(connection):
    message = b""
    with connection:
        while octets := connection.recv(1024):
            message += octets
        print(message.decode(errors="replace"), flush=True)
        connection.sendall(b"Thanks...")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8040
with socket.create_server(("localhost", port)) as server:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
