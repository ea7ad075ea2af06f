//! Options that several commands have.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::time::Duration;

/// A seed as it is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed(pub(super) u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            // The standard library seeds its hash maps from the system's random numbers.
            "random" => Ok(Self(RandomState::new().hash_one(std::process::id()))),
            number => number.parse().map(Self).map_err(|_| "write a number or `random`".to_owned()),
        }
    }
}

/// A time in seconds, as an option gives it.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write seconds, such as 5 or 0.5")?;
    if !(0.01..=3600.0).contains(&seconds) {
        return Err("between 0.01 and 3600 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Names as they were given to `--only` or `--skip`.
pub(super) fn names(given: &[String]) -> Vec<String> {
    let names = given.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
