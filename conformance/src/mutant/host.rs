//! Faults of the host: accepting, closing, and whom a reply goes to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use trueline_protocol::responder::{Action, Connection, Event, Responder, Server};
use trueline_protocol::service::Service;

use super::Mutant;
use super::seam::hosting;
use crate::transport::Transport::{self, Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let on = |transport: Option<Transport>, name, breaks, wrong, advice, make| Mutant {
        name,
        seam: "host",
        transport,
        breaks,
        wrong,
        advice,
        make,
    };
    vec![
        on(
            None,
            "silent",
            "FRAME-1",
            "reads requests and never answers",
            "Send a reply to each request.",
            |service| hosting(service, |_, _, _, _| {}),
        ),
        on(
            Some(Tcp),
            "closes-at-once",
            "FRAME-1",
            "closes each connection as soon as it has accepted it",
            "Read the request and answer it before you close.",
            |service| {
                hosting(service, |_, _, event, actions| {
                    if let Event::Accepted(connection) = event {
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        on(
            None,
            "echoes",
            "CALC-4 CALC-5 CALC-6 ERR-1 FRAME-2",
            "sends back what it is sent",
            "Answer requests, do not repeat them.",
            |service| {
                hosting(service, |_, _, event, actions| match event {
                    Event::Received(connection, octets) => {
                        actions.push(Action::Send(connection, octets.to_vec()))
                    }
                    Event::Ended(connection) => actions.push(Action::Close(connection)),
                    Event::Datagram(peer, octets) => {
                        actions.push(Action::Datagram(peer, octets.to_vec()))
                    }
                    _ => {}
                })
            },
        ),
        on(
            Some(Tcp),
            "banner",
            "FRAME-1",
            "greets each client with a line of its own",
            "A server of the line dialect speaks when it is spoken to.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Event::Accepted(connection) = event {
                        actions.push(Action::Send(connection, b"Welcome\n".to_vec()));
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "one-request",
            "FRAME-8",
            "closes the connection after its first reply",
            "Loop: read and answer until the client ends its half.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last_mut() {
                        let first = octets.iter().position(|&octet| octet == b'\n');
                        octets.truncate(first.map_or(octets.len(), |end| end + 1));
                        let connection = *connection;
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "hundred-requests",
            "FRAME-8",
            "closes a connection after a hundred requests",
            "Serve any number of requests on a connection.",
            |service| {
                let mut served: BTreeMap<Connection, usize> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last() {
                        let served = served.entry(*connection).or_default();
                        *served += octets.iter().filter(|&&octet| octet == b'\n').count();
                        let connection = *connection;
                        if *served >= 100 {
                            actions.push(Action::Close(connection));
                        }
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "first-of-segment",
            "FRAME-6",
            "answers the first request of a segment and forgets the others",
            "Take every complete line out of the buffer, not just the first.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let (Event::Received(..), Some(Action::Send(_, octets))) =
                        (event, actions.last_mut())
                    {
                        let first = octets.iter().position(|&octet| octet == b'\n');
                        octets.truncate(first.map_or(octets.len(), |end| end + 1));
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "last-first",
            "FRAME-6",
            "answers pipelined requests in another order",
            "Answer the requests of a connection one after the other.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(_, octets)) = actions.last_mut() {
                        let lines: Vec<&[u8]> =
                            octets.split_inclusive(|&octet| octet == b'\n').collect();
                        *octets = lines.into_iter().rev().flatten().copied().collect();
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "forgets-at-end",
            "FRAME-9",
            "drops the replies that are not yet sent when the client ends its half",
            "The end of what a client sends is not the end of what it reads.",
            |service| Box::new(Slow::new(service)),
        ),
        on(
            Some(Tcp),
            "never-closes",
            "FRAME-11",
            "keeps the connection open when the client has ended its half",
            "When recv returns nothing, close the socket.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    actions.retain(|action| !matches!(action, Action::Close(_)));
                })
            },
        ),
        on(
            Some(Tcp),
            "closes-on-error",
            "FRAME-16",
            "closes the connection after an error",
            "Go on reading after an error.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last()
                        && octets.starts_with(b"ERR")
                    {
                        let connection = *connection;
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        on(
            None,
            "ends-on-quit",
            "FRAME-17",
            "ends when a client sends `quit`",
            "No request ends the server.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Event::Received(_, octets) | Event::Datagram(_, octets) = event
                        && octets.starts_with(b"quit")
                    {
                        actions.push(Action::Stop);
                    }
                })
            },
        ),
        on(
            None,
            "dies-after-zero",
            "FRAME-17 FRAME-16 CALC-19",
            "answers a division by zero and ends",
            "No request ends the server: catch the exception where you compute.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(_, octets) | Action::Datagram(_, octets)) =
                        actions.last()
                        && octets.starts_with(b"ERR division")
                    {
                        actions.push(Action::Stop);
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "one-client",
            "FRAME-18 FRAME-20",
            "serves one client at a time",
            "Serve each connection in a thread or task of its own.",
            |service| Box::new(Capacity::new(service, 1)),
        ),
        on(
            Some(Tcp),
            "three-clients",
            "FRAME-18",
            "serves three clients at a time",
            "Serve at least four.",
            |service| Box::new(Capacity::new(service, 3)),
        ),
        on(
            Some(Tcp),
            "newest-client",
            "FRAME-18 FRAME-19",
            "sends replies to the client that connected last",
            "Keep the connection of each client in a variable of its own, not in a global one.",
            |service| {
                let mut newest = None;
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    match event {
                        Event::Accepted(connection) => newest = Some(connection),
                        Event::Gone(connection) if newest == Some(connection) => newest = None,
                        _ => {}
                    }
                    if let (Some(Action::Send(to, _)), Some(newest)) = (actions.last_mut(), newest)
                    {
                        *to = newest;
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "one-buffer",
            "FRAME-19 FRAME-20 FRAME-22",
            "keeps what all clients send in one buffer",
            "Each connection needs a buffer of its own.",
            |service| {
                let shared = Connection(u64::MAX);
                let mut open = false;
                hosting(service, move |inner, now, event, actions| {
                    if !std::mem::replace(&mut open, true) {
                        inner.on(now, Event::Accepted(shared), actions);
                    }
                    match event {
                        Event::Received(connection, octets) => {
                            inner.on(now, Event::Received(shared, octets), actions);
                            actions.iter_mut().for_each(|action| {
                                if let Action::Send(to, _) = action {
                                    *to = connection;
                                }
                            });
                        }
                        // What is left over is answered, so that only the clients' buffers are at fault.
                        Event::Ended(connection) => {
                            inner.on(now, Event::Ended(shared), actions);
                            open = false;
                            actions.iter_mut().for_each(|action| {
                                if let Action::Send(to, _) | Action::Close(to) = action {
                                    *to = connection;
                                }
                            });
                        }
                        _ => {}
                    }
                })
            },
        ),
        on(
            Some(Tcp),
            "half-line-blocks",
            "FRAME-20",
            "waits for the end of a line that it has begun to read, and serves nobody else",
            "Never wait for one client where others are served.",
            |service| Box::new(HalfLine::new(service)),
        ),
        on(
            Some(Tcp),
            "dies-on-reset",
            "FRAME-22",
            "ends when a client resets its connection",
            "Catch ConnectionResetError where you read and where you send.",
            |service| {
                let mut ended = BTreeSet::new();
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    match event {
                        Event::Ended(connection) => drop(ended.insert(connection)),
                        Event::Gone(connection) if !ended.remove(&connection) => {
                            actions.push(Action::Stop)
                        }
                        _ => {}
                    }
                })
            },
        ),
        on(
            None,
            "replies-twice",
            "FRAME-1",
            "sends each reply twice",
            "Send one reply to each request.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    let sent = |action: &&Action| {
                        matches!(action, Action::Send(..) | Action::Datagram(..))
                    };
                    if let Some(at) = actions.iter().position(|action| sent(&action)) {
                        actions.insert(at, actions[at].clone());
                    }
                })
            },
        ),
        on(
            Some(Udp),
            "other-port",
            "FRAME-32",
            "replies from a socket that it makes for each datagram",
            "Reply with sendto on the socket that received the request.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, octets) = action {
                            *action = Action::Stray(*peer, std::mem::take(octets));
                        }
                    }
                })
            },
        ),
        on(
            Some(Udp),
            "previous-peer",
            "FRAME-29 FRAME-32 FRAME-33",
            "replies to the peer of the datagram before",
            "Reply to the address that recvfrom returned with this datagram.",
            |service| {
                let mut previous: Option<SocketAddr> = None;
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, _) = action {
                            let asked = *peer;
                            *peer = previous.replace(asked).unwrap_or(asked);
                        }
                    }
                })
            },
        ),
        on(
            Some(Udp),
            "drops-duplicates",
            "FRAME-34 CALC-6",
            "ignores a datagram that is like the one before",
            "Answer each datagram as if it were the first.",
            |service| {
                let mut last: Option<(SocketAddr, Vec<u8>)> = None;
                hosting(service, move |inner, now, event, actions| {
                    if let Event::Datagram(peer, octets) = event {
                        let asked = Some((peer, octets.to_vec()));
                        if std::mem::replace(&mut last, asked.clone()) == asked {
                            return;
                        }
                    }
                    inner.on(now, event, actions);
                })
            },
        ),
        on(
            Some(Udp),
            "joins-datagrams",
            "FRAME-34",
            "puts datagrams together until they make a request",
            "One datagram is one request, whatever is in it.",
            |service| {
                let mut held: BTreeMap<SocketAddr, Vec<u8>> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| {
                    let Event::Datagram(peer, octets) = event else { return };
                    let all = [held.remove(&peer).unwrap_or_default().as_slice(), octets].concat();
                    inner.on(now, Event::Datagram(peer, &all), actions);
                    let unfinished = matches!(actions.last(), Some(Action::Datagram(_, it)) if it.starts_with(b"ERR syntax"));
                    if unfinished && octets.len() < 8 {
                        held.insert(peer, all);
                    }
                })
            },
        ),
        on(
            Some(Udp),
            "ignores-empty",
            "FRAME-35 ERR-6",
            "ignores empty datagrams",
            "An empty datagram is an empty message: answer `ERR empty`.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    if !matches!(event, Event::Datagram(_, [])) {
                        inner.on(now, event, actions);
                    }
                })
            },
        ),
        on(
            Some(Udp),
            "ends-on-empty",
            "FRAME-35 ERR-6",
            "takes an empty datagram for the end",
            "Datagrams have no end: an empty one is an empty message.",
            |service| {
                hosting(service, |inner, now, event, actions| match event {
                    Event::Datagram(_, []) => actions.push(Action::Stop),
                    event => inner.on(now, event, actions),
                })
            },
        ),
    ]
}

/// An event that outlives the call in which it came.
enum Kept {
    Accepted,
    Received(Vec<u8>),
    Ended,
}

impl Kept {
    fn of(event: Event<'_>) -> Option<(Connection, Self)> {
        match event {
            Event::Accepted(connection) => Some((connection, Self::Accepted)),
            Event::Received(connection, octets) => {
                Some((connection, Self::Received(octets.to_vec())))
            }
            Event::Ended(connection) => Some((connection, Self::Ended)),
            _ => None,
        }
    }

    fn event(&self, connection: Connection) -> Event<'_> {
        match self {
            Self::Accepted => Event::Accepted(connection),
            Self::Received(octets) => Event::Received(connection, octets),
            Self::Ended => Event::Ended(connection),
        }
    }
}

/// Serves so many clients; the others wait until one has left.
struct Capacity {
    inner: Responder,
    seats: usize,
    seated: BTreeSet<Connection>,
    waiting: VecDeque<(Connection, Kept)>,
}

impl Capacity {
    fn new(service: Service, seats: usize) -> Self {
        let inner = Responder::of(service);
        Self { inner, seats, seated: BTreeSet::new(), waiting: VecDeque::new() }
    }

    fn seat(&mut self, now: Duration, actions: &mut Vec<Action>) {
        while self.seated.len() < self.seats {
            let Some((next, _)) = self.waiting.front() else { return };
            let next = *next;
            self.seated.insert(next);
            let waiting = std::mem::take(&mut self.waiting);
            let (due, others) =
                waiting.into_iter().partition(|(connection, _)| *connection == next);
            self.waiting = others;
            for (connection, kept) in due {
                self.on(now, kept.event(connection), actions);
            }
        }
    }
}

impl Server for Capacity {
    fn on(&mut self, now: Duration, event: Event<'_>, actions: &mut Vec<Action>) {
        if let Event::Gone(connection) = event {
            self.waiting.retain(|(waiting, _)| *waiting != connection);
            self.seated.remove(&connection);
        } else if let Some((connection, kept)) = Kept::of(event)
            && !self.seated.contains(&connection)
        {
            self.waiting.push_back((connection, kept));
            return self.seat(now, actions);
        }
        if let Event::Ended(connection) = event {
            self.seated.remove(&connection);
        }
        self.inner.on(now, event, actions);
        self.seat(now, actions);
    }
}

/// Serves nobody while a line of somebody is not complete.
struct HalfLine {
    inner: Responder,
    reading: Option<Connection>,
    waiting: VecDeque<(Connection, Kept)>,
}

impl HalfLine {
    fn new(service: Service) -> Self {
        Self { inner: Responder::of(service), reading: None, waiting: VecDeque::new() }
    }
}

impl Server for HalfLine {
    fn on(&mut self, now: Duration, event: Event<'_>, actions: &mut Vec<Action>) {
        if let Some((connection, kept)) = Kept::of(event)
            && self.reading.is_some_and(|reading| reading != connection)
        {
            self.waiting.push_back((connection, kept));
            return;
        }
        match event {
            Event::Received(connection, octets) => {
                self.reading = (!octets.ends_with(b"\n")).then_some(connection);
            }
            Event::Ended(_) => self.reading = None,
            Event::Gone(connection) => {
                self.waiting.retain(|(waiting, _)| *waiting != connection);
                if self.reading == Some(connection) {
                    self.reading = None;
                }
            }
            _ => {}
        }
        self.inner.on(now, event, actions);
        if self.reading.is_none() {
            for (connection, kept) in std::mem::take(&mut self.waiting) {
                self.on(now, kept.event(connection), actions);
            }
        }
    }
}

/// Answers a millisecond late, and not at all whoever has ended its half by then.
struct Slow {
    inner: Responder,
    late: VecDeque<(Duration, Action)>,
}

impl Slow {
    fn new(service: Service) -> Self {
        Self { inner: Responder::of(service), late: VecDeque::new() }
    }
}

impl Server for Slow {
    fn on(&mut self, now: Duration, event: Event<'_>, actions: &mut Vec<Action>) {
        match event {
            Event::Due => {
                while let Some((_, action)) = self.late.pop_front_if(|(due, _)| *due <= now) {
                    actions.push(action);
                }
            }
            Event::Ended(connection) => {
                self.late.retain(
                    |(_, action)| !matches!(action, Action::Send(to, _) if *to == connection),
                );
                // What ends with the client's half is answered: only what was still on its way is lost.
                self.inner.on(now, event, actions);
            }
            event => {
                let mut prompt = Vec::new();
                self.inner.on(now, event, &mut prompt);
                let due = now + Duration::from_millis(1);
                self.late.extend(prompt.into_iter().map(|action| (due, action)));
            }
        }
    }

    fn due(&self) -> Option<Duration> {
        self.late.front().map(|(due, _)| *due)
    }
}
