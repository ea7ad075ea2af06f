"""A client for the connect server: it connects, and that is all."""

import socket

PORT = 30

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("localhost", PORT))
print("Connected to the server...")
client.close()
