//! A dialogue and its exchange into a verdict, by nothing but looking: exchanges that were recorded are judged again
//! without a socket.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use trueline_protocol::limits::REPLY_TEXT_MAX;

use crate::exchange::{Observation, What};
use crate::matching::{is_text, matches};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::wall_clock::WallClock;

use crate::transport::Transport;
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
    /// The machine or the runner failed.
    Unable(String),
}

impl Kind {
    /// Whether no reply came at all.
    pub const fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::Silence(..) | Self::Refused | Self::Closed(_) | Self::Reset(_) | Self::Stuck(_)
        )
    }

    /// Whether it is no more than a matter of time: a busy machine shows it too.
    pub const fn is_timing(&self) -> bool {
        matches!(
            self,
            Self::Silence(..)
                | Self::Late(_)
                | Self::StaysOpen(_)
                | Self::Stuck(_)
                | Self::Refused
                | Self::Unprinted(_)
                | Self::Clock(..)
        )
    }
}

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

/// What a client has seen and no step has taken.
#[derive(Default)]
struct Seen {
    octets: Vec<u8>,
    taken: usize,
    datagrams: VecDeque<Vec<u8>>,
    stray: Option<(SocketAddr, Vec<u8>)>,
    over: Option<Over>,
    /// The silence that was observed, and how many octets had come by then.
    silence: Option<(Duration, usize)>,
    /// When the client ended its half, and whether something came at once after that.
    ended: Option<Duration>,
    roused: bool,
    /// What came during a step that expects quiet.
    unquiet: BTreeMap<usize, Vec<u8>>,
    quiet: Vec<usize>,
    /// At which step something was sent, or the client opened, and when.
    sent: Vec<(usize, Duration)>,
    /// The step of the last reply that came.
    told: Option<usize>,
    /// How many octets, or datagrams, had come, and when.
    arrivals: Vec<(usize, Duration)>,
    /// How many datagrams were taken.
    datagrams_taken: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Closed,
    Reset,
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
            }
            What::Stray(from, octets) => seen.stray = Some((*from, octets.clone())),
            What::Closed => drop(seen.over.get_or_insert(Over::Closed)),
            What::Reset => drop(seen.over.get_or_insert(Over::Reset)),
            What::Silence(_) if quiet => seen.quiet.push(*step),
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
            What::Opened | What::Sent(_) => seen.sent.push((*step, *at)),
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
                let before = seen.next_reply(self.transport);
                let standing = match (self.transport, framed) {
                    (Transport::Udp, _) => seen.datagram(text),
                    (Transport::Tcp, true) => seen.line(text),
                    (Transport::Tcp, false) => seen.raw(text),
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
            Act::Closed => seen.end(),
            Act::WasReset => match seen.over {
                Some(Over::Reset) => Standing::Met,
                Some(Over::Closed) => Standing::Broken(Kind::Closed(seen.rest().to_vec())),
                None => Standing::Waiting,
            },
            Act::Quiet => match seen.unquiet.get(&step) {
                Some(octets) => Standing::Broken(Kind::NotQuiet(octets.clone())),
                None if seen.quiet.contains(&step) || seen.over.is_some() => Standing::Met,
                None => Standing::Waiting,
            },
            Act::Printed(text) => match self.printed.iter().position(|line| matches(text, line)) {
                Some(at) => {
                    self.printed.remove(at);
                    Standing::Met
                }
                None => Standing::Waiting,
            },
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
            _ => Kind::Silence(limit, rest.to_vec()),
        }
    }
}

impl Seen {
    fn rest(&self) -> &[u8] {
        &self.octets[self.taken..]
    }

    /// When the reply of this step, which has just been taken, was asked for, and when it had come.
    fn times(&mut self, transport: Transport, step: usize) -> (Duration, Duration) {
        let before = self.told.replace(step);
        let since = |(sent, _): &&(usize, Duration)| before.is_none_or(|told| *sent > told);
        let asked = self.sent.iter().find(since).or(self.sent.last());
        let taken = match transport {
            Transport::Tcp => self.taken,
            Transport::Udp => self.datagrams_taken,
        };
        let came = self.arrivals.iter().find(|(all, _)| *all >= taken);
        let at = |time: Option<&(usize, Duration)>| time.map_or(Duration::ZERO, |(_, at)| *at);
        (at(asked), at(came))
    }

    /// The reply that comes next, as far as it is there.
    fn next_reply(&self, transport: Transport) -> Vec<u8> {
        match transport {
            Transport::Udp => self.datagrams.front().cloned().unwrap_or_default(),
            Transport::Tcp => {
                let line = self.rest().split(|&octet| octet == b'\n').next();
                line.unwrap_or_default().to_vec()
            }
        }
    }

    fn line(&mut self, text: &Text) -> Standing {
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

    fn raw(&mut self, text: &Text) -> Standing {
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

    fn datagram(&mut self, text: &Text) -> Standing {
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
    fn end(&self) -> Standing {
        match self.over {
            _ if !self.rest().is_empty() => Standing::Broken(Kind::Extra(self.rest().to_vec())),
            Some(_) => Standing::Met,
            None => Standing::Waiting,
        }
    }
}

/// Whether a step waits for what the target sends.
fn awaits(act: &Act) -> bool {
    matches!(act, Act::Expect { .. } | Act::Closed | Act::WasReset | Act::Quiet)
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
