"""The message server as the classroom first wrote it: it thanks one client for one recv, and ends."""

import socket

PORT = 40

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("localhost", PORT))
server.listen(10)

connection, peer = server.accept()
print(connection.recv(1024).decode())
connection.send("Thanks...".encode())
connection.close()
server.close()
