//! The reply to a calculator request that was served (SPEC.md 5.2).

use core::fmt;

use super::evaluation::Value;
use super::request::{Notation, Request};

/// A request and its result. `Display` spells the reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Calculation<'a> {
    /// What was asked.
    pub request: Request<'a>,
    /// What came of it.
    pub value: Value,
}

impl Calculation<'_> {
    /// The same calculation, free of the text that its request was read from.
    pub fn into_owned(self) -> Calculation<'static> {
        Calculation { request: self.request.into_owned(), value: self.value }
    }
}

impl fmt::Display for Calculation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request: Request { notation, operator, left, right }, value } = self;
        match notation {
            Notation::Postfix => {
                write!(f, "{} of {left} and {right} is {value}", operator.word())
            }
            Notation::Infix | Notation::Tuple => write!(f, "{left}{operator}{right} = {value}"),
        }
    }
}
