"""The connect server as the classroom first wrote it: it sees one client connect, and ends."""

import socket

PORT = 30

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("localhost", PORT))
server.listen()

connection, peer = server.accept()
print("Connection is established...")
connection.close()
server.close()
