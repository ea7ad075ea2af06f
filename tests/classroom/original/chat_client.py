"""The chat client as the classroom first wrote it: what is typed and one recv take turns.

An empty line that is typed ends it. It prints the bytes as Python spells them.
"""

import socket

HOST = "127.0.0.1"
PORT = 65432

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
    client.connect((HOST, PORT))
    while True:
        message = input("Enter a message to send: ")
        if not message:
            break
        client.sendall(message.encode())
        print("Received from server:", client.recv(1024))
