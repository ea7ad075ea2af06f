//! What a service answers, and its spelling in the `line` dialect.

use alloc::vec::Vec;
use core::fmt;

use crate::calculator::Calculation;
use crate::error::ErrorCode;

/// The reply to one request, before it is spelled.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<'a> {
    /// The calculator's (SPEC.md 5.2).
    Calculation(Calculation<'a>),
    /// The request was not served (SPEC.md section 4).
    Error(ErrorCode),
}

impl Reply<'_> {
    /// The same reply, free of the request that it was read from.
    pub fn into_owned(self) -> Reply<'static> {
        match self {
            Self::Calculation(calculation) => Reply::Calculation(calculation.into_owned()),
            Self::Error(code) => Reply::Error(code),
        }
    }

    /// Appends the text of the reply, without a terminator.
    pub fn spell(&self, out: &mut Vec<u8>) {
        // Writing to a `Vec` cannot fail.
        let _ = fmt::write(&mut Octets(out), format_args!("{self}"));
    }
}

impl fmt::Display for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calculation(calculation) => calculation.fmt(f),
            Self::Error(code) => write!(f, "ERR {code}"),
        }
    }
}

struct Octets<'a>(&'a mut Vec<u8>);

impl fmt::Write for Octets<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
