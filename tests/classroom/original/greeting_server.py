"""The greeting server as the classroom first wrote it: it is at the name of this machine, not at localhost."""

import socket

PORT = 12345

server = socket.socket()
server.bind((socket.gethostname(), PORT))
server.listen(5)

while True:
    connection, peer = server.accept()
    connection.send(b"Thank you for connecting")
    connection.close()
