//! word-length (SPEC.md section 6): [`grammar`] finds the words of a request, and [`Lengths`] spells the reply.

pub mod grammar;

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::grammar::is_blank;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "word-length";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "WORD";
/// How it is spoken.
pub const MANNER: Manner = Manner::Conversation;

/// The reply to the text of a request.
///
/// # Errors
///
/// [`ErrorCode::Empty`] (WORD-5).
pub fn answer(text: &str, _now: DateTime) -> Result<Lengths<'_>, ErrorCode> {
    if text.chars().all(is_blank) {
        return Err(ErrorCode::Empty);
    }
    match grammar::words(text) {
        Ok((_, words)) => Ok(words.into_iter().collect()),
        // Every text that is not blank matches; a test holds the grammar to that.
        Err(_) => Err(ErrorCode::Syntax),
    }
}

/// The words of a request. `Display` spells the reply: of each its number of characters and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lengths<'a> {
    /// In the order of the request; none is empty.
    pub words: Vec<Cow<'a, str>>,
}

impl<'a> FromIterator<&'a str> for Lengths<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        Self { words: words.into_iter().map(Cow::Borrowed).collect() }
    }
}

impl Lengths<'_> {
    /// The same words, free of the text that they were read from.
    pub fn into_owned(self) -> Lengths<'static> {
        let owned = self.words.into_iter().map(|word| Cow::Owned(word.into_owned()));
        Lengths { words: owned.collect() }
    }
}

impl fmt::Display for Lengths<'_> {
    /// A character is a Unicode scalar value (WORD-2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.words.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}{} ", word.chars().count())?;
            word.chars().take(1).try_for_each(|first| fmt::Write::write_char(f, first))?;
        }
        Ok(())
    }
}
