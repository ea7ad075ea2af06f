//! The grammar of a text: what follows the sign of a step.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::{consumed, opt, recognize, value};
use nom::multi::{many0, many0_count};

use super::grammar::{Parsed, failure};
use super::model::{Hole, Near, Piece, Text};
use super::problem::Problem;

/// What a text may come to, in octets: a few characters of source may repeat a lot.
const MAX_TEXT: usize = 1 << 20;
/// What a repeat's count may come to: five digits.
pub(super) const MAX_COUNT: usize = 99_999;

/// The holes by their names.
pub(super) const HOLES: [(&str, Hole); 5] = [
    ("detail", Hole::Detail),
    ("time", Hole::Time),
    ("now", Hole::Now),
    ("any", Hole::Any),
    ("blanks", Hole::Blanks),
];

/// A part of a text as it is written, repeats not yet carried out.
enum Element<'s> {
    Plain(&'s str),
    Octet(u8),
    Scalar(char),
    Repeat { unit: Text, count: usize },
    Hole(Hole),
}

impl Element<'_> {
    fn octets(&self) -> usize {
        match self {
            Self::Plain(plain) => plain.len(),
            Self::Octet(_) => 1,
            Self::Scalar(scalar) => scalar.len_utf8(),
            Self::Repeat { unit, count } => {
                unit.literal().map_or(0, <[u8]>::len).saturating_mul(*count)
            }
            Self::Hole(_) => 0,
        }
    }

    fn append_to(&self, text: &mut Text) {
        match self {
            Self::Plain(plain) => text.extend(plain.as_bytes()),
            Self::Octet(octet) => text.extend(&[*octet]),
            Self::Scalar(scalar) => text.extend(scalar.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Repeat { unit, count } => {
                text.extend(&unit.literal().unwrap_or(&[]).repeat(*count))
            }
            Self::Hole(hole) => text.push(Piece::Hole(*hole)),
        }
    }
}

/// What is expected: `text`, of at most 1048576 octets.
pub(super) fn expected_text(input: &str) -> Parsed<'_, Text> {
    text(input, true)
}

/// What is sent: `text` without holes.
pub(super) fn sent_text(input: &str) -> Parsed<'_, Text> {
    text(input, false)
}

/// `text = 1*(plain / escape)`
fn text(input: &str, holes: bool) -> Parsed<'_, Text> {
    let (rest, elements) = many0(consumed(alt((plain_run, escape)))).parse(input)?;
    let mut text = Text::default();
    let mut octets = 0;
    for (written, element) in elements {
        octets += element.octets();
        match element {
            Element::Hole(_) if !holes => return failure(written, Problem::SentHole),
            _ if octets > MAX_TEXT => return failure(written, Problem::TooLong),
            _ => element.append_to(&mut text),
        }
    }
    Ok((rest, text))
}

/// `plain = %x20-5B / %x5D-7E / %xA0-D7FF / %xE000-10FFFF`
pub(super) fn plain(c: char) -> bool {
    c != '\\' && !c.is_control()
}

fn plain_run(input: &str) -> Parsed<'_, Element<'_>> {
    take_while1(plain).map(Element::Plain).parse(input)
}

/// `escape = fixed / braced`
fn escape(input: &str) -> Parsed<'_, Element<'_>> {
    alt((fixed, braced, no_escape)).parse(input)
}

/// `fixed = "\" (%s"n" / %s"r" / %s"t" / %s"s" / "\") / octet / scalar`
fn fixed(input: &str) -> Parsed<'_, Element<'_>> {
    let letter = alt((
        value(b'\n', tag("\\n")),
        value(b'\r', tag("\\r")),
        value(b'\t', tag("\\t")),
        value(b' ', tag("\\s")),
        value(b'\\', tag("\\\\")),
    ));
    alt((letter.map(Element::Octet), octet, scalar)).parse(input)
}

/// A backslash before anything else is an error.
fn no_escape(input: &str) -> Parsed<'_, Element<'_>> {
    let (_, (written, (_, after))) =
        consumed((char('\\'), opt(satisfy(|c| !c.is_control())))).parse(input)?;
    failure(written, after.map_or(Problem::LoneBackslash, Problem::UnknownEscape))
}

/// `octet = "\" %s"x" 2HEXDIG`
fn octet(input: &str) -> Parsed<'_, Element<'_>> {
    let digits = take_while_m_n(0, 2, |c: char| c.is_ascii_hexdigit());
    let (rest, (written, (_, digits))) = consumed((tag("\\x"), digits)).parse(input)?;
    match u8::from_str_radix(digits, 16) {
        Ok(octet) if digits.len() == 2 => Ok((rest, Element::Octet(octet))),
        _ => failure(written, Problem::OctetDigits),
    }
}

/// `scalar = "\" %s"u{" 1*6HEXDIG "}"`, and a Unicode scalar value
fn scalar(input: &str) -> Parsed<'_, Element<'_>> {
    let digits = take_while(|c: char| c.is_ascii_hexdigit());
    let (rest, written) =
        recognize((tag("\\u"), opt(char('{')), digits, opt(char('}')))).parse(input)?;
    let digits = written.strip_prefix("\\u{").and_then(|digits| digits.strip_suffix('}'));
    let Some(digits @ 1..=6) = digits.map(str::len) else {
        return failure(written, Problem::ScalarDigits);
    };
    let number = u32::from_str_radix(&written[3..3 + digits], 16);
    match number.ok().and_then(char::from_u32) {
        Some(scalar) => Ok((rest, Element::Scalar(scalar))),
        None => failure(written, Problem::NoScalar),
    }
}

/// `braced = "\{" (hole / repeat) "}"`
fn braced(input: &str) -> Parsed<'_, Element<'_>> {
    let other = take_while1(|c| c != '}' && c != '\\' && !char::is_control(c));
    let escaped = recognize((char('\\'), opt(satisfy(|c| c != '}' && !c.is_control()))));
    let body = recognize(many0_count(alt((other, recognize(scalar), escaped))));
    let (rest, (written, (_, body, close))) =
        consumed((tag("\\{"), body, opt(char('}')))).parse(input)?;
    if close.is_none() {
        return failure(written, Problem::NoBrace);
    }
    let (_, element) =
        alt((hole, repeat, |_| failure(written, Problem::UnknownHole(body.into())))).parse(body)?;
    Ok((rest, element))
}

/// `hole = %s"detail" / %s"time" / %s"now" / %s"any" / %s"blanks" / near`
fn hole(body: &str) -> Parsed<'_, Element<'_>> {
    let named = HOLES.iter().find(|(name, _)| *name == body).map(|(_, hole)| *hole);
    match named.or_else(|| near(body).map(Hole::Near)) {
        Some(hole) => Ok(("", Element::Hole(hole))),
        None => nom::combinator::fail().parse(body),
    }
}

/// `near = number "~" number`
fn near(body: &str) -> Option<Near> {
    let (value, within) = body.split_once('~')?;
    Near::new(value.parse().ok()?, within.parse().ok()?)
}

/// `repeat = 1*(unit / fixed) "*" 1*5DIGIT`, a count of 1 at least
fn repeat(body: &str) -> Parsed<'_, Element<'_>> {
    let Some((written, digits)) = body.rsplit_once('*') else {
        return nom::combinator::fail().parse(body);
    };
    let units = take_while1(unit).map(Element::Plain);
    let (rest, elements) = many0(alt((units, fixed))).parse(written)?;
    if let Some(c) = rest.chars().next() {
        return failure(&rest[..c.len_utf8()], Problem::Unit(c));
    }
    if elements.is_empty() {
        return failure(body, Problem::NoUnit);
    }
    let mut unit = Text::default();
    elements.iter().for_each(|element| element.append_to(&mut unit));
    let decimal = (1..=5).contains(&digits.len()) && digits.bytes().all(|d| d.is_ascii_digit());
    match digits.parse() {
        Ok(count @ 1..=MAX_COUNT) if decimal => Ok(("", Element::Repeat { unit, count })),
        _ => failure(digits, Problem::Count),
    }
}

/// `unit = %x20-29 / %x2B-5B / %x5D-7A / %x7C / %x7E / %xA0-D7FF / %xE000-10FFFF`
pub(super) fn unit(c: char) -> bool {
    plain(c) && !matches!(c, '*' | '{' | '}')
}
