//! What a client has seen and no step of its dialogue has taken yet.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use trueline_protocol::dialect::{First, Frame};
use trueline_protocol::limits::REPLY_TEXT_MAX;

use super::{Kind, Standing, bare};
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
    /// At which step octets came last, and how many had come by then.
    pub(super) by_step: Vec<(usize, usize)>,
    /// The steps at which it was connected.
    pub(super) opens: Vec<usize>,
    /// The steps at which its connections were over, and how.
    pub(super) overs: Vec<(usize, Over)>,
    /// How many datagrams were taken.
    pub(super) datagrams_taken: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Closed,
    Reset,
}

impl Seen {
    /// How the connection of a step was over by then, if it was.
    pub(super) fn over(&self, step: usize) -> Option<Over> {
        let opened = self.opens.iter().rfind(|at| **at <= step).copied().unwrap_or(0);
        let over = |(at, _): &&(usize, Over)| (opened..=step).contains(at);
        self.overs.iter().find(over).map(|(_, over)| *over)
    }

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
    pub(super) fn next_reply(&self, transport: Transport, frame: &Frame, step: usize) -> Vec<u8> {
        match transport {
            Transport::Udp => self.datagrams.front().cloned().unwrap_or_default(),
            Transport::Tcp => match self.first(frame, step) {
                First::Whole(text, _) => text.to_vec(),
                First::Part => self.rest().to_vec(),
            },
        }
    }

    /// The message that comes next, as its sender should have framed it; where it does not, what has come until a step.
    fn first<'a>(&'a self, frame: &Frame, step: usize) -> First<'a> {
        match frame {
            Frame::Segment | Frame::End => {
                let until = self.by_step.iter().rfind(|(by, _)| *by <= step);
                let until = until.map_or(self.taken, |(_, all)| *all).max(self.taken);
                frame.first(&self.octets[self.taken..until], self.over(step).is_some())
            }
            // What a receiver would drop is what a sender must not send.
            Frame::Until(ends) => {
                let end = ends.first().map_or(&b""[..], Vec::as_slice);
                let found = self.rest().windows(end.len().max(1)).position(|it| it == end);
                found.map_or(First::Part, |at| First::Whole(&self.rest()[..at], at + end.len()))
            }
            other => other.first(self.rest(), self.over(step).is_some()),
        }
    }

    pub(super) fn message(&mut self, text: &Text, frame: &Frame, step: usize) -> Standing {
        let rest = self.rest();
        let First::Whole(line, all) = self.first(frame, step) else {
            return match self.over(step) {
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
        if !matches(text, line) {
            let begins = || text.literal().is_some_and(|due| due.starts_with(line));
            // Where nothing tells where a reply ends, more of it may come.
            return match self.over(step) {
                None if !frame.is_declared() && begins() => Standing::Waiting,
                _ => Standing::Broken(differs(text, line)),
            };
        }
        if let Some((limit, _)) = self.silence.filter(|(_, by_then)| *by_then < self.taken + all) {
            let slow = Kind::Silence(limit, rest[..all].to_vec());
            return Standing::Broken(if self.roused { Kind::Late(line.to_vec()) } else { slow });
        }
        self.taken += all;
        Standing::Met
    }

    pub(super) fn raw(&mut self, text: &Text, step: usize) -> Standing {
        let rest = self.rest();
        let met = match text.literal() {
            Some(octets) if rest.starts_with(octets) => Some(octets.len()),
            Some(octets) if !octets.starts_with(rest) => {
                return Standing::Broken(Kind::Wrong(rest.to_vec()));
            }
            Some(_) => None,
            None => matches(text, rest).then_some(rest.len()),
        };
        match (met, self.over(step)) {
            (Some(taken), _) => {
                self.taken += taken;
                Standing::Met
            }
            (None, Some(Over::Closed)) => Standing::Broken(Kind::Closed(rest.to_vec())),
            (None, Some(Over::Reset)) => Standing::Broken(Kind::Reset(rest.to_vec())),
            (None, None) => Standing::Waiting,
        }
    }

    pub(super) fn datagram(&mut self, text: &Text, step: usize) -> Standing {
        if let Some((from, octets)) = &self.stray {
            return Standing::Broken(Kind::Stray(*from, octets.clone()));
        }
        let Some(datagram) = self.datagrams.front() else {
            return match self.over(step) {
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
    pub(super) fn end(&self, step: usize) -> Standing {
        match self.over(step) {
            _ if !self.rest().is_empty() => Standing::Broken(Kind::Extra(self.rest().to_vec())),
            Some(_) => Standing::Met,
            None => Standing::Waiting,
        }
    }
}

/// In what way a reply is not the expected one.
fn differs(text: &Text, reply: &[u8]) -> Kind {
    let bare = bare(reply);
    if bare.len() < reply.len() && matches(text, bare) {
        Kind::Terminator(reply.to_vec())
    } else if !is_text(reply) {
        Kind::NotText(reply.to_vec())
    } else {
        Kind::Wrong(reply.to_vec())
    }
}
