//! message (SPEC.md section 7): any text but none is a message, and is thanked for.

use alloc::borrow::Cow;
use core::fmt;

use jiff::civil::DateTime;
use nom::bytes::complete::{tag, take_while1};
use nom::{IResult, Parser};

use crate::error::ErrorCode;
use crate::framing::is_char;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "message";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "MSG";
/// How it is spoken.
pub const MANNER: Manner = Manner::Conversation;

/// The reply to the text of a request.
///
/// # Errors
///
/// [`ErrorCode::Empty`] (ERR-6). Blanks are a message (MSG-2).
pub fn answer(text: &str, _now: DateTime) -> Result<Thanks<'_>, ErrorCode> {
    match message(text) {
        Ok(("", message)) => Ok(Thanks { message: message.into() }),
        _ => Err(ErrorCode::Empty),
    }
}

/// `message = 1*char`
pub fn message(input: &str) -> IResult<&str, &str> {
    take_while1(is_char).parse(input)
}

/// `thanks = %s"Thanks..."`
pub fn thanks(input: &str) -> IResult<&str, &str> {
    tag(THANKS).parse(input)
}

const THANKS: &str = "Thanks...";

/// A message that was taken. `Display` spells the reply, which does not depend on it (MSG-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thanks<'a> {
    /// What a server prints (MSG-3).
    pub message: Cow<'a, str>,
}

impl Thanks<'_> {
    /// The same, free of the text that it was read from.
    pub fn into_owned(self) -> Thanks<'static> {
        Thanks { message: Cow::Owned(self.message.into_owned()) }
    }
}

impl fmt::Display for Thanks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(THANKS)
    }
}
