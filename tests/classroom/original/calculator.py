"""The calculator server as the classroom first wrote it, its faults kept on purpose.

    python3 calculator.py [PORT]      PORT is 40 when omitted, 0 for any free one

It takes one recv for one request, ends on whatever it does not understand, and cannot be
started again on the same port until its last connection is forgotten. For a server that
does it right, see ../line/calculator_threaded.py.
"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 40))
server.listen(5)
print("listening on {}:{}".format(*server.getsockname()), flush=True)

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
