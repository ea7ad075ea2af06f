"""What a calculator request means: one message in, the text of its reply out.

    10 20 +      Sum of 10 and 20 is 30
    5 + 6        5+6 = 11
    (+, 5, 6)    5+6 = 11
    5 +          ERR syntax

Knows no sockets. Not a program: the servers beside it import it.
"""

import re
import string

from framing import RequestError, answered

NAMES = {"+": "Sum", "-": "Diff", "*": "Product", "/": "Div"}

# Spelled out in ASCII: \d and \s would take every digit and blank that Unicode has.
BLANK = "[ \t]"
LEFT = "(?P<left>[+-]?[0-9]+)"
RIGHT = "(?P<right>[+-]?[0-9]+)"
# Any punctuation that could be an operator, so that `5 % 6` is told from nonsense.
OPERATOR = "(?P<operator>[{}])".format(
    re.escape("".join(sorted(set(string.punctuation) - set("(),._"))))
)

POSTFIX = re.compile(f"{LEFT}{BLANK}+{RIGHT}{BLANK}+{OPERATOR}")
INFIX = re.compile(f"{LEFT}{BLANK}*{OPERATOR}{BLANK}*{RIGHT}")
TUPLE = re.compile(
    rf"\({BLANK}*{OPERATOR}{BLANK}*,{BLANK}*{LEFT}{BLANK}*,{BLANK}*{RIGHT}{BLANK}*\)"
)


def reply(message):
    """The reply to one message, right or wrong, without a terminator."""
    return answered(message, answer)


def answer(request):
    """The reply to a well-formed request; RequestError for any other."""
    request = request.strip(" \t")
    if not request:
        raise RequestError("empty")

    postfix = POSTFIX.fullmatch(request)
    found = postfix or INFIX.fullmatch(request) or TUPLE.fullmatch(request)
    if not found:
        raise RequestError("syntax")

    left, operator, right = found.group("left", "operator", "right")
    if operator not in NAMES:
        raise RequestError("operator")

    result = calculate(int(left), operator, int(right))
    if postfix:
        return f"{NAMES[operator]} of {left} and {right} is {result}"
    return f"{left}{operator}{right} = {result}"


def calculate(left, operator, right):
    """Exact for `+ - *`; a float for `/`, as Python divides integers."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        raise RequestError("division-by-zero")
    try:
        return left / right
    except OverflowError:
        raise RequestError("range") from None
