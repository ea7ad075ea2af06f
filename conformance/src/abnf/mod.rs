//! ABNF that runs: RFC 5234 with the case-sensitive strings of RFC 7405, over Unicode scalar values (SPEC.md 1.3).
//!
//! [`Grammar::read`] reads rules, [`Grammar::matches`] tells whether a text is one of them, and [`Generator`] makes texts
//! that are. No rule may refer to itself, at any remove: lines need no such rule, and without one nothing here can go on
//! for ever. Prose (`<...>`) cannot run and is refused.

mod generator;
mod model;
mod reader;
mod recogniser;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use generator::Generator;
pub use model::{Block, Expression, Grammar, Rule};

/// What is wrong with a grammar, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {what}")]
pub struct AbnfError {
    /// The line of the document that the block stands in.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}
