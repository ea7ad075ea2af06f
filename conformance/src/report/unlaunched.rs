//! A check that did not take place, for its program did not come up.

use std::time::Duration;

use super::Check;
use crate::blame::Blame;
use crate::target::{Ending, LastWords, LaunchError};

/// A program that did not come up.
#[derive(Debug)]
pub struct Unlaunched {
    /// What was asked for. Nobody knows the address.
    pub check: Check,
    /// What went wrong.
    pub error: LaunchError,
    /// How long it took.
    pub elapsed: Duration,
}

impl Unlaunched {
    /// What is concluded, which is a matter of whose fault it is.
    pub fn conclusion(&self) -> &'static str {
        match self.error.blame() {
            Blame::User => "not-launched",
            Blame::Target => "never-came-up",
            Blame::Machine => "inconclusive",
        }
    }

    /// Whose fault it is, as reports say it.
    pub fn blame(&self) -> &'static str {
        match self.error.blame() {
            Blame::User => "user",
            Blame::Target => "target",
            Blame::Machine => "machine",
        }
    }

    /// What happened, in a sentence, without what the program said last.
    pub fn why(&self) -> String {
        let message = self.error.to_string();
        let (_, words) = self.end();
        let words = words.map(LastWords::to_string).unwrap_or_default();
        message.strip_suffix(&words).unwrap_or(&message).trim_end().to_owned()
    }

    /// How the program ended, in words, if it did.
    pub fn ending(&self) -> Option<String> {
        self.end().0.map(|ending| format!("the program {ending}"))
    }

    /// The last lines that the program printed.
    pub fn last_words(&self) -> &[String] {
        self.end().1.map(LastWords::lines).unwrap_or_default()
    }

    fn end(&self) -> (Option<&Ending>, Option<&LastWords>) {
        match &self.error {
            LaunchError::PortTaken { ending, last_words, .. }
            | LaunchError::PortPrivileged { ending, last_words, .. }
            | LaunchError::BuildFailed { ending, last_words, .. }
            | LaunchError::EndedEarly { ending, last_words, .. } => {
                (Some(ending), Some(last_words))
            }
            LaunchError::BuildLate { last_words, .. }
            | LaunchError::NeverListened { last_words, .. } => (None, Some(last_words)),
            LaunchError::NeverConnected { ending, last_words, .. } => {
                (ending.as_ref(), Some(last_words))
            }
            _ => (None, None),
        }
    }
}
