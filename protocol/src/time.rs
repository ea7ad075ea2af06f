//! time (SPEC.md section 9): the date and the time of day, as Python's `str(datetime.now())` has them.

use core::fmt;

use jiff::civil::DateTime;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::char;
use nom::combinator::{map, map_res, opt};
use nom::sequence::preceded;
use nom::{IResult, Parser};

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

/// `time = 4DIGIT "-" 2DIGIT "-" 2DIGIT SP 2DIGIT ":" 2DIGIT ":" 2DIGIT ["." 6DIGIT]`: year, month, day, hour, minute,
/// second and microsecond, whatever they are.
pub fn time(input: &str) -> IResult<&str, [u32; 7]> {
    let parts = (
        number(4),
        preceded(char('-'), number(2)),
        preceded(char('-'), number(2)),
        preceded(char(' '), number(2)),
        preceded(char(':'), number(2)),
        preceded(char(':'), number(2)),
        map(opt(preceded(char('.'), number(6))), Option::unwrap_or_default),
    );
    map(parts, <[u32; 7]>::from).parse(input)
}

/// So many digits.
fn number<'a>(
    digits: usize,
) -> impl Parser<&'a str, Output = u32, Error = nom::error::Error<&'a str>> {
    map_res(take_while_m_n(digits, digits, |c: char| c.is_ascii_digit()), str::parse)
}

/// The date and time of day that a text matching `time` stands for, where there is one (TIME-1).
pub fn date_time(text: &str) -> Option<DateTime> {
    let Ok(("", [year, month, day, hour, minute, second, microsecond])) = time(text) else {
        return None;
    };
    // These have two digits, the year has four, and the last six.
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|it| it as i8);
    let nanosecond = microsecond as i32 * 1000;
    DateTime::new(year as i16, month, day, hour, minute, second, nanosecond).ok()
}
