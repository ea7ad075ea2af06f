//! What a client has seen and no step of its dialogue has taken yet.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use trueline_protocol::limits::REPLY_TEXT_MAX;

use super::{Kind, Standing};
use crate::matching::{is_text, matches};
use crate::transcript::Text;
use crate::transport::Transport;

/// What a client has seen and no step has taken.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) octets: Vec<u8>,
    pub(super) taken: usize,
    pub(super) datagrams: VecDeque<Vec<u8>>,
    pub(super) stray: Option<(SocketAddr, Vec<u8>)>,
    pub(super) over: Option<Over>,
    /// The silence that was observed, and how many octets had come by then.
    pub(super) silence: Option<(Duration, usize)>,
    /// When the client ended its half, and whether something came at once after that.
    pub(super) ended: Option<Duration>,
    pub(super) roused: bool,
    /// What came during a step that expects quiet.
    pub(super) unquiet: BTreeMap<usize, Vec<u8>>,
    /// How many octets had come when nothing more did in such a step.
    pub(super) quiet: BTreeMap<usize, usize>,
    /// At which step something was sent, or the client opened, and when.
    pub(super) sent: Vec<(usize, Duration)>,
    /// The step of the last reply that came.
    pub(super) told: Option<usize>,
    /// How many octets, or datagrams, had come, and when.
    pub(super) arrivals: Vec<(usize, Duration)>,
    /// How many datagrams were taken.
    pub(super) datagrams_taken: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Closed,
    Reset,
}

impl Seen {
    pub(super) fn rest(&self) -> &[u8] {
        &self.octets[self.taken..]
    }

    /// When the reply of this step, which has just been taken, was asked for, and when it had come.
    pub(super) fn times(&mut self, transport: Transport, step: usize) -> (Duration, Duration) {
        let before = self.told.replace(step);
        let since = |(sent, _): &&(usize, Duration)| before.is_none_or(|told| *sent > told);
        let asked = self.sent.iter().find(since).or_else(|| self.sent.last());
        let taken = match transport {
            Transport::Tcp => self.taken,
            Transport::Udp => self.datagrams_taken,
        };
        let came = self.arrivals.iter().find(|(all, _)| *all >= taken);
        let at = |time: Option<&(usize, Duration)>| time.map_or(Duration::ZERO, |(_, at)| *at);
        (at(asked), at(came))
    }

    /// The reply that comes next, as far as it is there.
    pub(super) fn next_reply(&self, transport: Transport) -> Vec<u8> {
        match transport {
            Transport::Udp => self.datagrams.front().cloned().unwrap_or_default(),
            Transport::Tcp => {
                let line = self.rest().split(|&octet| octet == b'\n').next();
                line.unwrap_or_default().to_vec()
            }
        }
    }

    pub(super) fn line(&mut self, text: &Text) -> Standing {
        let rest = self.rest();
        let Some(end) = rest.iter().position(|&octet| octet == b'\n') else {
            return match self.over {
                _ if rest.len() > REPLY_TEXT_MAX + 1 => {
                    Standing::Broken(Kind::NotText(rest.to_vec()))
                }
                Some(_) if !rest.is_empty() && matches(text, rest) => {
                    Standing::Broken(Kind::Unterminated(rest.to_vec()))
                }
                // The runner ended its half when nothing had come, and that ended it.
                Some(_) if self.silence.is_some() => Standing::Waiting,
                Some(Over::Closed) => Standing::Broken(Kind::Closed(rest.to_vec())),
                Some(Over::Reset) => Standing::Broken(Kind::Reset(rest.to_vec())),
                None => Standing::Waiting,
            };
        };
        let line = &rest[..end];
        if !matches(text, line) {
            return Standing::Broken(differs(text, line));
        }
        if let Some((limit, _)) =
            self.silence.filter(|(_, by_then)| *by_then < self.taken + end + 1)
        {
            let slow = Kind::Silence(limit, rest[..=end].to_vec());
            return Standing::Broken(if self.roused { Kind::Late(line.to_vec()) } else { slow });
        }
        self.taken += end + 1;
        Standing::Met
    }

    pub(super) fn raw(&mut self, text: &Text) -> Standing {
        let rest = self.rest();
        let met = match text.literal() {
            Some(octets) if rest.starts_with(octets) => Some(octets.len()),
            Some(octets) if !octets.starts_with(rest) => {
                return Standing::Broken(Kind::Wrong(rest.to_vec()));
            }
            Some(_) => None,
            None => matches(text, rest).then_some(rest.len()),
        };
        match (met, self.over) {
            (Some(taken), _) => {
                self.taken += taken;
                Standing::Met
            }
            (None, Some(Over::Closed)) => Standing::Broken(Kind::Closed(rest.to_vec())),
            (None, Some(Over::Reset)) => Standing::Broken(Kind::Reset(rest.to_vec())),
            (None, None) => Standing::Waiting,
        }
    }

    pub(super) fn datagram(&mut self, text: &Text) -> Standing {
        if let Some((from, octets)) = &self.stray {
            return Standing::Broken(Kind::Stray(*from, octets.clone()));
        }
        let Some(datagram) = self.datagrams.front() else {
            return match self.over {
                Some(_) => Standing::Broken(Kind::Refused),
                None => Standing::Waiting,
            };
        };
        if !matches(text, datagram) {
            return Standing::Broken(differs(text, datagram));
        }
        self.datagrams.pop_front();
        self.datagrams_taken += 1;
        Standing::Met
    }

    /// The end of what the target sends. A reset counts: nothing is missing, and the connection is closed.
    pub(super) fn end(&self) -> Standing {
        match self.over {
            _ if !self.rest().is_empty() => Standing::Broken(Kind::Extra(self.rest().to_vec())),
            Some(_) => Standing::Met,
            None => Standing::Waiting,
        }
    }
}

/// In what way a reply is not the expected one.
fn differs(text: &Text, reply: &[u8]) -> Kind {
    let bare = reply.strip_suffix(b"\n").unwrap_or(reply);
    let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
    if bare.len() < reply.len() && matches(text, bare) {
        Kind::Terminator(reply.to_vec())
    } else if !is_text(reply) {
        Kind::NotText(reply.to_vec())
    } else {
        Kind::Wrong(reply.to_vec())
    }
}
