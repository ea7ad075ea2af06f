//! ABNF rules that services share. Each parser bears the name of its rule.

use jiff::civil::DateTime;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{all_consuming, map_res, opt, recognize, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::error::ErrorCode;
use crate::framing::is_char;

/// `blank = SP / HTAB`
pub fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// `*blank`
pub fn blanks(input: &str) -> IResult<&str, &str> {
    take_while(is_blank).parse(input)
}

/// `1*blank`
pub fn blanks1(input: &str) -> IResult<&str, &str> {
    take_while1(is_blank).parse(input)
}

/// `sign = "+" / "-"`
pub fn sign(input: &str) -> IResult<&str, char> {
    alt((char('+'), char('-'))).parse(input)
}

/// `1*DIGIT`
pub fn digits(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_digit()).parse(input)
}

/// `positive = %x31-39 *DIGIT`
pub fn positive(input: &str) -> IResult<&str, &str> {
    recognize((one_of("123456789"), opt(digits))).parse(input)
}

/// `integer = [sign] 1*DIGIT`, as it is spelled.
pub fn integer(input: &str) -> IResult<&str, &str> {
    recognize((opt(sign), digits)).parse(input)
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

/// `time = 4DIGIT "-" 2DIGIT "-" 2DIGIT SP 2DIGIT ":" 2DIGIT ":" 2DIGIT ["." 6DIGIT]`, where that is a date and a time.
pub fn time(input: &str) -> IResult<&str, DateTime> {
    let parts = (
        number(4),
        preceded(char('-'), number(2)),
        preceded(char('-'), number(2)),
        preceded(char(' '), number(2)),
        preceded(char(':'), number(2)),
        preceded(char(':'), number(2)),
        opt(preceded(char('.'), number(6))),
    );
    let date =
        |(year, month, day, hour, minute, second, fraction): (_, _, _, _, _, _, Option<_>)| {
            // Each has at most six digits.
            let [year, month, day] = [year, month, day].map(|it: u32| it as i16);
            let [hour, minute, second] = [hour, minute, second].map(|it: u32| it as i8);
            let nanoseconds = fraction.unwrap_or(0) as i32 * 1000;
            DateTime::new(year, month as i8, day as i8, hour, minute, second, nanoseconds)
        };
    all_consuming(map_res(parts, date)).parse(input)
}

/// So many digits.
fn number<'a>(
    digits: usize,
) -> impl Parser<&'a str, Output = u32, Error = nom::error::Error<&'a str>> {
    map_res(take_while_m_n(digits, digits, |c: char| c.is_ascii_digit()), str::parse)
}
