//! The stages of a check, by hazard: what kills many real servers comes last.

use std::collections::BTreeSet;

use crate::transcript::{Act, Client, Dialogue, Piece, Text};

/// A stage. A dialogue belongs to the last one that anything in it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// One exchange at a time.
    One,
    /// Many on a connection.
    Many,
    /// Several clients.
    Clients,
    /// Cut and joined octets, and half-closes.
    Deliveries,
    /// Requests that get an error.
    Errors,
    /// Octets that are not text.
    Junk,
    /// Clients that reset or do not read.
    Resets,
    /// Stopping and starting.
    Lifetime,
}

impl Stage {
    /// The stage of a dialogue.
    pub fn of(dialogue: &Dialogue) -> Self {
        let clients: BTreeSet<_> = dialogue.steps.iter().map(|step| step.client).collect();
        let sends =
            dialogue.steps.iter().filter(|step| matches!(step.act, Act::Send { .. })).count();
        let size = match (clients.len(), sends) {
            (2.., _) => Self::Clients,
            (_, 2..) => Self::Many,
            _ => Self::One,
        };
        // The kernel turns a close into a reset where something was not read.
        let size = if clients.into_iter().any(|client| leaves_unread(dialogue, client)) {
            Self::Resets
        } else {
            size
        };
        dialogue.steps.iter().map(|step| Self::of_act(&step.act)).fold(size, Self::max)
    }

    fn of_act(act: &Act) -> Self {
        match act {
            Act::Send { text, .. } if !text.literal().is_some_and(is_plain) => Self::Junk,
            Act::Send { framed: false, .. } | Act::End => Self::Deliveries,
            Act::Expect { text, .. } if is_error(text) => Self::Errors,
            Act::Reset | Act::Deaf => Self::Resets,
            Act::Restart | Act::Unread | Act::Unheard | Act::Exited => Self::Lifetime,
            _ => Self::One,
        }
    }
}

/// Whether a client closes before it has read all its replies.
fn leaves_unread(dialogue: &Dialogue, client: Client) -> bool {
    let own = || dialogue.steps.iter().filter(|step| step.client == client).map(|step| &step.act);
    let sent = own().filter(|act| matches!(act, Act::Send { .. })).count();
    let read = own().filter(|act| matches!(act, Act::Expect { .. })).count();
    own().any(|act| *act == Act::Close) && read < sent
}

fn is_error(text: &Text) -> bool {
    matches!(text.pieces.first(), Some(Piece::Octets(octets)) if octets.starts_with(b"ERR "))
}

/// Whether octets are UTF-8 without control characters but those that separate.
fn is_plain(octets: &[u8]) -> bool {
    let plain = |c: char| !c.is_control() || "\t\r\n".contains(c);
    std::str::from_utf8(octets).is_ok_and(|text| text.chars().all(plain))
}
