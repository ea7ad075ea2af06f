//! connect (SPEC.md section 11): a client comes, and nothing is said.

use core::fmt;

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "connect";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "CONN";
/// How it is spoken.
pub const MANNER: Manner = Manner::Visit;

/// The reply to whoever comes.
///
/// # Errors
///
/// None.
pub fn answer(_text: &str, _now: DateTime) -> Result<Nothing, ErrorCode> {
    Ok(Nothing)
}

/// That nothing is sent (CONN-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nothing;

impl Nothing {
    /// Itself: it holds nothing.
    pub fn into_owned(self) -> Self {
        self
    }
}

impl fmt::Display for Nothing {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
