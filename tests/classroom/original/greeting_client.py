"""The greeting client as the classroom first wrote it: it looks for the server at the name of this machine."""

import socket

PORT = 12345

client = socket.socket()
client.connect((socket.gethostname(), PORT))
print("Received from server: ", client.recv(1024).decode())
client.close()
