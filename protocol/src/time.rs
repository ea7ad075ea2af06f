//! time (SPEC.md section 9): the date and the time of day, as Python's `str(datetime.now())` has them.

use core::fmt;

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "time";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "TIME";
/// How it is spoken.
pub const MANNER: Manner = Manner::Announcement;

/// The reply, whatever was asked: this local time.
///
/// # Errors
///
/// None.
pub fn answer(_text: &str, now: DateTime) -> Result<Time, ErrorCode> {
    Ok(Time(now))
}

/// A local date and time. `Display` spells the reply, to the microsecond: rule `time`, without a fraction where that is
/// zero, as Python leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub DateTime);

impl Time {
    /// Itself: it holds nothing of the request.
    pub fn into_owned(self) -> Self {
        self
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(at) = self;
        write!(f, "{:04}-{:02}-{:02} ", at.year(), at.month(), at.day())?;
        write!(f, "{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())?;
        match at.subsec_nanosecond() / 1000 {
            0 => Ok(()),
            microseconds => write!(f, ".{microseconds:06}"),
        }
    }
}
