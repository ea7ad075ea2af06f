//! greeting (SPEC.md section 8): whoever turns to the server is thanked for it.

use core::fmt;

use jiff::civil::DateTime;
use nom::bytes::complete::tag;
use nom::{IResult, Parser};

use crate::error::ErrorCode;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "greeting";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "GREET";
/// How it is spoken.
pub const MANNER: Manner = Manner::Announcement;

/// The reply, whatever was asked.
///
/// # Errors
///
/// None.
pub fn answer(_text: &str, _now: DateTime) -> Result<Greeting, ErrorCode> {
    Ok(Greeting)
}

/// `greeting = %s"Thank you for connecting"`
pub fn greeting(input: &str) -> IResult<&str, &str> {
    tag(GREETING).parse(input)
}

const GREETING: &str = "Thank you for connecting";

/// The greeting. `Display` spells it (GREET-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greeting;

impl Greeting {
    /// Itself: it holds nothing of the request.
    pub fn into_owned(self) -> Self {
        self
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(GREETING)
    }
}
