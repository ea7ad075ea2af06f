//! The grammar of a line; what follows the sign of a message is in `text`.
//!
//! A line comes without its end. Which lines may follow which is not known here, but in the
//! parent module.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{all_consuming, map_opt, opt, verify};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::error::Fault;
use super::model::{Act, Client, Step, Text};
use super::problem::Problem;
use super::text::{expected_text, sent_text};

pub(super) type Parsed<'s, T> = IResult<&'s str, T, Fault<'s>>;

/// What `!` may do, by its word.
pub(super) const DEEDS: [(&str, Act); 9] = [
    ("open", Act::Open),
    ("deaf", Act::Deaf),
    ("end", Act::End),
    ("close", Act::Close),
    ("reset", Act::Reset),
    ("wait", Act::Wait),
    ("restart", Act::Restart),
    ("unread", Act::Unread),
    ("unheard", Act::Unheard),
];

/// What `?` may expect, by its word.
pub(super) const EXPECTATIONS: [(&str, Act); 4] = [
    ("closed", Act::Closed),
    ("reset", Act::WasReset),
    ("exited", Act::Exited),
    ("quiet", Act::Quiet),
];

/// A line by itself.
pub(super) enum Line {
    Blank,
    Case(String),
    Key(Key),
    Step(Step),
}

/// A key with its value.
pub(super) enum Key {
    Covers(Vec<String>),
    Needs(Vec<String>),
    Service(String),
    Dialect(String),
    Transport(String),
    Deliver(String),
}

/// Stops the parse at a problem.
pub(super) fn failure<T>(at: &str, problem: Problem) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Fault { at, problem }))
}

/// `line = *SP / comment / case / key / [client] step`
pub(super) fn line(input: &str) -> Parsed<'_, Line> {
    let blank = all_consuming(blanks).map(|_| Line::Blank);
    let key = key.map(Line::Key);
    let step = (client, act).map(|(client, act)| Line::Step(Step { client, act }));
    all_consuming(alt((blank, comment, case, key, step, no_line))).parse(input)
}

/// `*SP`
fn blanks(input: &str) -> Parsed<'_, &str> {
    take_while(|c| c == ' ').parse(input)
}

/// Up to the next blank.
fn word(input: &str) -> Parsed<'_, &str> {
    take_while1(|c: char| c != ' ' && !c.is_control()).parse(input)
}

/// `comment = "#" [SP] *(plain / "\")`, where a backslash means itself
fn comment(input: &str) -> Parsed<'_, Line> {
    let value = take_while(|c: char| !c.is_control());
    preceded((char('#'), opt(char(' '))), value)
        .map(|value: &str| Line::Step(Step::note(value)))
        .parse(input)
}

/// `case = %s"case" 1*SP name *SP`
fn case(input: &str) -> Parsed<'_, Line> {
    let (input, _) = keyword("case", input)?;
    let (rest, written) = trimmed(input)?;
    if written.is_empty() {
        return failure(rest, Problem::NoName);
    }
    Ok((rest, Line::Case(name(written, Problem::NameCharacter)?)))
}

/// `key = (%s"covers" / %s"needs") ids / (%s"service" / %s"dialect" / %s"deliver") value
///      / %s"transport" transport`
fn key(input: &str) -> Parsed<'_, Key> {
    alt((
        preceded(|i| keyword("covers", i), ids).map(Key::Covers),
        preceded(|i| keyword("needs", i), ids).map(Key::Needs),
        preceded(|i| keyword("service", i), value).map(|v| Key::Service(v.into())),
        preceded(|i| keyword("dialect", i), value).map(|v| Key::Dialect(v.into())),
        preceded(|i| keyword("transport", i), transport).map(|v| Key::Transport(v.into())),
        preceded(|i| keyword("deliver", i), value).map(|v| Key::Deliver(v.into())),
    ))
    .parse(input)
}

fn keyword<'s>(key: &str, input: &'s str) -> Parsed<'s, &'s str> {
    verify(word, |word: &str| word == key).parse(input)
}

/// The rest of the line without the blanks around it.
fn trimmed(input: &str) -> Parsed<'_, &str> {
    take_while(|c: char| !c.is_control()).map(|run: &str| run.trim_matches(' ')).parse(input)
}

/// `value = 1*SP 1*(plain / "\") *SP`, where a backslash means itself
fn value(input: &str) -> Parsed<'_, &str> {
    match trimmed(input)? {
        (rest, "") => failure(rest, Problem::NoValue),
        parsed => Ok(parsed),
    }
}

/// `ids = 1*(1*SP name) *SP`
fn ids(input: &str) -> Parsed<'_, Vec<String>> {
    let (rest, written) = value(input)?;
    let words = written.split(' ').filter(|word| !word.is_empty());
    Ok((rest, words.map(|word| name(word, Problem::IdCharacter)).collect::<Result<_, _>>()?))
}

/// `transport = 1*SP (%s"tcp" / %s"udp") *SP`
fn transport(input: &str) -> Parsed<'_, &str> {
    match value(input)? {
        parsed @ (_, "tcp" | "udp") => Ok(parsed),
        (_, other) => failure(other, Problem::Transport(other.into())),
    }
}

/// `name = 1*(ALPHA / DIGIT / "." / "-")`
fn name(written: &str, problem: fn(char) -> Problem) -> Result<String, nom::Err<Fault<'_>>> {
    let wrong = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
    match written.matches(wrong).next() {
        Some(at) => {
            failure(at, problem(at.chars().next().unwrap_or_default())).map(|(_, name)| name)
        }
        None => Ok(written.into()),
    }
}

/// `client = %x41-5A`, client A when it is left out
fn client(input: &str) -> Parsed<'_, Client> {
    opt(map_opt(anychar, Client::new)).map(Option::unwrap_or_default).parse(input)
}

/// `step = (">" / ">>" / "$>" / "<" / "<<" / "$<") [SP text] / "!" deed / "?" expectation`
fn act(input: &str) -> Parsed<'_, Act> {
    let send = |framed| move |text| Act::Send { text, framed };
    let expect = |framed| move |text| Act::Expect { text, framed };
    alt((
        preceded(tag(">>"), |i| message(sent_text, i)).map(send(false)),
        preceded(tag(">"), |i| message(sent_text, i)).map(send(true)),
        preceded(tag("<<"), |i| message(expected_text, i)).map(expect(false)),
        preceded(tag("<"), |i| message(expected_text, i)).map(expect(true)),
        preceded(tag("$>"), |i| message(sent_text, i)).map(Act::Type),
        preceded(tag("$<"), |i| message(expected_text, i)).map(Act::Printed),
        preceded(char('!'), deed),
        preceded(char('?'), expectation),
    ))
    .parse(input)
}

/// `[SP text]`
fn message<'s>(text: fn(&'s str) -> Parsed<'s, Text>, input: &'s str) -> Parsed<'s, Text> {
    if input.is_empty() {
        return Ok((input, Text::default()));
    }
    preceded(separator, text).parse(input)
}

/// `SP`, without which a sign could be taken for another
fn separator(input: &str) -> Parsed<'_, char> {
    alt((char(' '), |input| failure(first(input), Problem::NoBlank))).parse(input)
}

/// `deed = 1*SP (%s"open" / %s"deaf" / %s"end" / %s"close" / %s"reset" / %s"wait" / %s"restart" / %s"unread"
///       / %s"unheard") *SP`
fn deed(input: &str) -> Parsed<'_, Act> {
    single_word(&DEEDS, Problem::UnknownDeed, input)
}

/// `expectation = 1*SP (%s"closed" / %s"reset" / %s"exited" / %s"quiet") *SP`
fn expectation(input: &str) -> Parsed<'_, Act> {
    single_word(&EXPECTATIONS, Problem::UnknownExpectation, input)
}

fn single_word<'s>(
    table: &[(&str, Act)],
    problem: fn(String) -> Problem,
    input: &'s str,
) -> Parsed<'s, Act> {
    let (rest, written) = trimmed(input)?;
    if written.is_empty() {
        return failure(rest, Problem::NoWord);
    }
    let (rest, (_, _, word, _)) = (separator, blanks, word, blanks).parse(input)?;
    match table.iter().find(|(known, _)| *known == word) {
        None => failure(word, problem(word.into())),
        Some(_) if !rest.is_empty() => failure(rest, Problem::Surplus),
        Some((_, act)) => Ok((rest, act.clone())),
    }
}

/// Whatever else a line begins with is an error.
fn no_line(input: &str) -> Parsed<'_, Line> {
    let sign = |c: char| "<>!?$".contains(c);
    let (after, indent) = blanks(input)?;
    if !indent.is_empty() {
        return failure(indent, Problem::Indented);
    }
    let (after, begin) = word(after)?;
    let mut letters = begin.chars();
    match (letters.next(), letters.next()) {
        (Some('A'..='Z'), None) if after.trim_start().starts_with(sign) => {
            failure(&after[..after.len() - after.trim_start().len()], Problem::ClientApart)
        }
        (Some(small @ 'a'..='z'), Some(second)) if sign(second) => {
            failure(&begin[..1], Problem::SmallClient(small))
        }
        (Some('a'..='z'), _) => failure(begin, Problem::UnknownKey(begin.into())),
        _ => failure(begin, Problem::NotALine(begin.into())),
    }
}

fn first(input: &str) -> &str {
    &input[..input.chars().next().map_or(0, char::len_utf8)]
}
