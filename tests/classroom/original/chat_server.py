"""The chat server as the classroom first wrote it: with one client, a recv and a typed line take turns.

An empty line that is typed ends it. That its client has gone it does not notice.
"""

import socket

HOST = "127.0.0.1"
PORT = 65432

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
    server.bind((HOST, PORT))
    server.listen()
    connection, peer = server.accept()
    with connection:
        while True:
            print("Recived from client: ", connection.recv(1024).decode())
            message = input("Enter a message to send: ")
            if not message:
                break
            connection.sendall(message.encode())
