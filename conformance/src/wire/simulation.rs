//! A wire without sockets: a [`Server`] in virtual time. What a client sends arrives as it was sent, piece by piece, and
//! waiting costs nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use jiff::civil::DateTime;
use trueline_protocol::responder::{Action, Connection, Event, Now, Server};

use super::Wire;
use crate::exchange::What;
use crate::target::Life;
use crate::transcript::Client;
use crate::transport::Transport;

/// A server that runs in virtual time and can be started anew.
pub struct Simulated {
    start: Box<dyn Fn() -> Box<dyn Server>>,
    transport: Transport,
    state: RefCell<State>,
    life: Life,
}

struct State {
    server: Option<Box<dyn Server>>,
    now: Duration,
    connections: u64,
    inboxes: BTreeMap<Connection, Inbox>,
    datagrams: BTreeMap<SocketAddr, VecDeque<What>>,
    ports: u16,
    /// The lines that the server has printed.
    printed: Vec<String>,
    /// The lines that were typed and that it has not asked for yet.
    typed: VecDeque<Vec<u8>>,
    /// Whether it waits for one.
    asks: bool,
}

/// What the clock on the wall shows when the time begins.
const BEGINNING: DateTime = jiff::civil::datetime(2026, 1, 2, 15, 4, 5, 678_901_000);

#[derive(Default)]
struct Inbox {
    octets: Vec<u8>,
    over: Option<What>,
}

impl Simulated {
    /// A server that `start` makes, each time that it is started.
    pub fn new(transport: Transport, start: impl Fn() -> Box<dyn Server> + 'static) -> Rc<Self> {
        let server = Some(start());
        let state = State {
            server,
            now: Duration::ZERO,
            connections: 0,
            inboxes: BTreeMap::new(),
            datagrams: BTreeMap::new(),
            ports: 1024,
            printed: Vec::new(),
            typed: VecDeque::new(),
            asks: false,
        };
        Rc::new(Self {
            start: Box::new(start),
            transport,
            state: RefCell::new(state),
            life: Life::default(),
        })
    }

    /// What it is spoken to over.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// For how long it serves, as far as it is known.
    pub(crate) fn life(&self) -> &Life {
        &self.life
    }

    /// Whether it has not ended.
    pub fn runs(&self) -> bool {
        self.state.borrow().server.is_some()
    }

    /// How many lines it has printed.
    pub fn prints(&self) -> u64 {
        self.state.borrow().printed.len() as u64
    }

    /// The line of this number, if it is printed within this time.
    pub fn printed(&self, number: u64, limit: Duration) -> Option<String> {
        let line = || self.state.borrow().printed.get(number as usize).cloned();
        if line().is_none() {
            self.wait(limit);
        }
        line()
    }

    /// Types a line, which the server gets when it asks for one.
    pub fn types(&self, line: &[u8]) {
        let mut state = self.state.borrow_mut();
        state.typed.push_back(line.to_vec());
        state.hand_over();
    }

    /// Lets some time go by.
    pub fn wait(&self, time: Duration) {
        let until = self.state.borrow().now + time;
        while self.state.borrow_mut().pass(until) {}
    }

    /// Ends it, if it runs, and starts it anew.
    pub fn restart(&self) {
        let mut state = self.state.borrow_mut();
        state.stop();
        state.server = Some((self.start)());
    }
}

impl State {
    fn local(&self) -> DateTime {
        // As far as calendars reach.
        BEGINNING.saturating_add(self.now)
    }

    fn on(&mut self, event: Event<'_>) {
        let now = Now { elapsed: self.now, local: self.local() };
        let Some(server) = &mut self.server else { return };
        let mut actions = Vec::new();
        server.on(now, event, &mut actions);
        actions.into_iter().for_each(|action| self.act(action));
        self.hand_over();
    }

    /// Hands a line that was typed to a server that waits for one.
    fn hand_over(&mut self) {
        if self.asks
            && let Some(line) = self.typed.pop_front()
        {
            self.asks = false;
            self.on(Event::Typed(Some(&line)));
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send(connection, octets) => {
                if let Some(inbox) = self.inboxes.get_mut(&connection)
                    && inbox.over.is_none()
                {
                    inbox.octets.extend(octets);
                }
            }
            Action::Close(connection) => self.over(connection, What::Closed),
            Action::Abort(connection) => self.over(connection, What::Reset),
            Action::Datagram(peer, octets) => {
                self.datagrams.entry(peer).or_default().push_back(What::Received(octets));
            }
            Action::Stray(peer, octets) => {
                let elsewhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
                self.datagrams.entry(peer).or_default().push_back(What::Stray(elsewhere, octets));
            }
            Action::Print(line) => self.printed.push(line),
            Action::Ask(_) => self.asks = true,
            Action::Stop => self.stop(),
        }
    }

    fn over(&mut self, connection: Connection, how: What) {
        if let Some(inbox) = self.inboxes.get_mut(&connection) {
            inbox.over.get_or_insert(how);
        }
    }

    fn stop(&mut self) {
        self.server = None;
        self.typed.clear();
        self.asks = false;
        for inbox in self.inboxes.values_mut() {
            inbox.over.get_or_insert(What::Closed);
        }
    }

    /// Lets the time pass up to `until`, or to what the server does next; whether that came first.
    fn pass(&mut self, until: Duration) -> bool {
        match self.server.as_ref().and_then(|server| server.due()) {
            Some(due) if due <= until => {
                self.now = self.now.max(due);
                self.on(Event::Due);
                true
            }
            _ => {
                self.now = until;
                false
            }
        }
    }
}

/// The clients of one dialogue with a [`Simulated`] server.
pub struct Simulation {
    host: Rc<Simulated>,
    transport: Transport,
    clients: BTreeMap<Client, Peer>,
}

#[derive(Clone, Copy)]
enum Peer {
    Connected(Connection),
    Bound(SocketAddr),
}

impl Simulation {
    /// No clients yet.
    pub fn new(host: Rc<Simulated>, transport: Transport) -> Self {
        Self { host, transport, clients: BTreeMap::new() }
    }

    fn connection(&self, client: Client) -> Option<Connection> {
        match self.clients.get(&client) {
            Some(Peer::Connected(connection)) => Some(*connection),
            _ => None,
        }
    }

    fn gone(&mut self, client: Client, closes: bool) {
        if let Some(connection) = self.connection(client) {
            let mut state = self.host.state.borrow_mut();
            state.inboxes.remove(&connection);
            if closes {
                // To the target it looks like a client that ends its half.
                state.on(Event::Ended(connection));
            }
            state.on(Event::Gone(connection));
        }
        self.clients.remove(&client);
    }

    fn take(&self, client: Client) -> Option<What> {
        let mut state = self.host.state.borrow_mut();
        match self.clients.get(&client)? {
            Peer::Bound(peer) => state.datagrams.get_mut(peer)?.pop_front(),
            Peer::Connected(connection) => {
                let inbox = state.inboxes.get_mut(connection)?;
                if inbox.octets.is_empty() {
                    inbox.over.clone()
                } else {
                    Some(What::Received(std::mem::take(&mut inbox.octets)))
                }
            }
        }
    }
}

impl Wire for Simulation {
    fn transport(&self) -> Transport {
        self.transport
    }

    fn now(&self) -> Duration {
        self.host.state.borrow().now
    }

    fn clock(&self) -> What {
        What::Clock { local: self.host.state.borrow().local(), shared: true }
    }

    async fn wait(&mut self, time: Duration) {
        self.host.wait(time);
    }

    fn has(&self, client: Client) -> bool {
        self.clients.contains_key(&client)
    }

    async fn open(&mut self, client: Client, _listen: bool, _limit: Duration) -> What {
        let mut state = self.host.state.borrow_mut();
        let peer = match self.transport {
            Transport::Tcp if state.server.is_none() => return What::Refused,
            Transport::Tcp => {
                let connection = Connection(state.connections);
                state.connections += 1;
                state.inboxes.insert(connection, Inbox::default());
                state.on(Event::Accepted(connection));
                Peer::Connected(connection)
            }
            Transport::Udp => {
                state.ports = state.ports.checked_add(1).unwrap_or(1024);
                Peer::Bound(SocketAddr::from((Ipv4Addr::LOCALHOST, state.ports)))
            }
        };
        self.clients.insert(client, peer);
        What::Opened
    }

    async fn send(&mut self, client: Client, octets: &[u8], _limit: Duration) -> Vec<What> {
        let mut state = self.host.state.borrow_mut();
        match self.clients.get(&client) {
            Some(Peer::Connected(connection)) => {
                let open = state.inboxes.get(connection).is_some_and(|inbox| inbox.over.is_none());
                if open {
                    state.on(Event::Received(*connection, octets));
                }
            }
            Some(Peer::Bound(peer)) => state.on(Event::Datagram(*peer, octets)),
            None => {}
        }
        Vec::new()
    }

    async fn settle(&mut self, _client: Client, _limit: Duration) {}

    async fn receive(&mut self, client: Client, limit: Duration) -> What {
        let until = self.now() + limit;
        loop {
            if let Some(what) = self.take(client) {
                return what;
            }
            let before = self.now();
            let acted = self.host.state.borrow_mut().pass(until);
            if !acted || self.now() == before {
                return self.take(client).unwrap_or(What::Silence(limit));
            }
        }
    }

    async fn end(&mut self, client: Client) {
        if let Some(connection) = self.connection(client) {
            self.host.state.borrow_mut().on(Event::Ended(connection));
        }
    }

    fn close(&mut self, client: Client) {
        self.gone(client, true);
    }

    fn reset(&mut self, client: Client) {
        self.gone(client, false);
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let clients: Vec<Client> = self.clients.keys().copied().collect();
        clients.into_iter().for_each(|client| self.gone(client, true));
    }
}
