//! Servers that keep events or actions for later, where they should not.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

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
pub(super) struct Capacity {
    inner: Responder,
    seats: usize,
    seated: BTreeSet<Connection>,
    waiting: VecDeque<(Connection, Kept)>,
}

impl Capacity {
    pub(super) fn new(service: Service, seats: usize) -> Self {
        let inner = Responder::of(service);
        Self { inner, seats, seated: BTreeSet::new(), waiting: VecDeque::new() }
    }

    fn seat(&mut self, now: Now, actions: &mut Vec<Action>) {
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
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
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
pub(super) struct HalfLine {
    inner: Responder,
    reading: Option<Connection>,
    waiting: VecDeque<(Connection, Kept)>,
}

impl HalfLine {
    pub(super) fn new(service: Service) -> Self {
        Self { inner: Responder::of(service), reading: None, waiting: VecDeque::new() }
    }
}

impl Server for HalfLine {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
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

/// Actions that are a millisecond late.
#[derive(Default)]
struct Late(VecDeque<(Duration, Action)>);

impl Late {
    fn put_off(&mut self, now: Now, actions: Vec<Action>) {
        let due = now.elapsed + Duration::from_millis(1);
        self.0.extend(actions.into_iter().map(|action| (due, action)));
    }

    fn take_due(&mut self, now: Now) -> Option<Action> {
        self.0.pop_front_if(|(due, _)| *due <= now.elapsed).map(|(_, action)| action)
    }

    fn due(&self) -> Option<Duration> {
        self.0.front().map(|(due, _)| *due)
    }
}

/// Answers a millisecond late, and not at all whoever has ended its half by then.
pub(super) struct Slow {
    inner: Responder,
    late: Late,
}

impl Slow {
    pub(super) fn new(service: Service) -> Self {
        Self { inner: Responder::of(service), late: Late::default() }
    }
}

impl Server for Slow {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        match event {
            Event::Due => actions.extend(std::iter::from_fn(|| self.late.take_due(now))),
            Event::Ended(connection) => {
                self.late.0.retain(
                    |(_, action)| !matches!(action, Action::Send(to, _) if *to == connection),
                );
                // What ends with the client's half is answered: only what was still on its way is lost.
                self.inner.on(now, event, actions);
            }
            event => {
                let mut prompt = Vec::new();
                self.inner.on(now, event, &mut prompt);
                self.late.put_off(now, prompt);
            }
        }
    }

    fn due(&self) -> Option<Duration> {
        self.late.due()
    }
}

/// Answers a millisecond late, whoever came or asked last by then.
pub(super) struct LastComer {
    inner: Responder,
    newest: Option<Connection>,
    late: Late,
}

impl LastComer {
    pub(super) fn new(service: Service) -> Self {
        Self { inner: Responder::of(service), newest: None, late: Late::default() }
    }
}

impl Server for LastComer {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        match event {
            Event::Due => {
                let newest = self.newest;
                let due = std::iter::from_fn(|| self.late.take_due(now));
                actions.extend(due.map(|action| match (action, newest) {
                    (Action::Send(_, octets), Some(newest)) => Action::Send(newest, octets),
                    (action, _) => action,
                }));
                return;
            }
            Event::Accepted(connection) | Event::Received(connection, _) => {
                self.newest = Some(connection);
            }
            Event::Gone(connection) if self.newest == Some(connection) => self.newest = None,
            _ => {}
        }
        let mut prompt = Vec::new();
        self.inner.on(now, event, &mut prompt);
        self.late.put_off(now, prompt);
    }

    fn due(&self) -> Option<Duration> {
        self.late.due()
    }
}
