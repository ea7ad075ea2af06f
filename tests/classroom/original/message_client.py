"""The message client as the classroom first wrote it: what it says is always the same."""

import socket

PORT = 40

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("localhost", PORT))
client.send("Hello Server HBD".encode())
print(client.recv(1024).decode())
client.close()
