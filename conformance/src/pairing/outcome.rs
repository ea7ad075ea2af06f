//! What came of a meeting, in two words and in a sentence.

use std::fmt;

use super::submission::Unfit;
use crate::blame::Blame;
use crate::target::{Ending, LastWords, harmless};

/// Octets of a text that a sentence shows.
const SHOWN: usize = 120;

/// What came of a client and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client printed what was due to its requests, so many, and ended.
    Works(usize),
    /// It did not.
    Fails(Fault),
    /// Nobody can tell, for this reason.
    Undecided(String),
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server never came up.
    NoServer(String),
    /// The client cannot be launched, or goes nowhere.
    NoClient(String),
    /// The client went elsewhere.
    Elsewhere {
        /// The port to which it went, if it went anywhere.
        went: Option<u16>,
        /// The port at which the server is.
        server: u16,
    },
    /// A reply was not printed.
    Unserved(Box<Unserved>),
    /// The client did not end.
    RunsOn,
}

/// A reply that was not printed, and what is known besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// The request, if one was made.
    pub request: Option<String>,
    /// The reply.
    pub due: String,
    /// What was printed in its place, if a line was.
    pub printed: Option<String>,
    /// How the server ended, and its last words, if it has.
    pub server: Option<(Ending, LastWords)>,
    /// How the client ended by itself, if it has.
    pub client: Option<(Ending, LastWords)>,
}

impl Outcome {
    /// Whether both understand each other.
    pub fn works(&self) -> bool {
        matches!(self, Self::Works(_))
    }

    /// What becomes of a server that is not there.
    pub(super) fn no_server(unfit: Unfit) -> Self {
        Self::absent(unfit, Fault::NoServer)
    }

    /// What becomes of a client that is not there.
    pub(super) fn no_client(unfit: Unfit) -> Self {
        Self::absent(unfit, Fault::NoClient)
    }

    fn absent(Unfit { why, blame }: Unfit, fault: fn(String) -> Fault) -> Self {
        match blame {
            Blame::Machine => Self::Undecided(why),
            Blame::Target | Blame::User => Self::Fails(fault(why)),
        }
    }

    /// What stands in a table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Works(_) => "✓",
            Self::Fails(fault) => fault.word(),
            Self::Undecided(_) => "undecided",
        }
    }
}

impl Fault {
    fn word(&self) -> &'static str {
        match self {
            Self::NoServer(_) => "no server",
            Self::NoClient(_) => "no client",
            Self::Elsewhere { went: Some(_), .. } => "elsewhere",
            Self::Elsewhere { went: None, .. } => "no contact",
            Self::Unserved(unserved) if fails(&unserved.server) => "server ended",
            Self::Unserved(unserved) if unserved.printed.is_some() => "other reply",
            Self::Unserved(unserved) if fails(&unserved.client) => "client ended",
            Self::Unserved(_) => "no reply",
            Self::RunsOn => "runs on",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works(1) => f.write_str("1 reply was printed"),
            Self::Works(replies) => write!(f, "{replies} replies were printed"),
            Self::Fails(fault) => fault.fmt(f),
            Self::Undecided(why) => f.write_str(&harmless(why)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer(why) | Self::NoClient(why) => f.write_str(&harmless(why)),
            Self::Elsewhere { went: None, .. } => f.write_str("the client went to no server"),
            Self::Elsewhere { went: Some(went), server } => {
                write!(f, "the client went to port {went}, and the server is at {server}")
            }
            Self::Unserved(unserved) => unserved.fmt(f),
            Self::RunsOn => {
                f.write_str("the client printed what was due and did not end with its input")
            }
        }
    }
}

impl fmt::Display for Unserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(request) = &self.request {
            write!(f, "to {} ", quoted(request))?;
        }
        match &self.printed {
            Some(printed) => write!(f, "the client printed {}", quoted(printed))?,
            None => f.write_str("the client printed nothing")?,
        }
        write!(f, ", and {} was due", quoted(&self.due))?;
        for (who, ended) in [("server", &self.server), ("client", &self.client)] {
            let Some((ending, words)) = ended.as_ref().filter(|_| fails(ended)) else { continue };
            write!(f, "; the {who} {ending}")?;
            if !words.lines().is_empty() {
                write!(f, ": {}", words.lines().join(" / "))?;
            }
        }
        Ok(())
    }
}

/// Whether a program ended, and not as one does for which all is well.
fn fails(ended: &Option<(Ending, LastWords)>) -> bool {
    ended.as_ref().is_some_and(|(ending, _)| ending.exit_code() != Some(0))
}

fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(SHOWN).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{}{more}`", harmless(&shown))
}
