//! A requirement as data.

use std::fmt;

use trueline_protocol::service::{Manner, Service};

use crate::transport::Transport;

/// A permanent name such as `FRAME-3`. Ordered by area, in the order of SPEC.md, and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    rank: usize,
    number: u32,
}

impl Id {
    /// The areas of SPEC.md, in its order.
    pub const AREAS: [&'static str; 12] = [
        "FRAME", "CLIENT", "ERR", "CALC", "WORD", "MSG", "GREET", "TIME", "CHAT", "CONN", "NAME",
        DECLARED,
    ];

    /// Reads `FRAME-3`; `None` where it has no such form or names no area.
    pub fn parse(text: &str) -> Option<Self> {
        let (area, number) = text.split_once('-')?;
        let rank = Self::AREAS.iter().position(|known| *known == area)?;
        let plain = number.bytes().all(|octet| octet.is_ascii_digit()) && !number.starts_with('0');
        plain.then(|| number.parse().ok()).flatten().map(|number| Self { rank, number })
    }

    /// The part before the number.
    pub const fn area(self) -> &'static str {
        Self::AREAS[self.rank]
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.area(), self.number)
    }
}

/// The area of what a dialect declares for itself, which SPEC.md knows nothing of.
pub const DECLARED: &str = "DIALECT";

/// How much a requirement binds (BCP 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Without it there is no conformance.
    Must,
    /// Counts with `--strict`.
    Should,
    /// A permission; nothing to fail.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// Whom a requirement binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Servers.
    Server,
    /// Clients.
    Client,
}

impl Party {
    /// As reports say it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// One normative sentence.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Its permanent name.
    pub id: Id,
    /// The strictest keyword in the sentence.
    pub level: Level,
    /// The sentence, on one line.
    pub sentence: String,
    /// The heading it stands under, such as `3.2 Segments, order and pipelining`.
    pub section: String,
    /// The transport on which it holds; both when `None`.
    pub transport: Option<Transport>,
    /// How the services that it binds are spoken; where there is none, they answer, or it is of their own section.
    pub manners: Vec<Manner>,
    /// Whom it binds.
    pub party: Party,
    /// What must hold before an implementation can be asked about it.
    pub needs: Vec<Id>,
    /// Why no check can decide it.
    pub untested: Option<String>,
}

impl Requirement {
    /// Whether it says something about implementations of this service on this transport.
    pub fn binds(&self, service: Service, transport: Transport) -> bool {
        let manner = service.manner();
        let own = self.id.area() == service.area();
        self.transport.is_none_or(|only| only == transport)
            && Transport::of(service).contains(&transport)
            && (self.manners.contains(&manner)
                || self.manners.is_empty() && (own || manner.answers()))
            && areas(service).contains(&self.id.area())
    }
}

/// The areas of requirements that bind a service: what all share, and its own.
pub const fn areas(service: Service) -> [&'static str; 5] {
    ["FRAME", "CLIENT", "ERR", service.area(), DECLARED]
}
