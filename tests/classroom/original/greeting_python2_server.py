"""The greeting server of the old notes, in which Python 2 still shows.

Only bytes can be sent: its first client gets none, and it ends with a TypeError.
"""

import socket

PORT = 12345

server = socket.socket()
server.bind(("localhost", PORT))
server.listen(5)

while True:
    connection, peer = server.accept()
    connection.send("Thank you for connecting")
    connection.close()
