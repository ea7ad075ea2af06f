//! What can be wrong with an exchange.

use std::net::SocketAddr;
use std::time::Duration;

use crate::transcript::Client;
pub use crate::wall_clock::Untimely;

/// The first thing in an exchange that the dialogue does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At which step, counted from zero.
    pub step: usize,
    /// For which client.
    pub client: Client,
    /// What is wrong.
    pub kind: Kind,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing listens.
    Refused,
    /// No reply within the deadline, or part of one.
    Silence(Duration, Vec<u8>),
    /// The reply came, but only when the client had ended its half.
    Late(Vec<u8>),
    /// Another reply came.
    Wrong(Vec<u8>),
    /// What came is not text, or too long (FRAME-2).
    NotText(Vec<u8>),
    /// The right reply, without its LF.
    Unterminated(Vec<u8>),
    /// The right reply, with another terminator.
    Terminator(Vec<u8>),
    /// The target closed where a reply was due; what came before.
    Closed(Vec<u8>),
    /// The target reset the connection where a reply was due; what came before.
    Reset(Vec<u8>),
    /// More came than was due.
    Extra(Vec<u8>),
    /// The target did not close.
    StaysOpen(Duration),
    /// A reply came from another address.
    Stray(SocketAddr, Vec<u8>),
    /// Something came where nothing was due.
    NotQuiet(Vec<u8>),
    /// The target stopped taking what was sent to it.
    Stuck(usize),
    /// The target did not start again.
    NotRestarted(String),
    /// It takes any free port, so that nothing can be learnt from its starting again.
    Elsewhere(SocketAddr),
    /// The program did not print the line that is due, for so long.
    Unprinted(Duration),
    /// The time that came is not right; in what way.
    Clock(Vec<u8>, Untimely),
    /// The program ended by itself.
    Ended,
    /// No request of a client within the deadline, or part of one.
    Unasked(Duration, Vec<u8>),
    /// A client did not end, for so long.
    RunsOn(Duration),
    /// A client ended as a program does that is not prepared for what came.
    Crashed,
    /// The machine or the runner failed.
    Unable(String),
}

impl Kind {
    /// Its name, as reports for programs have it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Silence(..) => "silence",
            Self::Late(_) => "late",
            Self::Wrong(_) => "wrong",
            Self::NotText(_) => "not-text",
            Self::Unterminated(_) => "unterminated",
            Self::Terminator(_) => "terminator",
            Self::Closed(_) => "closed",
            Self::Reset(_) => "reset",
            Self::Extra(_) => "extra",
            Self::StaysOpen(_) => "stays-open",
            Self::Stray(..) => "stray",
            Self::NotQuiet(_) => "not-quiet",
            Self::Stuck(_) => "stuck",
            Self::NotRestarted(_) => "not-restarted",
            Self::Elsewhere(_) => "elsewhere",
            Self::Unprinted(_) => "unprinted",
            Self::Clock(..) => "clock",
            Self::Ended => "ended",
            Self::Unasked(..) => "unasked",
            Self::RunsOn(_) => "runs-on",
            Self::Crashed => "crashed",
            Self::Unable(_) => "unable",
        }
    }

    /// What came, as far as that is wrong.
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Silence(_, octets)
            | Self::Unasked(_, octets)
            | Self::Late(octets)
            | Self::Wrong(octets)
            | Self::NotText(octets)
            | Self::Unterminated(octets)
            | Self::Terminator(octets)
            | Self::Closed(octets)
            | Self::Reset(octets)
            | Self::Extra(octets)
            | Self::Stray(_, octets)
            | Self::NotQuiet(octets) => octets,
            _ => &[],
        }
    }

    /// Whether no reply came at all.
    pub const fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::Silence(..) | Self::Refused | Self::Closed(_) | Self::Reset(_) | Self::Stuck(_)
        )
    }

    /// Whether the target ended the connection, as one that ends does.
    pub const fn hangs_up(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Reset(_) | Self::Refused)
    }

    /// Whether it is no more than a matter of time: a busy machine shows it too.
    pub const fn is_timing(&self) -> bool {
        matches!(
            self,
            Self::Silence(..)
                | Self::Unasked(..)
                | Self::Late(_)
                | Self::StaysOpen(_)
                | Self::Stuck(_)
                | Self::Refused
                | Self::Unprinted(_)
                | Self::RunsOn(_)
                | Self::Clock(..)
        )
    }
}
