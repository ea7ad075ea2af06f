//! A whole server without sockets: events and the time in, actions out.
//!
//! [`Responder`] is made of three [`Seams`]: framing, meaning and spelling. A wrong server is a right one with one seam
//! replaced, or one [`Server`] wrapped in another that tampers with events and actions.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use jiff::civil::DateTime;

use crate::framing::{self, Line, LineDecoder};
use crate::service::{Manner, Reply, Service};
use crate::talk::Talk;

/// Names one TCP connection for as long as it lives. The caller chooses the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection(pub u64);

/// What time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The time since any fixed moment; it never goes backwards.
    pub elapsed: Duration,
    /// What the clock on the wall shows, in the server's time zone.
    pub local: DateTime,
}

impl Now {
    /// The beginning of all time, where it does not matter what time it is.
    pub const ZERO: Self = Self { elapsed: Duration::ZERO, local: DateTime::ZERO };
}

/// Something that happened to a server.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A connection was accepted.
    Accepted(Connection),
    /// Octets arrived on a connection.
    Received(Connection, &'a [u8]),
    /// The client ended its half; it may still read.
    Ended(Connection),
    /// The connection is no more: closed, reset or given up.
    Gone(Connection),
    /// A datagram arrived.
    Datagram(SocketAddr, &'a [u8]),
    /// The operator typed this line, as [`Action::Ask`] wanted; `None` when nothing more is ever typed.
    Typed(Option<&'a [u8]>),
    /// The time that [`Server::due`] named has come.
    Due,
}

/// Something that a server does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send octets on a connection.
    Send(Connection, Vec<u8>),
    /// Send what is still to be sent on a connection, then close it. [`Event::Gone`] does not follow.
    Close(Connection),
    /// Close a connection at once and discard what is still to be sent.
    Abort(Connection),
    /// Send a datagram from the port that the server listens on.
    Datagram(SocketAddr, Vec<u8>),
    /// Send a datagram from some other port. No right server does.
    Stray(SocketAddr, Vec<u8>),
    /// Print a line for the server's operator, before what follows is sent.
    Print(String),
    /// Wait for the operator to type a line for a connection: one [`Event::Typed`], whoever else has asked meanwhile.
    Ask(Connection),
    /// End the server.
    Stop,
}

/// A server without I/O.
pub trait Server {
    /// Takes an event, and appends what is to be done about it.
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>);

    /// When [`Event::Due`] is to be delivered next, as [`Now::elapsed`] tells the time.
    fn due(&self) -> Option<Duration> {
        None
    }
}

impl<S: Server + ?Sized> Server for Box<S> {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        (**self).on(now, event, actions);
    }

    fn due(&self) -> Option<Duration> {
        (**self).due()
    }
}

/// The first seam: octets into lines.
pub trait Framing {
    /// A decoder for a new connection.
    fn decoder(&self) -> Box<dyn Decoder>;

    /// The line of a datagram.
    fn datagram<'a>(&self, octets: &'a [u8]) -> Line<'a>;
}

/// Finds the lines of one connection.
pub trait Decoder {
    /// Takes octets as they arrive and hands on the lines they complete.
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>));

    /// The client has ended its half.
    fn end(&mut self, each: &mut dyn FnMut(Line<'_>));
}

/// The second seam: a line into a reply.
pub trait Meaning {
    /// The reply to a connection, which is then closed; `None` where requests are waited for.
    fn announce(&mut self, now: DateTime) -> Option<Reply<'static>>;

    /// The reply to a line, or to a datagram; in a talk, what a line says, whoever says it.
    fn answer<'a>(&mut self, line: Line<'a>, now: DateTime) -> Reply<'a>;

    /// Whether clients and the operator take turns.
    fn takes_turns(&self) -> bool {
        false
    }
}

/// The third seam: a reply into octets.
pub trait Spelling {
    /// Appends a reply as it goes over TCP, terminator and all.
    fn line(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>);

    /// Appends a reply as it goes into a datagram.
    fn datagram(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>);
}

/// The framing of the `line` dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineFraming;

impl Framing for LineFraming {
    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(LineDecoder::default())
    }

    fn datagram<'a>(&self, octets: &'a [u8]) -> Line<'a> {
        framing::datagram(octets)
    }
}

impl Decoder for LineDecoder {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        Self::push(self, octets, each);
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        Self::end(self, each);
    }
}

impl Meaning for Service {
    fn announce(&mut self, now: DateTime) -> Option<Reply<'static>> {
        Self::announce(*self, now)
    }

    fn answer<'a>(&mut self, line: Line<'a>, now: DateTime) -> Reply<'a> {
        self.answer_line(line, now)
    }

    fn takes_turns(&self) -> bool {
        self.manner() == Manner::Talk
    }
}

/// The spelling of the `line` dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineSpelling;

impl Spelling for LineSpelling {
    fn line(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
        reply.spell(out);
        // Who says nothing does not end a line either (CONN-1).
        out.extend((!matches!(reply, Reply::Connect(_))).then_some(b'\n'));
    }

    fn datagram(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
        reply.spell(out);
    }
}

/// What a responder is made of.
pub struct Seams {
    /// Octets into lines.
    pub framing: Box<dyn Framing>,
    /// A line into a reply.
    pub meaning: Box<dyn Meaning>,
    /// A reply into octets.
    pub spelling: Box<dyn Spelling>,
}

impl Seams {
    /// The seams of a right server.
    pub fn of(service: Service) -> Self {
        Self {
            framing: Box::new(LineFraming),
            meaning: Box::new(service),
            spelling: Box::new(LineSpelling),
        }
    }
}

/// A server for one service, on any number of connections and over datagrams.
///
/// It keeps no more of a connection than the line that is not yet complete, and nothing between datagrams (FRAME-34).
/// What it is handed in one event it answers in one [`Action::Send`]: whoever hands it at most `n` octets at a time, and
/// no more before the replies are on their way, bounds what is buffered for a peer that does not read (FRAME-21).
pub struct Responder {
    seams: Seams,
    decoders: BTreeMap<Connection, Box<dyn Decoder>>,
    /// Where clients and the operator take turns.
    talk: Option<Talk>,
}

impl Responder {
    /// A responder made of these seams.
    pub fn new(seams: Seams) -> Self {
        let talk = seams.meaning.takes_turns().then(Talk::default);
        Self { seams, decoders: BTreeMap::new(), talk }
    }

    /// A right server for a service.
    pub fn of(service: Service) -> Self {
        Self::new(Seams::of(service))
    }

    fn answer(
        &mut self,
        connection: Connection,
        now: DateTime,
        feed: impl FnOnce(&mut dyn Decoder, &mut dyn FnMut(Line<'_>)),
        actions: &mut Vec<Action>,
    ) {
        let Some(decoder) = self.decoders.get_mut(&connection) else { return };
        let Seams { meaning, spelling, .. } = &mut self.seams;
        let mut out = Vec::new();
        feed(&mut **decoder, &mut |line| {
            let reply = meaning.answer(line, now);
            actions.extend(print(&reply));
            spelling.line(&reply, &mut out);
        });
        if !out.is_empty() {
            actions.push(Action::Send(connection, out));
        }
    }
}

impl Server for Responder {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        if let Some(talk) = &mut self.talk {
            return talk.on(&mut self.seams, now.local, event, actions);
        }
        match event {
            Event::Accepted(connection) => match self.seams.meaning.announce(now.local) {
                None => drop(self.decoders.insert(connection, self.seams.framing.decoder())),
                Some(reply) => {
                    let mut out = Vec::new();
                    self.seams.spelling.line(&reply, &mut out);
                    actions.extend((!out.is_empty()).then_some(Action::Send(connection, out)));
                    actions.push(Action::Close(connection));
                }
            },
            Event::Received(connection, octets) => {
                self.answer(
                    connection,
                    now.local,
                    |decoder, each| decoder.push(octets, each),
                    actions,
                );
            }
            Event::Ended(connection) => {
                self.answer(connection, now.local, |decoder, each| decoder.end(each), actions);
                if self.decoders.remove(&connection).is_some() {
                    actions.push(Action::Close(connection));
                }
            }
            Event::Gone(connection) => {
                self.decoders.remove(&connection);
            }
            Event::Datagram(peer, octets) => {
                let Seams { framing, meaning, spelling } = &mut self.seams;
                let reply = meaning.answer(framing.datagram(octets), now.local);
                actions.extend(print(&reply));
                let mut out = Vec::new();
                spelling.datagram(&reply, &mut out);
                actions.push(Action::Datagram(peer, out));
            }
            Event::Typed(_) | Event::Due => {}
        }
    }
}

/// What is to be printed before a reply is sent.
fn print(reply: &Reply<'_>) -> Option<Action> {
    reply.printed().map(|text| Action::Print(text.into()))
}
