//! The error codes of the wire.

use core::fmt;

/// Why a request was not served, in the order in which SPEC.md section 4 decides (ERR-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorCode {
    /// The text has more than [`REQUEST_TEXT_MAX`](crate::limits::REQUEST_TEXT_MAX) octets (ERR-3).
    TooLong,
    /// Not UTF-8 (ERR-4), or a control character (ERR-5).
    Encoding,
    /// Nothing, or blanks only (ERR-6).
    Empty,
    /// Not of the service's grammar (CALC-16).
    Syntax,
    /// Of the service's grammar, but for its operator (CALC-17).
    Operator,
    /// The divisor is zero (CALC-19).
    DivisionByZero,
    /// The result is too large for its type (CALC-20).
    Range,
}

impl ErrorCode {
    /// Every code, in the order in which they are decided.
    pub const ALL: [Self; 7] = [
        Self::TooLong,
        Self::Encoding,
        Self::Empty,
        Self::Syntax,
        Self::Operator,
        Self::DivisionByZero,
        Self::Range,
    ];

    /// The code as it stands in a reply.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::Encoding => "encoding",
            Self::Empty => "empty",
            Self::Syntax => "syntax",
            Self::Operator => "operator",
            Self::DivisionByZero => "division-by-zero",
            Self::Range => "range",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
