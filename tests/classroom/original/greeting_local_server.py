"""The greeting server as the classroom first wrote it: the other one, at localhost."""

import socket

PORT = 12345

server = socket.socket()
server.bind(("localhost", PORT))
server.listen(5)

while True:
    connection, peer = server.accept()
    connection.send(b"Thank you for connecting")
    connection.close()
