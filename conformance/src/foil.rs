//! Servers to hold the suite against besides the mutants: null servers, which know nothing of their service and pass
//! nothing, and odd ones, which have habits that no requirement forbids and pass everything.

use std::collections::BTreeMap;
use std::time::Duration;

use trueline_protocol::error::ErrorCode;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::{Manner, Reply, Service};

use crate::mutant::{decoding_late, wording};
use crate::transport::Transport;

/// A server to hold the suite against.
#[derive(Clone, Copy)]
pub struct Foil {
    /// Its name.
    pub name: &'static str,
    /// Where there is such a server; on both when `None`.
    pub transport: Option<Transport>,
    /// For which services, by their manner; for all when `None`.
    pub manner: Option<Manner>,
    make: fn(Service) -> Box<dyn Server>,
}

impl Foil {
    /// Whether there is such a server.
    pub fn applies(&self, service: Service, transport: Transport) -> bool {
        self.transport.is_none_or(|only| only == transport)
            && Transport::of(service).contains(&transport)
            && self.manner.is_none_or(|only| only == service.manner())
            // That is all there is to a visit.
            && (self.name, service.manner()) != ("closing", Manner::Visit)
    }

    /// Such a server.
    pub fn server(&self, service: Service) -> Box<dyn Server> {
        (self.make)(service)
    }
}

const fn on(
    transport: Option<Transport>,
    manner: Option<Manner>,
    name: &'static str,
    make: fn(Service) -> Box<dyn Server>,
) -> Foil {
    Foil { name, transport, manner, make }
}

/// Servers that know nothing of their service.
pub const NULL: [Foil; 6] = [
    on(None, None, "silent", |_| null(|_, _| {})),
    on(Some(Transport::Tcp), None, "closing", |_| {
        null(|event, actions| {
            if let Event::Accepted(connection) = event {
                actions.push(Action::Close(connection));
            }
        })
    }),
    // An announcement that is echoed to is told nothing.
    on(None, Some(Manner::Conversation), "echoing", |_| null(echo)),
    on(None, None, "constant", |_| null(|event, actions| say(event, b"yes", actions))),
    on(None, None, "random", |_| {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        null(move |event, actions| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            say(event, format!("{:x}", state >> 8).as_bytes(), actions);
        })
    }),
    on(None, None, "flooding", |_| {
        null(|event, actions| match event {
            Event::Accepted(connection) | Event::Received(connection, _) => {
                actions.push(Action::Send(connection, b"flood\n".repeat(20_000)));
            }
            Event::Datagram(peer, _) => {
                actions.extend((0..200).map(|_| Action::Datagram(peer, b"flood".to_vec())));
            }
            _ => {}
        })
    }),
];

/// Right servers with odd habits.
pub const ODD: [Foil; 11] = [
    on(Some(Transport::Tcp), None, "octet-by-octet", |service| {
        Delayed::boxed(service, |action| match action {
            Action::Send(connection, octets) => {
                let each = octets.into_iter().map(|octet| Action::Send(connection, vec![octet]));
                apart(each)
            }
            other => vec![(Duration::ZERO, other)],
        })
    }),
    on(None, None, "20-ms-slow", |service| {
        Delayed::boxed(service, |action| vec![(Duration::from_millis(20), action)])
    }),
    on(Some(Transport::Tcp), None, "slow-to-close", |service| {
        Delayed::boxed(service, |action| match action {
            Action::Close(_) => vec![(Duration::from_millis(200), action)],
            other => vec![(Duration::ZERO, other)],
        })
    }),
    on(Some(Transport::Tcp), None, "line-by-line", |service| {
        Delayed::boxed(service, |action| match action {
            Action::Send(connection, octets) => {
                let lines = octets.split_inclusive(|&octet| octet == b'\n');
                apart(lines.map(|line| Action::Send(connection, line.to_vec())))
            }
            other => vec![(Duration::ZERO, other)],
        })
    }),
    on(Some(Transport::Tcp), None, "replies-joined", |service| {
        Delayed::punctual(service, Duration::from_millis(10))
    }),
    on(Some(Transport::Udp), None, "overtaking", |service| {
        Delayed::boxed(service, |action| match &action {
            // Any that the next one may overtake.
            Action::Datagram(_, octets) if octets.len() % 2 == 1 => {
                vec![(Duration::from_millis(30), action)]
            }
            _ => vec![(Duration::ZERO, action)],
        })
    }),
    on(Some(Transport::Tcp), Some(Manner::Conversation), "late-too-long", |service| {
        decoding_late(service)
    }),
    on(None, Some(Manner::Conversation), "error-details", |service| {
        wording(service, |reply| match reply {
            Reply::Error(code) => format!("ERR {code} {}", told(*code)),
            reply => reply.to_string(),
        })
    }),
    on(None, Some(Manner::Conversation), "long-details", |service| {
        wording(service, |reply| match reply {
            Reply::Error(code) => format!("ERR {code} {}", "ö".repeat(REQUEST_TEXT_MAX)),
            reply => reply.to_string(),
        })
    }),
    on(Some(Transport::Tcp), Some(Manner::Visit), "one-visit", |service| {
        Delayed::boxed(service, |action| match action {
            Action::Close(_) => vec![(Duration::ZERO, action), (Duration::ZERO, Action::Stop)],
            other => vec![(Duration::ZERO, other)],
        })
    }),
    on(None, None, "prints-much", |service| {
        Delayed::boxed(service, |action| {
            let talk = Action::Print("somebody came, and asked something".to_owned());
            vec![(Duration::ZERO, talk), (Duration::ZERO, action)]
        })
    }),
];

/// One action after the other.
fn apart(actions: impl Iterator<Item = Action>) -> Vec<(Duration, Action)> {
    const STEP: Duration = Duration::from_micros(1);
    actions.zip(1u32..).map(|(action, number)| (STEP * number, action)).collect()
}

fn told(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::TooLong => "that is more than I can remember",
        _ => "what do you mean? ERR syntax, Sum of 1 and 2 is 3",
    }
}

/// A server made of one function.
fn null(on: impl FnMut(Event<'_>, &mut Vec<Action>) + 'static) -> Box<dyn Server> {
    struct Null<F>(F);
    impl<F: FnMut(Event<'_>, &mut Vec<Action>)> Server for Null<F> {
        fn on(&mut self, _now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
            (self.0)(event, actions);
        }
    }
    Box::new(Null(on))
}

fn echo(event: Event<'_>, actions: &mut Vec<Action>) {
    match event {
        Event::Received(connection, octets) => {
            actions.push(Action::Send(connection, octets.to_vec()));
        }
        Event::Ended(connection) => actions.push(Action::Close(connection)),
        Event::Datagram(peer, octets) => actions.push(Action::Datagram(peer, octets.to_vec())),
        _ => {}
    }
}

/// Answers everything with this.
fn say(event: Event<'_>, reply: &[u8], actions: &mut Vec<Action>) {
    let line = [reply, b"\n"].concat();
    match event {
        Event::Accepted(connection) | Event::Received(connection, _) => {
            actions.push(Action::Send(connection, line));
        }
        Event::Ended(connection) => actions.push(Action::Close(connection)),
        Event::Datagram(peer, _) => actions.push(Action::Datagram(peer, reply.to_vec())),
        _ => {}
    }
}

/// A right server whose actions come later, or in pieces: each so long after the event. What is for one connection keeps its
/// order.
struct Delayed {
    inner: Responder,
    spread: fn(Action) -> Vec<(Duration, Action)>,
    /// Actions come only when so much time is up again: all that are due by then at once.
    beat: Duration,
    late: BTreeMap<(Duration, u64), Action>,
    last: BTreeMap<Connection, Duration>,
    count: u64,
}

impl Delayed {
    fn boxed(service: Service, spread: fn(Action) -> Vec<(Duration, Action)>) -> Box<dyn Server> {
        Box::new(Self::new(service, spread, Duration::from_nanos(1)))
    }

    fn punctual(service: Service, beat: Duration) -> Box<dyn Server> {
        Box::new(Self::new(service, |action| vec![(Duration::ZERO, action)], beat))
    }

    fn new(
        service: Service,
        spread: fn(Action) -> Vec<(Duration, Action)>,
        beat: Duration,
    ) -> Self {
        Self {
            inner: Responder::of(service),
            spread,
            beat,
            late: BTreeMap::new(),
            last: BTreeMap::new(),
            count: 0,
        }
    }

    /// When an action comes that is due then.
    fn at(&self, due: Duration) -> Duration {
        let beats = due.as_nanos().div_ceil(self.beat.as_nanos());
        Duration::from_nanos_u128(beats * self.beat.as_nanos())
    }
}

/// The connection that an action is for, if it is for one.
fn connection(action: &Action) -> Option<Connection> {
    match action {
        Action::Send(to, _) | Action::Close(to) | Action::Abort(to) | Action::Ask(to) => Some(*to),
        _ => None,
    }
}

impl Server for Delayed {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        if let Event::Gone(gone) = event {
            self.late.retain(|_, action| connection(action) != Some(gone));
            self.last.remove(&gone);
        }
        if !matches!(event, Event::Due) {
            let mut due = Vec::new();
            self.inner.on(now, event, &mut due);
            for (delay, action) in due.into_iter().flat_map(self.spread) {
                let mut due = self.at(now.elapsed + delay);
                if let Some(connection) = connection(&action) {
                    let last = self.last.entry(connection).or_default();
                    due = due.max(*last);
                    *last = due;
                }
                self.count += 1;
                self.late.insert((due, self.count), action);
            }
        }
        while let Some(first) = self.late.first_entry()
            && first.key().0 <= now.elapsed
        {
            actions.push(first.remove());
        }
    }

    fn due(&self) -> Option<Duration> {
        self.late.first_key_value().map(|((due, _), _)| *due)
    }
}
