"""A right server of small functions, to try the Python of the requirements' pages in.

    python3 server.py SERVICE TRANSPORT PORT [FILE]

What FILE defines takes the place of what is called the same here: a mistake and its mend are
each a few functions, and the rest of the server stays as it is.
"""

import os
import re
import socket
import string
import sys
import threading
import unicodedata
from datetime import datetime


# Sockets


def listen(port):
    """A TCP socket that listens."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(128)
    return server


def welcome(server):
    """A thread for each client."""
    while True:
        connection, _ = server.accept()
        threading.Thread(target=attend, args=[connection], daemon=True).start()


def attend(connection):
    """One client, whatever becomes of it."""
    try:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serve(connection)
    except OSError:
        pass  # it is gone


def serve(connection):
    """A conversation: a reply to each line."""
    for line in connection.makefile("rb"):
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        send(connection, reply(line))


def announce(connection):
    """An announcement: a reply to whoever connects."""
    send(connection, announcement())
    connection.shutdown(socket.SHUT_WR)
    # To close before all is read would reset the connection.
    connection.settimeout(1)
    while connection.recv(4096):
        pass


def send(connection, text):
    """One reply on TCP."""
    connection.sendall((text + "\n").encode())


def bind(port):
    """A UDP socket."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    return server


def serve_datagrams(server):
    """A reply to each datagram."""
    while True:
        datagram, peer = server.recvfrom(65535)
        if datagram.endswith(b"\n"):
            datagram = datagram[:-1].removesuffix(b"\r")
        server.sendto(reply(datagram).encode(), peer)


def announce_datagrams(server):
    """The announcement to each datagram."""
    while True:
        _, peer = server.recvfrom(65535)
        server.sendto(announcement().encode(), peer)


# Talks and visits


def talk_on(server):
    """One client after the other."""
    while True:
        connection, _ = server.accept()
        try:
            with connection:
                talk(connection)
        except OSError:
            pass  # it is gone


def talk(connection):
    """Turns with one client."""
    for line in lines(connection):
        said = heard(line)
        if not said:
            return
        show(said)
        reply = typed()
        if not reply:
            return
        say(connection, reply)


def lines(connection):
    """What a client sends, line by line."""
    for line in connection.makefile("rb"):
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def heard(line):
    """What a line says; nothing where it is not text."""
    try:
        return text(line)
    except ValueError:
        return ""


def typed():
    """The line that the operator types."""
    return sys.stdin.readline().removesuffix("\n")


def say(connection, reply):
    """One line to the client."""
    connection.sendall((reply + "\n").encode())


def visit_on(server):
    """Each client that comes."""
    while True:
        connection, _ = server.accept()
        try:
            with connection:
                visit(connection)
        except OSError:
            pass  # it is gone


def visit(connection):
    """A client that is here."""
    show("Connection is established...")


# Messages


def reply(message):
    """The reply to the octets of a request."""
    try:
        return answer(text(message))
    except ValueError as code:
        return f"ERR {code}"


def text(message):
    """The text of a request."""
    if not fits(message):
        raise ValueError("too-long")
    decoded = decode(message)
    if has_controls(decoded):
        raise ValueError("encoding")
    return decoded


def fits(message):
    """Whether it is short enough."""
    return len(message) <= 1023


def decode(message):
    """The characters of its octets."""
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("encoding")


def has_controls(decoded):
    """Whether a control character is among them, but for HTAB."""
    return any(unicodedata.category(char) == "Cc" for char in decoded if char != "\t")


# The calculator

WORDS = {"+": "Sum", "-": "Diff", "*": "Product", "/": "Div"}


def calculator(request):
    """The reply to a request of the calculator."""
    if is_blank(request):
        raise ValueError("empty")
    request = request.strip(" \t")
    for read, spelled in READ:
        if found := globals()[read](request):
            left, operator, right = found
            integer(left), integer(right)
            check_operator(operator)
            return globals()[spelled](left, operator, right, calculate(left, operator, right))
    raise ValueError("syntax")


READ = [("read_postfix", "postfix_reply"), ("read_infix", "infix_reply"), ("read_tuple", "tuple_reply")]


def is_blank(request):
    """Whether nothing but blanks is in it."""
    return request.strip(" \t") == ""


def read_postfix(request):
    """Left operand, operator and right operand of `10 20 +`."""
    found = re.fullmatch(r"([^ \t(]+)[ \t]+([^ \t]+)[ \t]+([^\w \t])", request)
    return found and (found[1], found[3], found[2])


def read_infix(request):
    """Those of `5 + 6`."""
    found = re.fullmatch(r"([+-]?\w+)[ \t]*([^\w \t])[ \t]*([+-]?\w+)", request)
    return found and found.groups()


def read_tuple(request):
    """Those of `(+, 5, 6)`."""
    parts = [part.strip(" \t") for part in request[1:-1].split(",")]
    if request[0] == "(" and request[-1] == ")" and len(parts) == 3 and len(parts[0]) == 1:
        operator, left, right = parts
        return left, operator, right


def integer(word):
    """The integer that a word spells."""
    if not re.fullmatch("[+-]?[0-9]+", word):
        raise ValueError("syntax")
    return int(word)


UNKNOWN = set(string.punctuation) - set("()*+,-./_")


def check_operator(operator):
    """Refuse what is not among the four."""
    if operator in UNKNOWN:
        raise ValueError("operator")
    if operator not in WORDS:
        raise ValueError("syntax")


def calculate(left, operator, right):
    """The result, as it is spelled."""
    if operator == "+":
        return int(left) + int(right)
    if operator == "-":
        return int(left) - int(right)
    if operator == "*":
        return int(left) * int(right)
    return spell(divide(left, right))


def divide(left, right):
    """A quotient."""
    try:
        return int(left) / int(right)
    except ZeroDivisionError:
        raise ValueError("division-by-zero")
    except OverflowError:
        raise ValueError("range")


def spell(quotient):
    """A quotient as it is written."""
    return str(quotient)


def postfix_reply(left, operator, right, result):
    """The reply to `10 20 +`."""
    return f"{WORDS[operator]} of {left} and {right} is {result}"


def infix_reply(left, operator, right, result):
    """The reply to `5 + 6`."""
    return f"{left}{operator}{right} = {result}"


def tuple_reply(left, operator, right, result):
    """The reply to `(+, 5, 6)`."""
    return f"{left}{operator}{right} = {result}"


# The other services


def word_length(request):
    """The reply to words."""
    return ", ".join(pair(word) for word in words(request))


def words(request):
    """The words of a request."""
    found = request.split()
    if not found:
        raise ValueError("empty")
    return found


def pair(word):
    """How long a word is, and how it begins."""
    return f"{len(word)} {word[0]}"


def message(request):
    """The reply to a message."""
    if not request:
        raise ValueError("empty")
    show(request)
    return "Thanks..."


os.set_blocking(sys.stdout.fileno(), False)


def show(request):
    """Print a message."""
    try:
        print(request, flush=True)
    except OSError:
        pass  # nobody reads it


def greeting():
    """What whoever connects is told."""
    return "Thank you for connecting"


def now():
    """The time of day."""
    return str(datetime.now())


service, transport, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if service in ("greeting", "time"):
    announcement = greeting if service == "greeting" else now
    serve, serve_datagrams = announce, announce_datagrams
elif service not in ("chat", "connect"):
    answer = {"calculator": calculator, "word-length": word_length, "message": message}[service]
for file in sys.argv[4:]:
    with open(file, encoding="utf-8") as source:
        exec(compile(source.read(), file, "exec"), globals())
if service == "chat":
    talk_on(listen(port))
elif service == "connect":
    visit_on(listen(port))
elif transport == "tcp":
    welcome(listen(port))
else:
    serve_datagrams(bind(port))
