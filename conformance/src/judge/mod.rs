//! A dialogue and its exchange into a verdict, by nothing but looking: exchanges that were recorded are judged again
//! without a socket.

pub(crate) mod alike;
mod fault;
mod seen;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::exchange::{Observation, What};
use crate::matching::{matches, matches_printed};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step};
use crate::transport::Transport;
use crate::wall_clock::WallClock;

pub use fault::{Fault, Kind, Untimely};

use seen::{Over, Seen};

/// How soon a reply follows the end of the client's half that has drawn it.
const AT_ONCE: Duration = Duration::from_millis(60);

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is done.
    Met,
    /// More has to be observed.
    Waiting,
    /// It cannot be met any more.
    Broken(Kind),
}

/// Judges a whole exchange.
pub fn judge(dialogue: &Dialogue, exchange: &[Observation], transport: Transport) -> Option<Fault> {
    let mut judge = Judge::new(dialogue, transport);
    exchange.iter().for_each(|observation| judge.observe(observation));
    (0..dialogue.steps.len()).find_map(|step| {
        let client = dialogue.steps[step].client;
        let kind = match judge.step(step) {
            Standing::Met => return None,
            Standing::Broken(kind) => kind,
            Standing::Waiting => judge.missing(step),
        };
        Some(Fault { step, client, kind })
    })
}

/// Follows an exchange while it happens.
pub struct Judge<'a> {
    dialogue: &'a Dialogue,
    transport: Transport,
    clients: BTreeMap<Client, Seen>,
    failed: BTreeMap<usize, Kind>,
    /// What the program printed and no step has taken.
    printed: Vec<Vec<u8>>,
    clock: Option<WallClock>,
}

impl<'a> Judge<'a> {
    /// A judge who has seen nothing yet.
    pub fn new(dialogue: &'a Dialogue, transport: Transport) -> Self {
        Self {
            dialogue,
            transport,
            clients: BTreeMap::new(),
            failed: BTreeMap::new(),
            printed: Vec::new(),
            clock: None,
        }
    }

    /// Takes note of an observation.
    pub fn observe(&mut self, Observation { step, client, what, at }: &Observation) {
        let quiet = self.dialogue.steps.get(*step).is_some_and(|step| step.act == Act::Quiet);
        let seen = self.clients.entry(*client).or_default();
        match what {
            What::Received(octets) => {
                // Octets that trickle in all the time are not drawn by anything.
                let waiting = seen.silence.is_some_and(|(_, by_then)| by_then == seen.taken);
                seen.roused |= waiting && seen.ended.is_some_and(|ended| *at < ended + AT_ONCE);
                if quiet {
                    seen.unquiet.entry(*step).or_default().extend_from_slice(octets);
                }
                match self.transport {
                    Transport::Tcp => seen.octets.extend_from_slice(octets),
                    Transport::Udp => seen.datagrams.push_back(octets.clone()),
                }
                let all = match self.transport {
                    Transport::Tcp => seen.octets.len(),
                    Transport::Udp => seen.datagrams_taken + seen.datagrams.len(),
                };
                seen.arrivals.push((all, *at));
                seen.by_step.push((*step, all));
            }
            What::Stray(from, octets) => seen.stray = Some((*from, octets.clone())),
            What::Closed => seen.overs.push((*step, Over::Closed)),
            What::Reset => seen.overs.push((*step, Over::Reset)),
            What::Silence(_) if quiet => drop(seen.quiet.insert(*step, seen.octets.len())),
            What::Silence(limit)
                if matches!(
                    self.dialogue.steps.get(*step),
                    Some(Step { act: Act::Printed(_), .. })
                ) =>
            {
                self.failed.insert(*step, Kind::Unprinted(*limit));
            }
            // Nobody took the connection.
            What::Silence(limit)
                if !self.dialogue.steps.get(*step).is_some_and(|it| awaits(&it.act)) =>
            {
                self.failed.insert(*step, Kind::Silence(*limit, Vec::new()));
            }
            What::Silence(limit) => {
                seen.silence.get_or_insert((*limit, seen.octets.len()));
            }
            What::Refused => drop(self.failed.insert(*step, Kind::Refused)),
            What::Stuck(sent) => drop(self.failed.insert(*step, Kind::Stuck(*sent))),
            What::NotRestarted(why) => {
                drop(self.failed.insert(*step, Kind::NotRestarted(why.clone())))
            }
            What::Elsewhere(address) => drop(self.failed.insert(*step, Kind::Elsewhere(*address))),
            What::Unable(why) => drop(self.failed.insert(*step, Kind::Unable(why.clone()))),
            What::Ended => seen.ended = Some(*at),
            What::Opened => {
                seen.opens.push(*step);
                seen.sent.push((*step, *at));
            }
            What::Sent(_) => seen.sent.push((*step, *at)),
            What::Printed(line) => self.printed.push(line.clone()),
            What::Clock { local, shared } => {
                self.clock = Some(WallClock::new(*local, *at, *shared));
            }
            What::Restarted => {}
        }
    }

    /// How a step stands. Steps are asked in their order; what a met step took is gone.
    pub fn step(&mut self, step: usize) -> Standing {
        if let Some(kind) = self.failed.get(&step) {
            return Standing::Broken(kind.clone());
        }
        let Some(asked) = self.dialogue.steps.get(step) else { return Standing::Met };
        let seen = self.clients.entry(asked.client).or_default();
        match &asked.act {
            Act::Expect { text, framed } => {
                let frame = self.dialogue.framing().reply;
                let before = seen.next_reply(self.transport, frame, step);
                let standing = match (self.transport, framed) {
                    (Transport::Udp, _) => seen.datagram(text, step),
                    (Transport::Tcp, true) => seen.message(text, frame, step),
                    (Transport::Tcp, false) => seen.raw(text, step),
                };
                if standing != Standing::Met {
                    return standing;
                }
                let (asked, received) = seen.times(self.transport, step);
                let (Some(clock), true) =
                    (&mut self.clock, text.pieces.contains(&Piece::Hole(Hole::Now)))
                else {
                    return Standing::Met;
                };
                match clock.untimely(&before, asked, received) {
                    Some(untimely) => {
                        let kind = Kind::Clock(before, untimely);
                        self.failed.insert(step, kind.clone());
                        Standing::Broken(kind)
                    }
                    None => Standing::Met,
                }
            }
            Act::Closed => seen.end(step),
            Act::WasReset => match seen.over(step) {
                Some(Over::Reset) => Standing::Met,
                Some(Over::Closed) => Standing::Broken(Kind::Closed(seen.rest().to_vec())),
                None => Standing::Waiting,
            },
            Act::Quiet => match (seen.unquiet.get(&step), seen.quiet.get(&step)) {
                (Some(octets), _) => Standing::Broken(Kind::NotQuiet(octets.clone())),
                // It came with what was due before.
                (None, Some(came)) if *came > seen.taken => {
                    Standing::Broken(Kind::NotQuiet(seen.octets[seen.taken..*came].to_vec()))
                }
                (None, Some(_)) => Standing::Met,
                (None, None) if seen.over(step).is_some() => Standing::Met,
                (None, None) => Standing::Waiting,
            },
            Act::Printed(text) => {
                match self.printed.iter().position(|line| matches_printed(text, line)) {
                    Some(at) => {
                        self.printed.remove(at);
                        Standing::Met
                    }
                    None => Standing::Waiting,
                }
            }
            Act::Send { .. }
            | Act::Open
            | Act::Deaf
            | Act::End
            | Act::Close
            | Act::Reset
            | Act::Wait
            | Act::Restart
            | Act::Unread
            | Act::Unheard
            | Act::Exited
            | Act::Type(_)
            | Act::Note(_) => Standing::Met,
        }
    }

    /// What is wrong with a step that still waits when nothing more will be observed.
    fn missing(&self, step: usize) -> Kind {
        let asked = &self.dialogue.steps[step];
        let Some(seen) = self.clients.get(&asked.client) else {
            return Kind::Silence(Duration::ZERO, Vec::new());
        };
        let (limit, _) = seen.silence.unwrap_or_default();
        let rest = seen.rest();
        match &asked.act {
            Act::Closed | Act::WasReset => Kind::StaysOpen(limit),
            Act::Printed(_) => Kind::Unprinted(limit),
            Act::Expect { text, framed: true } if !rest.is_empty() && matches(text, rest) => {
                Kind::Unterminated(rest.to_vec())
            }
            // Another end than the one that is waited for.
            Act::Expect { text, framed: true } if matches(text, bare(rest)) && !rest.is_empty() => {
                Kind::Terminator(rest.to_vec())
            }
            _ => Kind::Silence(limit, rest.to_vec()),
        }
    }
}

/// Octets without an end of line behind them.
fn bare(octets: &[u8]) -> &[u8] {
    let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
    octets.strip_suffix(b"\r").unwrap_or(octets)
}

/// Whether a step waits for what the target sends.
fn awaits(act: &Act) -> bool {
    matches!(act, Act::Expect { .. } | Act::Closed | Act::WasReset | Act::Quiet)
}
