//! What is asked for.

use jiff::Timestamp;
use trueline_protocol::service::Service;

use crate::dialect::Dialect;
use crate::spec::{Level, Party};
use crate::transport::Transport;

/// The seed when nobody says otherwise: fixed, so that checks in CI and grades repeat.
pub const DEFAULT_SEED: u64 = 4217;

/// Generated dialogues for each property when nobody says otherwise.
pub const DEFAULT_CASES: u32 = 256;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Check {
    /// As what the target is checked.
    pub role: Party,
    /// What is spoken.
    pub service: Service,
    /// Over what.
    pub transport: Transport,
    /// How: a dialect, or `line`.
    pub dialect: Option<&'static Dialect>,
    /// Where generated cases begin.
    pub seed: u64,
    /// Generated dialogues for each property.
    pub cases: u32,
    /// Whether SHOULD counts.
    pub strict: bool,
    /// What of the suite.
    pub part: Part,
    /// How launched programs are kept apart from the machine.
    pub apart: Apart,
    /// The command, if the target was launched.
    pub command: Option<String>,
    /// The path at which that was found, as it would be typed, if it was.
    pub path: Option<String>,
    /// Further options, each as it would be typed: whoever repeats a case needs them.
    pub options: Vec<String>,
    /// Where it listens.
    pub address: String,
    /// What its user should know of where it listens.
    pub notes: Vec<String>,
    /// The folder in which counterexamples are kept, as it would be typed.
    pub kept_in: Option<String>,
    /// The folder in which captures are kept, as it would be typed.
    pub captured_in: Option<String>,
    /// When it began; nobody knows in simulation.
    pub began: Option<Timestamp>,
}

/// How launched programs are kept apart from the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Not at all.
    None {
        /// Why not, where they should have been.
        why: Option<String>,
    },
    /// As [`crate::isolation`] says.
    Full,
}

impl Check {
    /// How much a requirement weighs, as reports say it: its level, or its tier in a dialect.
    pub fn weight(&self, level: Level) -> &'static str {
        match (self.dialect, level) {
            (None, Level::Must) => "MUST",
            (None, Level::Should) => "SHOULD",
            (None, Level::May) => "MAY",
            (Some(_), Level::Must) => "required",
            (Some(_), Level::Should) => "robustness",
            (Some(_), Level::May) => "informational",
        }
    }
}

impl Apart {
    /// As reports say it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::None { .. } => "none",
            Self::Full => "full",
        }
    }

    /// Why it is no more, where it should have been.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::None { why } => why.as_deref(),
            Self::Full => None,
        }
    }
}

/// What of the suite is asked for.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Nothing but these requirements, areas or cases; everything when there are none.
    pub only: Vec<String>,
    /// Nothing of these requirements, areas or cases.
    pub skip: Vec<String>,
    /// The cases of the user's own that are performed besides, by name.
    pub own: Vec<String>,
    /// Those that are not: they are not selected, or about another service or transport.
    pub unasked: Vec<String>,
}

impl Part {
    /// Whether it is the whole suite.
    pub fn is_whole(&self) -> bool {
        self.only.is_empty() && self.skip.is_empty()
    }
}

impl Check {
    /// The check of a server at an address, with what holds when nobody says otherwise.
    pub fn of(service: Service, transport: Transport, address: impl Into<String>) -> Self {
        Self {
            role: Party::Server,
            service,
            transport,
            dialect: None,
            seed: DEFAULT_SEED,
            cases: DEFAULT_CASES,
            strict: false,
            part: Part::default(),
            apart: Apart::None { why: None },
            command: None,
            path: None,
            options: Vec::new(),
            address: address.into(),
            notes: Vec::new(),
            kept_in: None,
            captured_in: None,
            began: None,
        }
    }
}
