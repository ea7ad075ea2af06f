//! Transcripts: written dialogues, as SPEC.md's examples, written cases, an instructor's own
//! cases and the shrunk counterexample of a failure have them.
//!
//! ```text
//! case calculator.postfix.sum
//! covers CALC-2 CALC-4
//! # A message, and the reply that is due.
//! > 10 20 +
//! < Sum of 10 and 20 is 30
//! B>> 10 2
//! B>> 0 +\n
//! B<< ERR \{detail}\n
//! ! end
//! ? closed
//! ```
//!
//! In reading order: `model` is what a transcript says, `grammar` reads a line, `text` what
//! follows a message's sign, this module puts lines together, `printer` writes them; `problem`
//! has the words of the errors, `error` their place. Performing a transcript is not done here,
//! nor is it known whether a name, an id, a service or a dialect exists.

mod error;
mod grammar;
mod model;
mod printer;
mod problem;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod text;

use std::mem::replace;

pub use self::error::TranscriptError;
pub use self::model::{Act, Client, Dialogue, Framing, Hole, Near, Piece, Step, Text, Transcript};

use self::error::Fault;
use self::grammar::{Key, Line};
use self::problem::Problem;

/// Reads the cases of a file; `name` is what errors call it.
///
/// Comments before the first case are dropped; any other one is a step of the case above it.
///
/// # Errors
///
/// The first line that the grammar refuses, a key that stands twice or after a step, a line
/// before the first case, and a file without a case.
pub fn parse(name: &str, source: &str) -> Result<Vec<Transcript>, TranscriptError> {
    file(source).map_err(|fault| TranscriptError::new(name, source, &fault))
}

/// Reads the cases of a file that may not be UTF-8; see [`parse`].
///
/// # Errors
///
/// Those of [`parse`]; where there is an octet that is not UTF-8, that one before any other.
pub fn parse_octets(name: &str, source: &[u8]) -> Result<Vec<Transcript>, TranscriptError> {
    let Err(error) = str::from_utf8(source) else {
        return parse(name, &String::from_utf8_lossy(source));
    };
    // What stands before the octet is the same in the lossy text.
    let shown = String::from_utf8_lossy(source);
    let at = &shown[error.valid_up_to()..][..char::REPLACEMENT_CHARACTER.len_utf8()];
    let problem = Problem::NotUtf8(source[error.valid_up_to()]);
    Err(TranscriptError::new(name, &shown, &Fault { at, problem }))
}

/// `file = [%xFEFF] *(comment LF / *SP LF) 1*(case LF *(key LF) *([client] step LF))`
///
/// Comments and blank lines may stand between any two lines. A line's end may be CRLF, and the
/// last line may lack it.
fn file(source: &str) -> Result<Vec<Transcript>, Fault<'_>> {
    let mut cases: Vec<Transcript> = Vec::new();
    for line in lines(source) {
        let (_, read) = grammar::line(line)?;
        match (read, cases.last_mut()) {
            (Line::Blank, _) => {}
            (Line::Case(name), _) => cases.push(Transcript { name, ..Transcript::default() }),
            (Line::Key(key), Some(case)) => put(key, case, line)?,
            (Line::Step(step), Some(case)) => case.dialogue.steps.push(step),
            (Line::Step(Step { act: Act::Note(_), .. }), None) => {}
            (Line::Key(_) | Line::Step(_), None) => {
                return Err(Fault { at: line, problem: Problem::BeforeCase });
            }
        }
    }
    if cases.is_empty() {
        return Err(Fault { at: &source[source.len()..], problem: Problem::NoCase });
    }
    Ok(cases)
}

/// The lines without their ends.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    let lines = source.strip_prefix('\u{FEFF}').unwrap_or(source).split_inclusive('\n');
    lines.map(|line| match line.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => line,
    })
}

/// Puts the key of a line into its case, once and before the first step.
fn put<'s>(key: Key, case: &mut Transcript, line: &'s str) -> Result<(), Fault<'s>> {
    let at = line.split(' ').next().unwrap_or(line);
    let said = |step: &Step| !matches!(step.act, Act::Note(_));
    if case.dialogue.steps.iter().any(said) {
        return Err(Fault { at, problem: Problem::KeyAfterStep(at.into()) });
    }
    let first = match key {
        Key::Covers(ids) => replace(&mut case.covers, ids).is_empty(),
        Key::Needs(ids) => replace(&mut case.needs, ids).is_empty(),
        Key::Service(value) => case.service.replace(value).is_none(),
        Key::Dialect(value) => case.dialect.replace(value).is_none(),
        Key::Transport(value) => case.transport.replace(value).is_none(),
        Key::Deliver(value) => case.deliver.replace(value).is_none(),
    };
    if first { Ok(()) } else { Err(Fault { at, problem: Problem::KeyTwice(at.into()) }) }
}
