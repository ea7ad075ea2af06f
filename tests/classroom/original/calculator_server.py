"""The calculator server as the classroom first wrote it, its faults kept on purpose.

It takes one recv for one request, ends on whatever it does not understand, and cannot be
started again on its port until its last connection is forgotten. For a server that does it
right, see ../line/calculator_threaded.py.
"""

import socket

PORT = 40

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("localhost", PORT))
server.listen(5)

while True:
    connection, peer = server.accept()  # lets go of the connection before it
    left, right, operator = connection.recv(1024).decode().split()
    if operator == "+":
        result = f"Sum of {left} and {right} is {int(left) + int(right)}"
    elif operator == "-":
        result = f"Diff of {left} and {right} is {int(left) - int(right)}"
    elif operator == "*":
        result = f"Product of {left} and {right} is {int(left) * int(right)}"
    elif operator == "/":
        result = f"Div of {left} and {right} is {int(left) / int(right)}"
    else:
        break
    connection.send(result.encode())
