//! ABNF rules that services share. Each parser bears the name of its rule.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, one_of, satisfy};
use nom::combinator::{opt, recognize, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::error::ErrorCode;
use crate::framing::is_char;

/// `blank = SP / HTAB`
pub fn blank(input: &str) -> IResult<&str, char> {
    satisfy(is_blank).parse(input)
}

/// Whether a character matches `blank`.
pub fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// `*blank`
pub(crate) fn blanks(input: &str) -> IResult<&str, &str> {
    take_while(is_blank).parse(input)
}

/// `1*blank`
pub(crate) fn blanks1(input: &str) -> IResult<&str, &str> {
    take_while1(is_blank).parse(input)
}

/// `sign = "+" / "-"`
pub fn sign(input: &str) -> IResult<&str, char> {
    alt((char('+'), char('-'))).parse(input)
}

/// `1*DIGIT`
pub(crate) fn digits(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_digit()).parse(input)
}

/// `positive = %x31-39 *DIGIT`
pub fn positive(input: &str) -> IResult<&str, &str> {
    recognize((one_of("123456789"), opt(digits))).parse(input)
}

/// `error = %s"ERR" SP code [SP detail]`
pub fn error(input: &str) -> IResult<&str, (ErrorCode, Option<&str>)> {
    preceded(tag("ERR "), (code, opt(preceded(char(' '), detail)))).parse(input)
}

/// `code = %s"too-long" / %s"encoding" / %s"empty" / %s"syntax" / %s"operator" / %s"division-by-zero" / %s"range"`
pub fn code(input: &str) -> IResult<&str, ErrorCode> {
    let code = |code: ErrorCode| value(code, tag(code.as_str()));
    let [a, b, c, d, e, f, g] = ErrorCode::ALL.map(code);
    alt((a, b, c, d, e, f, g)).parse(input)
}

/// `detail = 1*char`
pub fn detail(input: &str) -> IResult<&str, &str> {
    take_while1(is_char).parse(input)
}
