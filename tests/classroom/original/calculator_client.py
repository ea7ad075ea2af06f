"""The calculator client as the classroom first wrote it: one command, one recv, and it ends."""

import socket

PORT = 40

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("localhost", PORT))
command = input("Enter Command ")
client.send(command.encode())
print(client.recv(1024).decode())
client.close()
