//! The requests and replies of `line` in the words of a dialect, and the other way round.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Dialect, Field, Form, Number, Piece, Response, Template};
use crate::calculator::{self, Notation, Operator, Request};
use crate::error::ErrorCode;
use crate::grammar::{blanks, blanks1, error, is_blank};
use crate::service::Service;
use crate::word_length::grammar::lengths;

/// What a dialect makes of a reply of `line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A reply.
    Reply(Vec<Part>),
    /// No reply.
    Silence,
    /// No reply, and the connection is closed.
    Close,
    /// No reply, and the server ends.
    Stop,
}

/// A part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These octets.
    Octets(Vec<u8>),
    /// A result, as what it is spelled, and as `line` spells it.
    Result(Number, Vec<u8>, String),
    /// A time of day.
    Time(String),
    /// Any text; the reference says this.
    Any(&'static str),
}

impl Part {
    /// Its octets, where it is one of several.
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Octets(octets) | Self::Result(_, octets, _) => octets,
            Self::Time(text) => text.as_bytes(),
            Self::Any(text) => text.as_bytes(),
        }
    }
}

/// A request that `line` refuses with `syntax`, and one that it refuses with `operator`.
const REFUSED: [&str; 2] = ["?", "0 0 %"];

impl Dialect {
    /// The messages that say a request of `line`; `None` where the dialect has no words for it, or means something else by
    /// them.
    pub fn said(&self, request: &str) -> Option<Vec<String>> {
        if self.service != Service::Calculator {
            let text = |field| (field == Field::Text).then(|| request.into());
            return self.forms.first()?.filled(text);
        }
        match calculator::parse(request) {
            Ok(asked) => {
                let word = self.operators[asked.operator as usize].as_deref()?;
                self.operation(&asked, word)
            }
            Err(ErrorCode::Operator) => {
                // Another operator in its place shows what it would be.
                let (symbol, known) = with_an_operator(request)?;
                if self.forms.iter().flat_map(|form| &form.parts).any(|it| it.says(symbol)) {
                    // It stands for something else.
                    return None;
                }
                let said = self.operation(&calculator::parse(&known).ok()?, &symbol.to_string())?;
                self.means(&said, ErrorCode::Operator).then_some(said)
            }
            // Of several messages nobody says which one is refused.
            Err(_) if self.forms.first().is_some_and(|form| form.parts.len() > 1) => None,
            Err(code) => {
                let said = Vec::from([request.to_string()]);
                self.means(&said, code).then_some(said)
            }
        }
    }

    fn operation(&self, asked: &Request<'_>, word: &str) -> Option<Vec<String>> {
        let form = self.forms.get(asked.notation as usize).or_else(|| self.forms.first())?;
        form.filled(|field| match field {
            Field::Left => Some(asked.left.to_string()),
            Field::Right => Some(asked.right.to_string()),
            Field::Operator => Some(word.into()),
            _ => None,
        })
    }

    /// Whether some messages are refused with this error.
    fn means(&self, said: &[String], code: ErrorCode) -> bool {
        let texts: Vec<&str> = said.iter().map(String::as_str).collect();
        calculator::parse(&self.heard(&texts)) == Err(code)
    }

    /// The request of `line` that is said by some messages; one that gets an error, where they say none.
    pub fn heard(&self, said: &[&str]) -> String {
        if said.iter().all(|text| text.chars().all(is_blank)) {
            return said.concat();
        }
        for (form, notation) in self.forms.iter().zip(Notation::ALL) {
            match form.read(said, &self.operators) {
                Some(Heard { text: Some(text), .. }) => return text.into(),
                Some(Heard {
                    left: Some(left),
                    right: Some(right),
                    operator: Some(operator),
                    ..
                }) => {
                    let request = |operator| Request { notation, operator, left, right };
                    return operator
                        .map_or_else(|| REFUSED[1].into(), |it| request(it).to_string());
                }
                _ => {}
            }
        }
        // It stays what it is, unless `line` would serve it.
        match said {
            [text] if calculator::parse(text) == Err(ErrorCode::Syntax) => (*text).into(),
            _ => REFUSED[0].into(),
        }
    }

    /// What a reply of `line` to a request of `line` is in the dialect; `None` where that is not declared.
    pub fn replied(&self, request: &str, reply: &str) -> Option<Said> {
        if let Ok(("", (code, _))) = error(reply) {
            return Some(match self.errors.get(&code)? {
                Response::Reply(template) => Said::Reply(parts(template, |field| {
                    (field == Field::Any).then(|| Part::Any(code.as_str()))
                })?),
                Response::Silence => Said::Silence,
                Response::Close => Said::Close,
                Response::Stop => Said::Stop,
            });
        }
        let form = self.forms.first()?;
        let octets = |text: &str| Some(Part::Octets(text.into()));
        let plain = form.reply.template(None);
        match self.service {
            Service::Calculator => self.calculated(reply),
            Service::WordLength => {
                let (_, pairs) = lengths(reply).ok()?;
                let mut all = Vec::new();
                for (place, (length, first)) in pairs.into_iter().enumerate() {
                    if place > 0 {
                        all.push(Part::Octets(self.separator.as_bytes().into()));
                    }
                    all.extend(parts(plain?, |field| match field {
                        Field::Length => octets(length),
                        Field::First => octets(first.encode_utf8(&mut [0; 4])),
                        Field::Any => Some(Part::Any("")),
                        _ => None,
                    })?);
                }
                Some(Said::Reply(all))
            }
            _ => parts(plain?, |field| match field {
                // In a talk the server says what its operator types.
                Field::Text if self.service == Service::Chat => octets(reply),
                Field::Text => octets(request),
                Field::Time => Some(Part::Time(reply.into())),
                Field::Any => Some(Part::Any("")),
                _ => None,
            })
            .map(Said::Reply),
        }
    }

    fn calculated(&self, reply: &str) -> Option<Said> {
        let (_, operation) = calculator::grammar::reply(reply).ok()?;
        let (asked, result) = operation.ok()?;
        let form = self.forms.get(asked.notation as usize).or_else(|| self.forms.first())?;
        let template = form.reply.template(Some(asked.operator))?;
        let number = self.results[asked.operator as usize];
        parts(template, |field| {
            Some(match field {
                Field::Left => Part::Octets(asked.left.to_string().into()),
                Field::Right => Part::Octets(asked.right.to_string().into()),
                Field::Operator => {
                    Part::Octets(self.operators[asked.operator as usize].clone()?.into())
                }
                Field::Result => Part::Result(number, number.spelled(result)?, result.into()),
                Field::Any => Part::Any(""),
                _ => return None,
            })
        })
        .map(Said::Reply)
    }
}

/// The unknown operator of a request of `line`, and the request with one that is known.
pub fn with_an_operator(request: &str) -> Option<(char, String)> {
    let unknown =
        |c: &char| calculator::grammar::unknown_operator(c.encode_utf8(&mut [0; 4])).is_ok();
    let symbol = request.chars().find(unknown)?;
    Some((symbol, request.replacen(symbol, "+", 1)))
}

/// The parts of a template.
fn parts(template: &Template, filling: impl Fn(Field) -> Option<Part>) -> Option<Vec<Part>> {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => Some(Part::Octets(text.as_bytes().into())),
        Piece::Field(field) => filling(*field),
    };
    template.pieces.iter().map(part).collect()
}

/// What was read of a request.
#[derive(Default)]
struct Heard<'a> {
    left: Option<calculator::Integer<'a>>,
    right: Option<calculator::Integer<'a>>,
    /// An operator, or a word that is none.
    operator: Option<Option<Operator>>,
    text: Option<&'a str>,
}

impl Form {
    /// The messages of a request.
    fn filled(&self, filling: impl Fn(Field) -> Option<String>) -> Option<Vec<String>> {
        let filled = |part: &Template| {
            let octets = part.filled(|field| match field {
                Field::Blanks => Some(Vec::new()),
                field => filling(field).map(String::into_bytes),
            });
            octets.and_then(|octets| String::from_utf8(octets).ok())
        };
        self.parts.iter().map(filled).collect()
    }

    /// Reads the messages of a request.
    fn read<'a>(&self, said: &[&'a str], words: &[Option<String>; 4]) -> Option<Heard<'a>> {
        let mut heard = Heard::default();
        if said.len() != self.parts.len() {
            return None;
        }
        for (part, text) in self.parts.iter().zip(said) {
            read(part, text, words, &mut heard)?;
        }
        Some(heard)
    }
}

/// Reads a message; `None` where it is not of the template.
fn read<'a>(
    template: &Template,
    text: &'a str,
    words: &[Option<String>; 4],
    heard: &mut Heard<'a>,
) -> Option<()> {
    let whole = template.pieces == [Piece::Field(Field::Text)];
    let mut rest = if whole { text } else { blanks(text).ok()?.0 };
    for (at, piece) in template.pieces.iter().enumerate() {
        rest = match piece {
            Piece::Text(literal) => literal_read(literal, rest)?,
            Piece::Field(Field::Blanks) => blanks(rest).ok()?.0,
            Piece::Field(Field::Left) => {
                let (after, integer) = calculator::grammar::integer(rest).ok()?;
                heard.left = Some(integer);
                after
            }
            Piece::Field(Field::Right) => {
                let (after, integer) = calculator::grammar::integer(rest).ok()?;
                heard.right = Some(integer);
                after
            }
            Piece::Field(Field::Operator) => {
                let (operator, after) = operator_read(words, rest)?;
                heard.operator = Some(operator);
                after
            }
            Piece::Field(Field::Text) => {
                let end = match template.pieces.get(at + 1) {
                    Some(Piece::Text(literal)) => rest.rfind(literal.as_str())?,
                    _ => rest.len(),
                };
                heard.text = Some(&rest[..end]);
                &rest[end..]
            }
            Piece::Field(_) => return None,
        };
    }
    let rest = if whole { rest } else { blanks(rest).ok()?.0 };
    rest.is_empty().then_some(())
}

/// What follows some characters, of which a blank stands for one or more.
fn literal_read<'a>(literal: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text;
    for word in literal.split_inclusive(' ') {
        let plain = word.trim_end_matches(' ');
        rest = rest.strip_prefix(plain)?;
        if plain.len() < word.len() {
            rest = blanks1(rest).ok()?.0;
        }
    }
    Some(rest)
}

/// The operator at the beginning of a text, the longest word of several, and what follows; or a word that is none.
fn operator_read<'a>(
    words: &[Option<String>; 4],
    text: &'a str,
) -> Option<(Option<Operator>, &'a str)> {
    let known = words.iter().zip(Operator::ALL).filter_map(|(word, operator)| {
        let word = word.as_deref()?;
        text.strip_prefix(word).map(|rest| (word.len(), operator, rest))
    });
    if let Some((_, operator, rest)) = known.max_by_key(|(length, ..)| *length) {
        return Some((Some(operator), rest));
    }
    // Where no operator is a word, a word is none.
    let is_worded = words.iter().flatten().any(|word| word.contains(char::is_alphabetic));
    let letters = |c: char| is_worded && c.is_alphabetic();
    let length = match text.find(|c| !letters(c)).unwrap_or(text.len()) {
        // Where operators are words, a sign is none.
        0 if is_worded && text.starts_with(['+', '-', '*', '/']) => 1,
        0 => calculator::grammar::unknown_operator(text).ok()?.1.len_utf8(),
        letters => letters,
    };
    Some((None, &text[length..]))
}
