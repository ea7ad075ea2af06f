//! A problem at its place in a file, as a diagnostic.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use nom::Offset;
use nom::error::{ErrorKind, ParseError};

use super::problem::Problem;

/// A transcript that cannot be read: what is wrong with it, where, and how to mend it.
///
/// Its `Display` is the problem alone, in one line; the mend is the [`Diagnostic::help`].
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct TranscriptError {
    message: Box<str>,
    #[help]
    mend: Box<str>,
    #[source_code]
    file: NamedSource<Arc<str>>,
    #[label("here")]
    span: SourceSpan,
}

impl TranscriptError {
    pub(super) fn new(name: &str, source: &str, fault: &Fault<'_>) -> Self {
        // Wherever a control character stops the grammar, it is what is wrong.
        let (problem, length) = match fault.at.chars().next() {
            Some(control) if control.is_control() => {
                (&Problem::Control(control), control.len_utf8())
            }
            _ => (&fault.problem, fault.at.len()),
        };
        Self {
            message: problem.to_string().into(),
            mend: problem.mend().into(),
            file: NamedSource::new(name, source.into()),
            span: (source.offset(fault.at), length).into(),
        }
    }

    /// The file's name, as it was given to the parser.
    pub fn file(&self) -> &str {
        self.file.name()
    }

    /// The line of the problem, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The column where the problem begins, from 1, in characters.
    pub fn column(&self) -> usize {
        let line = self.before().rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches('\u{FEFF}').chars().count() + 1
    }

    fn before(&self) -> &str {
        &self.file.inner()[..self.span.offset()]
    }
}

/// A problem and the part of the source it is about.
#[derive(Debug)]
pub(super) struct Fault<'s> {
    pub(super) at: &'s str,
    pub(super) problem: Problem,
}

impl<'s> ParseError<&'s str> for Fault<'s> {
    fn from_error_kind(at: &'s str, _: ErrorKind) -> Self {
        Self { at, problem: Problem::Unexpected }
    }

    fn append(_: &'s str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl<'s> From<nom::Err<Self>> for Fault<'s> {
    fn from(error: nom::Err<Self>) -> Self {
        match error {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
            nom::Err::Incomplete(_) => unreachable!("complete parsers know the end of a line"),
        }
    }
}
