//! The services of the family.

use core::fmt;
use core::str::FromStr;

use crate::calculator;
use crate::reply::Reply;

/// What is spoken (SPEC.md section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// SPEC.md section 5.
    Calculator,
}

impl Service {
    /// Every service that is specified.
    pub const ALL: [Self; 1] = [Self::Calculator];

    /// Its name on the command line, in transcripts and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calculator => "calculator",
        }
    }

    /// The reply to the text of a request.
    pub fn answer(self, text: &str) -> Reply<'_> {
        match self {
            Self::Calculator => calculator::answer(text),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No service has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownService;

impl fmt::Display for UnknownService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such service; there are:")?;
        Service::ALL.iter().try_for_each(|service| write!(f, " {service}"))
    }
}

impl core::error::Error for UnknownService {}

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(name: &str) -> Result<Self, UnknownService> {
        Self::ALL.into_iter().find(|service| service.as_str() == name).ok_or(UnknownService)
    }
}
