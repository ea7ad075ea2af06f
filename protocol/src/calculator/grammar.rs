//! The grammar of calculator requests and replies (SPEC.md 5.1 and 5.2). Each parser bears the name of its rule.

use alloc::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::character::complete::{char, one_of, satisfy};
use nom::combinator::{eof, map, map_res, opt, recognize, value};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::request::{Integer, Notation, Operator, Request};
use crate::error::ErrorCode;
use crate::grammar::{blanks, blanks1, digits, error, positive, sign};

/// `request = *blank (postfix / infix / tuple) *blank`, to the end of the text.
///
/// `None` stands for a request that would match if its unknown operator were one (CALC-17).
pub fn request(input: &str) -> IResult<&str, Option<Request<'_>>> {
    let notation = alt((terminated(postfix, end), terminated(infix, end), terminated(tuple, end)));
    preceded(blanks, notation).parse(input)
}

/// `postfix = integer 1*blank integer 1*blank operator`
pub fn postfix(input: &str) -> IResult<&str, Option<Request<'_>>> {
    let parts = (terminated(integer, blanks1), terminated(integer, blanks1), any_operator);
    map(parts, |(left, right, operator)| of(Notation::Postfix, operator, left, right)).parse(input)
}

/// `infix = integer *blank operator *blank integer`
pub fn infix(input: &str) -> IResult<&str, Option<Request<'_>>> {
    let parts = (integer, delimited(blanks, any_operator, blanks), integer);
    map(parts, |(left, operator, right)| of(Notation::Infix, operator, left, right)).parse(input)
}

/// `tuple = "(" *blank operator *blank "," *blank integer *blank "," *blank integer *blank ")"`
pub fn tuple(input: &str) -> IResult<&str, Option<Request<'_>>> {
    let parts = (
        preceded((char('('), blanks), any_operator),
        preceded((blanks, char(','), blanks), integer),
        delimited((blanks, char(','), blanks), integer, (blanks, char(')'))),
    );
    map(parts, |(operator, left, right)| of(Notation::Tuple, operator, left, right)).parse(input)
}

/// `integer = [sign] 1*DIGIT`
pub fn integer(input: &str) -> IResult<&str, Integer<'_>> {
    map_res(recognize((opt(sign), digits)), |spelled: &str| {
        spelled.parse().map(|value| Integer { spelled: Cow::Borrowed(spelled), value })
    })
    .parse(input)
}

/// `operator = "+" / "-" / "*" / "/"`
pub fn operator(input: &str) -> IResult<&str, Operator> {
    let symbol = |operator: Operator| value(operator, char(operator.symbol()));
    let [add, subtract, multiply, divide] = Operator::ALL.map(symbol);
    alt((add, subtract, multiply, divide)).parse(input)
}

/// `unknown-operator = %x21-27 / %x3A-40 / %x5B-5E / %x60 / %x7B-7E`
pub fn unknown_operator(input: &str) -> IResult<&str, char> {
    satisfy(|c| matches!(c, '!'..='\'' | ':'..='@' | '['..='^' | '`' | '{'..='~')).parse(input)
}

fn end(input: &str) -> IResult<&str, ()> {
    value((), (blanks, eof)).parse(input)
}

fn any_operator(input: &str) -> IResult<&str, Option<Operator>> {
    alt((map(operator, Some), value(None, unknown_operator))).parse(input)
}

fn of<'a>(
    notation: Notation,
    operator: Option<Operator>,
    left: Integer<'a>,
    right: Integer<'a>,
) -> Option<Request<'a>> {
    operator.map(|operator| Request { notation, operator, left, right })
}

/// `reply = postfix-reply / infix-reply / error`
///
/// The operation, and the result as it is spelled; or why there is none.
pub fn reply(input: &str) -> IResult<&str, Result<(Request<'_>, &str), ErrorCode>> {
    let served = alt((postfix_reply, infix_reply));
    alt((map(served, Ok), map(error, |(code, _)| Err(code)))).parse(input)
}

/// `postfix-reply = (%s"Sum" / %s"Diff" / %s"Product" / %s"Div") %s" of " integer %s" and " integer %s" is " result`
///
/// The operation, and the result as it is spelled.
pub fn postfix_reply(input: &str) -> IResult<&str, (Request<'_>, &str)> {
    let word = |operator: Operator| value(operator, tag(operator.word()));
    let [add, subtract, multiply, divide] = Operator::ALL.map(word);
    let parts = (
        alt((add, subtract, multiply, divide)),
        preceded(tag(" of "), integer),
        preceded(tag(" and "), integer),
        preceded(tag(" is "), result),
    );
    map(parts, |(operator, left, right, result)| {
        (Request { notation: Notation::Postfix, operator, left, right }, result)
    })
    .parse(input)
}

/// `infix-reply = integer operator integer %s" = " result`
///
/// The operation, and the result as it is spelled.
pub fn infix_reply(input: &str) -> IResult<&str, (Request<'_>, &str)> {
    let parts = (integer, operator, integer, preceded(tag(" = "), result));
    map(parts, |(left, operator, right, result)| {
        (Request { notation: Notation::Infix, operator, left, right }, result)
    })
    .parse(input)
}

/// `result = whole / quotient`
pub fn result(input: &str) -> IResult<&str, &str> {
    alt((terminated(quotient, eof), terminated(whole, eof))).parse(input)
}

/// `whole = ["-"] ("0" / positive)`
pub fn whole(input: &str) -> IResult<&str, &str> {
    let canonical = alt((tag("0"), positive));
    recognize((opt(char('-')), canonical)).parse(input)
}

/// `quotient = ["-"] (plain / scientific)`
pub fn quotient(input: &str) -> IResult<&str, &str> {
    recognize((opt(char('-')), alt((scientific, plain)))).parse(input)
}

/// `plain = ("0" / positive) "." 1*DIGIT`
pub fn plain(input: &str) -> IResult<&str, &str> {
    let before = alt((tag("0"), positive));
    recognize((before, char('.'), digits)).parse(input)
}

/// `scientific = %x31-39 ["." 1*DIGIT] %s"e" sign 2*3DIGIT`
pub fn scientific(input: &str) -> IResult<&str, &str> {
    let exponent = (sign, take_while_m_n(2, 3, |c: char| c.is_ascii_digit()));
    recognize((one_of("123456789"), opt((char('.'), digits)), char('e'), exponent)).parse(input)
}
