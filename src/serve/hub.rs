//! The one server, and what it has to say to whom.
//!
//! Tasks hand events in; actions go to the outlet of the connection or datagram socket that they name, and wake its task.
//! Nothing here touches a socket, but for a stray datagram.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::debug;
use trueline_protocol::responder::{Action, Connection, Event, Now, Server};

use super::limits::CHUNK;
use super::printer;

/// What all tasks share.
pub(super) struct Hub {
    started: Instant,
    zone: TimeZone,
    idle: Duration,
    mind: RefCell<Mind>,
    chunk: RefCell<Box<[u8]>>,
    outlets: RefCell<HashMap<Connection, Rc<Outlet>>>,
    ports: Vec<Port>,
    accepted: Cell<u64>,
    /// When [`Event::Due`] is due.
    due: Cell<Option<Duration>>,
    rearmed: Notify,
    /// A connection has ended.
    left: Notify,
    /// When a stopping server gives up what is not sent.
    stopping: Cell<Option<Instant>>,
    /// The server asked for its end.
    ended: Notify,
    /// For whom the server wants its operator to type.
    asked: Cell<Option<Connection>>,
    asks: Notify,
}

struct Mind {
    server: Box<dyn Server>,
    actions: Vec<Action>,
}

/// Who hands in an event; actions upon it need not be woken or looked up.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Connection(&'a Outlet),
    Port(usize),
    Elsewhere,
}

impl Hub {
    pub(super) fn new(server: Box<dyn Server>, sockets: Vec<UdpSocket>, idle: Duration) -> Self {
        let due = server.due();
        Self {
            started: Instant::now(),
            zone: TimeZone::system(),
            idle,
            mind: RefCell::new(Mind { server, actions: Vec::new() }),
            chunk: RefCell::new(vec![0; CHUNK].into_boxed_slice()),
            outlets: RefCell::default(),
            ports: sockets.into_iter().map(Port::new).collect(),
            accepted: Cell::new(0),
            due: Cell::new(due),
            rearmed: Notify::new(),
            left: Notify::new(),
            stopping: Cell::new(None),
            ended: Notify::new(),
            asked: Cell::new(None),
            asks: Notify::new(),
        }
    }

    /// Hands an event to the server and does what it says.
    pub(super) fn on(&self, now: Instant, event: Event<'_>, origin: Origin<'_>) {
        let mut mind = self.mind.borrow_mut();
        let Mind { server, actions } = &mut *mind;
        // Only a server that panicked leaves any.
        actions.clear();
        let local = self.zone.to_datetime(Timestamp::now());
        server.on(Now { elapsed: now.duration_since(self.started), local }, event, actions);
        let due = server.due();
        if due != self.due.replace(due) {
            self.rearmed.notify_one();
        }
        for action in actions.drain(..) {
            self.perform(action, origin);
        }
    }

    fn perform(&self, action: Action, origin: Origin<'_>) {
        match action {
            Action::Send(connection, octets) => {
                self.outlet(connection, origin, |outbox| outbox.push(octets));
            }
            Action::Close(connection) => {
                self.outlet(connection, origin, |outbox| {
                    outbox.end.get_or_insert(End::Close);
                });
            }
            Action::Abort(connection) => {
                self.outlet(connection, origin, |outbox| outbox.end = Some(End::Abort));
            }
            Action::Datagram(peer, octets) => {
                if let Origin::Port(here) = origin {
                    self.ports[here].queue.borrow_mut().push_back((peer, octets));
                    return;
                }
                let same = |port: &&Port| port.address.is_ipv4() == peer.is_ipv4();
                match self.ports.iter().find(same) {
                    Some(port) => {
                        port.queue.borrow_mut().push_back((peer, octets));
                        port.wake();
                    }
                    None => debug!(%peer, "no socket to send a datagram from"),
                }
            }
            Action::Stray(peer, octets) => stray(peer, &octets),
            Action::Print(line) => printer::stdout().print(format!("{line}\n").as_bytes()),
            Action::Ask(connection) => {
                self.asked.set(Some(connection));
                self.asks.notify_one();
            }
            Action::Stop => {
                self.stop(Instant::now());
                self.ended.notify_one();
            }
        }
    }

    fn outlet(&self, connection: Connection, origin: Origin<'_>, act: impl FnOnce(&mut Outbox)) {
        match origin {
            Origin::Connection(outlet) if outlet.connection == connection => {
                act(&mut outlet.outbox.borrow_mut());
            }
            _ => {
                // One that is gone needs nothing more.
                if let Some(outlet) = self.outlets.borrow().get(&connection) {
                    act(&mut outlet.outbox.borrow_mut());
                    outlet.wake();
                }
            }
        }
    }

    /// Tells the server of a new connection. Its [`Seat`] keeps it known.
    pub(super) fn seat(self: &Rc<Self>) -> Seat {
        let connection = Connection(self.accepted.get());
        self.accepted.set(connection.0 + 1);
        let outlet =
            Rc::new(Outlet { connection, outbox: RefCell::default(), waker: RefCell::default() });
        self.outlets.borrow_mut().insert(connection, Rc::clone(&outlet));
        self.on(Instant::now(), Event::Accepted(connection), Origin::Connection(&outlet));
        Seat { hub: Rc::clone(self), outlet }
    }

    /// What a connection is read into. One does for all, since what is read is answered before anyone else runs.
    pub(super) fn chunk(&self) -> &RefCell<Box<[u8]>> {
        &self.chunk
    }

    pub(super) fn idle(&self) -> Duration {
        self.idle
    }

    /// How many connections there are.
    pub(super) fn live(&self) -> usize {
        self.outlets.borrow().len()
    }

    /// Completes once for the connections that ended since it last did.
    pub(super) async fn left(&self) {
        self.left.notified().await;
    }

    /// Completes when no connection is left.
    pub(super) async fn deserted(&self) {
        while self.live() > 0 {
            self.left().await;
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        // A time too far away to be told is as good as none.
        self.due.get().and_then(|due| self.started.checked_add(due))
    }

    /// Completes when [`Hub::due`] has changed.
    pub(super) async fn rearmed(&self) {
        self.rearmed.notified().await;
    }

    /// Has every task drain and end by this time.
    pub(super) fn stop(&self, by: Instant) {
        let by = self.stopping.get().map_or(by, |earlier| earlier.min(by));
        self.stopping.set(Some(by));
        self.outlets.borrow().values().for_each(|outlet| outlet.wake());
        self.ports.iter().for_each(Port::wake);
    }

    pub(super) fn stopping(&self) -> Option<Instant> {
        self.stopping.get()
    }

    /// Completes when the server has asked for its end.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// Completes when the server wants its operator to type: for whom.
    pub(super) async fn asked(&self) -> Connection {
        loop {
            match self.asked.get() {
                Some(connection) => return connection,
                None => self.asks.notified().await,
            }
        }
    }

    /// A line was typed, for whoever asked last.
    pub(super) fn answered(&self) {
        self.asked.set(None);
    }

    pub(super) fn ports(&self) -> usize {
        self.ports.len()
    }

    pub(super) fn port(&self, port: usize) -> &Port {
        &self.ports[port]
    }
}

/// What is to be sent on one connection.
pub(super) struct Outlet {
    pub(super) connection: Connection,
    pub(super) outbox: RefCell<Outbox>,
    waker: RefCell<Option<Waker>>,
}

impl Outlet {
    /// Has this task woken when something is put in.
    pub(super) fn listen(&self, waker: &Waker) {
        listen(&self.waker, waker);
    }

    fn wake(&self) {
        wake(&self.waker);
    }
}

/// Octets that wait for the system to take them: whole replies, of which the first may be partly sent.
#[derive(Default)]
pub(super) struct Outbox {
    octets: Vec<u8>,
    sent: usize,
    pub(super) end: Option<End>,
}

/// How a server ends a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Close,
    Abort,
}

impl Outbox {
    fn push(&mut self, mut octets: Vec<u8>) {
        match self.end {
            // Nothing follows the end.
            Some(_) => {}
            None if self.octets.is_empty() => self.octets = octets,
            None => self.octets.append(&mut octets),
        }
    }

    pub(super) fn unsent(&self) -> &[u8] {
        &self.octets[self.sent..]
    }

    /// The system took this many; room is given back once it took all.
    pub(super) fn took(&mut self, count: usize) {
        self.sent += count;
        if self.sent == self.octets.len() {
            self.octets = Vec::new();
            self.sent = 0;
        }
    }

    /// Whether a reply may be cut in two.
    pub(super) fn is_cut(&self) -> bool {
        self.sent > 0
    }
}

/// A connection's place in the hub, for as long as it lives.
pub(super) struct Seat {
    pub(super) hub: Rc<Hub>,
    pub(super) outlet: Rc<Outlet>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.outlets.borrow_mut().remove(&self.outlet.connection);
        self.hub.left.notify_one();
        let closed_by_server = self.outlet.outbox.borrow().end == Some(End::Close);
        // A server that has panicked is told nothing while the panic unwinds: a second one would end the process.
        if !closed_by_server && !std::thread::panicking() {
            self.hub.on(Instant::now(), Event::Gone(self.outlet.connection), Origin::Elsewhere);
        }
    }
}

/// A socket for datagrams, and what is to be sent from it.
pub(super) struct Port {
    pub(super) socket: UdpSocket,
    pub(super) address: SocketAddr,
    pub(super) queue: RefCell<VecDeque<(SocketAddr, Vec<u8>)>>,
    waker: RefCell<Option<Waker>>,
}

impl Port {
    fn new(socket: UdpSocket) -> Self {
        let nowhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        let address = socket.local_addr().unwrap_or(nowhere);
        Self { socket, address, queue: RefCell::default(), waker: RefCell::default() }
    }

    /// Has this task woken when something is put in.
    pub(super) fn listen(&self, waker: &Waker) {
        listen(&self.waker, waker);
    }

    fn wake(&self) {
        wake(&self.waker);
    }
}

fn listen(place: &RefCell<Option<Waker>>, waker: &Waker) {
    let mut place = place.borrow_mut();
    if !place.as_ref().is_some_and(|known| known.will_wake(waker)) {
        *place = Some(waker.clone());
    }
}

fn wake(place: &RefCell<Option<Waker>>) {
    let waker = place.borrow_mut().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Sends a datagram from a port of its own.
fn stray(peer: SocketAddr, octets: &[u8]) {
    let any: IpAddr =
        if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let sent = std::net::UdpSocket::bind(SocketAddr::new(any, 0)).and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(octets, peer)
    });
    if let Err(error) = sent {
        debug!(%peer, %error, "stray datagram not sent");
    }
}
