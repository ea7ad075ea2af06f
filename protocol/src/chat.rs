//! chat (SPEC.md section 10): what one side types is said to the other, line by line in turns.

use alloc::borrow::Cow;
use core::fmt;

use jiff::civil::DateTime;
use nom::bytes::complete::take_while1;
use nom::{IResult, Parser};

use crate::error::ErrorCode;
use crate::framing::is_char;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "chat";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "CHAT";
/// How it is spoken.
pub const MANNER: Manner = Manner::Talk;

/// What a line says, the client's or the operator's.
///
/// # Errors
///
/// [`ErrorCode::Empty`]: an empty line is not said, and ends the talk (CHAT-4).
pub fn answer(text: &str, _now: DateTime) -> Result<Said<'_>, ErrorCode> {
    match said(text) {
        Ok(("", said)) => Ok(Said(said.into())),
        _ => Err(ErrorCode::Empty),
    }
}

/// `said = 1*char`
pub fn said(input: &str) -> IResult<&str, &str> {
    take_while1(is_char).parse(input)
}

/// What was said. `Display` spells it as it goes to the other side (CHAT-1, CHAT-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<'a>(pub Cow<'a, str>);

impl Said<'_> {
    /// The same, free of the text that it was read from.
    pub fn into_owned(self) -> Said<'static> {
        Said(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
