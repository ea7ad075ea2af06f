//! What a target answered to a dialogue, and whether that is the same as another answer.

use std::collections::{BTreeMap, VecDeque};
use std::mem::{Discriminant, discriminant};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use nom::Parser;
use nom::combinator::all_consuming;
use trueline_protocol::dialect::{First, Frame};
use trueline_protocol::grammar;
use trueline_protocol::limits::REPLY_TEXT_MAX;
use trueline_protocol::service::{Reply, Service};
use trueline_protocol::time::date_time;

use crate::dialect::Dialect;
use crate::exchange::{Observation, What};
use crate::judge::{Kind, judge};
use crate::transcript::{Act, Client, Dialogue};
use crate::transport::Transport;

/// What both speak.
#[derive(Clone, Copy, Debug)]
pub struct Tongue {
    /// The service.
    pub service: Service,
    /// How; `line` when `None`.
    pub dialect: Option<&'static Dialect>,
}

/// Octets of what nobody has asked for that are compared.
pub(super) const REST_MAX: usize = REPLY_TEXT_MAX + 2;

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A reply, terminator and all.
    Reply(Vec<u8>),
    /// What the step says, which leaves nothing open: the connection was closed, nothing came, a line was printed.
    AsAsked,
    /// Something else, and the dialogue went no further.
    Not(Kind),
}

/// What a target answered, step by step, up to the first that was not met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// What came of each step that waits for something, or went wrong, by its number in the dialogue.
    pub answers: BTreeMap<usize, Answer>,
    /// Whether what was due did not come in time.
    pub waited: bool,
    /// How the program ended, in words, if it did.
    pub ending: Option<String>,
}

impl Heard {
    /// What an exchange shows.
    pub fn of(dialogue: &Dialogue, exchange: &[Observation], transport: Transport) -> Self {
        let fault = judge(dialogue, exchange, transport);
        let met = fault.as_ref().map_or(dialogue.steps.len(), |fault| fault.step);
        let silence = |it: &Observation| it.step == met && matches!(it.what, What::Silence(_));
        let waited = fault.is_some() && exchange.iter().any(silence);
        let mut replies = replies(dialogue, exchange, transport);
        let mut answers = BTreeMap::new();
        for (at, step) in dialogue.steps[..met].iter().enumerate() {
            let answer = match step.act {
                Act::Expect { .. } => {
                    let next = replies.get_mut(&step.client).and_then(VecDeque::pop_front);
                    Answer::Reply(next.unwrap_or_default())
                }
                Act::Closed | Act::WasReset | Act::Quiet | Act::Printed(_) => Answer::AsAsked,
                _ => continue,
            };
            answers.insert(at, answer);
        }
        answers.extend(fault.map(|fault| (fault.step, Answer::Not(fault.kind))));
        Self { answers, waited, ending: None }
    }

    /// What kept the dialogue from going on, and at which step.
    pub fn fault(&self) -> Option<(usize, &Kind)> {
        match self.answers.last_key_value() {
            Some((at, Answer::Not(kind))) => Some((*at, kind)),
            _ => None,
        }
    }

    /// Whether the target ended the connection where something was due, or was no longer there.
    pub fn hangs_up(&self) -> bool {
        self.answers.values().any(Answer::is_hang_up)
    }

    /// How many replies came.
    pub fn replies(&self) -> u64 {
        self.answers.values().filter(|it| matches!(it, Answer::Reply(_))).count() as u64
    }

    /// Whether the target sent anything.
    pub fn says_anything(&self) -> bool {
        self.answers.values().any(|answer| !answer.octets().is_empty())
    }

    /// Whether two targets, or one at two times, have answered alike.
    pub fn is_like(&self, other: &Self, tongue: Tongue) -> bool {
        self.answers.len() == other.answers.len()
            && self.answers.iter().zip(&other.answers).all(|((at, answer), (at_other, other))| {
                at == at_other && answer.is_like(other, tongue)
            })
    }

    /// Whether two have not answered a step alike.
    pub fn differs_at(&self, other: &Self, step: usize, tongue: Tongue) -> bool {
        match (self.answers.get(&step), other.answers.get(&step)) {
            (Some(answer), Some(other)) => !answer.is_like(other, tongue),
            (answer, other) => answer.is_some() != other.is_some(),
        }
    }

    /// Whether the texts of two replies to the same request differ: no clock and no machine does that.
    pub fn says_otherwise(&self, other: &Self, tongue: Tongue) -> bool {
        self.answers.iter().any(|(at, answer)| match (answer, other.answers.get(at)) {
            (Answer::Reply(_), Some(reply @ Answer::Reply(_))) => !answer.is_like(reply, tongue),
            _ => false,
        })
    }
}

impl Answer {
    /// Whether two answers are the same but for what the dialect leaves open: the detail of an error, and the time that the
    /// time service tells. What the clock or the system decides is not compared either.
    pub fn is_like(&self, other: &Self, tongue: Tongue) -> bool {
        self == other || self.fixed(tongue) == other.fixed(tongue)
    }

    /// What kind of answer it is, and whether anything came. Octets that are not the same may be of the same kind.
    pub fn kind(&self) -> (Discriminant<Self>, Option<Discriminant<Kind>>, bool) {
        let kind = match self {
            // It depends on what was on its way.
            Self::Not(Kind::Reset(octets)) => Some(discriminant(&Kind::Closed(octets.clone()))),
            Self::Not(kind) => Some(discriminant(kind)),
            _ => None,
        };
        (discriminant(self), kind, self.octets().is_empty())
    }

    /// The octets that came.
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Reply(octets) => octets,
            Self::AsAsked => &[],
            Self::Not(kind) => kind.octets(),
        }
    }

    /// Whether the target ended the connection where something was due, or was no longer there.
    pub fn is_hang_up(&self) -> bool {
        matches!(self, Self::Not(Kind::Closed(_) | Kind::Reset(_) | Kind::Refused))
    }

    /// The answer without what is left open.
    fn fixed(&self, tongue: Tongue) -> Self {
        let text = |octets: &[u8]| fixed(octets, tongue);
        let rest = |octets: &[u8]| {
            let octets = &octets[..octets.len().min(REST_MAX)];
            octets.split_inclusive(|&octet| octet == b'\n').flat_map(text).collect()
        };
        let kind = match self {
            Self::Reply(octets) => return Self::Reply(text(octets)),
            Self::AsAsked => return Self::AsAsked,
            Self::Not(kind) => kind,
        };
        Self::Not(match kind {
            Kind::Silence(_, octets) => Kind::Silence(Duration::ZERO, text(octets)),
            Kind::Late(octets) => Kind::Late(text(octets)),
            Kind::Unterminated(octets) => Kind::Unterminated(text(octets)),
            // To close where something was not read makes a reset of it (SPEC.md 3.3).
            Kind::Closed(octets) | Kind::Reset(octets) => Kind::Closed(text(octets)),
            Kind::NotText(octets) => Kind::NotText(rest(octets)),
            Kind::Extra(octets) => Kind::Extra(rest(octets)),
            Kind::NotQuiet(octets) => Kind::NotQuiet(rest(octets)),
            Kind::StaysOpen(_) => Kind::StaysOpen(Duration::ZERO),
            Kind::Unprinted(_) => Kind::Unprinted(Duration::ZERO),
            Kind::Stuck(_) => Kind::Stuck(0),
            Kind::Stray(_, octets) => {
                Kind::Stray(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), text(octets))
            }
            other => other.clone(),
        })
    }
}

/// The replies that came to each client: messages with their frames, or datagrams. Where nothing tells where one ends it is what
/// came during a step.
fn replies(
    dialogue: &Dialogue,
    exchange: &[Observation],
    transport: Transport,
) -> BTreeMap<Client, VecDeque<Vec<u8>>> {
    let frame = dialogue.framing().reply;
    let steps = transport == Transport::Tcp && matches!(frame, Frame::Segment | Frame::End);
    let mut received: BTreeMap<Client, Vec<(usize, Vec<u8>)>> = BTreeMap::new();
    for Observation { client, what, step, .. } in exchange {
        let What::Received(octets) = what else { continue };
        let pieces = received.entry(*client).or_default();
        match pieces.last_mut() {
            Some((before, piece)) if steps && before == step => piece.extend_from_slice(octets),
            _ => pieces.push((*step, octets.clone())),
        }
    }
    let replies = |pieces: Vec<(usize, Vec<u8>)>| {
        let pieces: Vec<Vec<u8>> = pieces.into_iter().map(|(_, octets)| octets).collect();
        match transport {
            Transport::Tcp if !steps => messages(&pieces.concat(), frame),
            _ => pieces.into(),
        }
    };
    received.into_iter().map(|(client, pieces)| (client, replies(pieces))).collect()
}

/// The messages of a stream, in their frames, and what is left.
fn messages(stream: &[u8], frame: &Frame) -> VecDeque<Vec<u8>> {
    let (mut rest, mut all) = (stream, VecDeque::new());
    while let First::Whole(_, length) = frame.first(rest, false) {
        all.push_back(rest[..length].to_vec());
        rest = &rest[length..];
    }
    all.extend((!rest.is_empty()).then(|| rest.to_vec()));
    all
}

/// A reply without what is left open in it; its terminator stays as it is.
fn fixed(reply: &[u8], tongue: Tongue) -> Vec<u8> {
    if let Some(dialect) = tongue.dialect {
        return dialect.fixed(reply);
    }
    let bare = reply.strip_suffix(b"\n").unwrap_or(reply);
    let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
    let Ok(text) = std::str::from_utf8(bare) else { return reply.to_vec() };
    let fixed = match all_consuming(grammar::error).parse(text) {
        Ok((_, (code, _))) => Reply::Error(code).to_string(),
        Err(_) if tongue.service == Service::Time && date_time(text).is_some() => "time".to_owned(),
        Err(_) => return reply.to_vec(),
    };
    [fixed.as_bytes(), &reply[bare.len()..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dialect_leaves_open_is_not_compared() {
        for (service, left, right, alike) in [
            (Service::Calculator, "ERR syntax\n", "ERR syntax at column 3\n", true),
            (Service::Calculator, "ERR syntax\n", "ERR empty\n", false),
            (Service::Calculator, "ERR syntax\n", "ERR syntax\r\n", false),
            (Service::Calculator, "ERR syntax a\r\n", "ERR syntax b\r\n", true),
            (Service::Calculator, "ERR syntax\n", "ERR syntax \n", false),
            (Service::Calculator, "ERR odd a\n", "ERR odd b\n", false),
            (Service::Calculator, "1+2 = 3\n", "1+2 = 3", false),
            (Service::Time, "2026-01-02 03:04:05\n", "2030-11-12 13:14:15.000678\n", true),
            (Service::Time, "2026-01-02 03:04:05\n", "2026-01-02T03:04:05\n", false),
            (Service::Message, "2026-01-02 03:04:05\n", "2026-01-02 03:04:06\n", false),
        ] {
            let [one, other] = [left, right].map(|text| Answer::Reply(text.into()));
            assert_eq!(
                one.is_like(&other, Tongue { service, dialect: None }),
                alike,
                "{left:?} {right:?}"
            );
        }
    }
}
