//! Turns: a client says a line, the operator says one, and so on (SPEC.md section 10). There is one operator, so there is one
//! talk at a time; further clients wait.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::framing::{TooLong, text};
use crate::limits::REQUEST_TEXT_MAX;
use crate::responder::{Action, Connection, Decoder, Event, Seams};
use crate::service::Reply;

/// Lines that a client may say ahead of its turn. One that says more is cut off.
const AHEAD_MAX: usize = 64;

/// What the operator is told when a talk is over.
const LEFT: &str = "(the client has left)";

/// The clients of a service that is spoken in turns, and whose turn it is.
#[derive(Default)]
pub(crate) struct Talk {
    clients: BTreeMap<Connection, Client>,
    /// Those who wait, behind the one who talks.
    row: VecDeque<Connection>,
    /// Whether what is due next is the operator's line.
    operators_turn: bool,
}

struct Client {
    decoder: Box<dyn Decoder>,
    lines: VecDeque<Result<Vec<u8>, TooLong>>,
    ended: bool,
}

impl Talk {
    /// Takes an event, and appends what is to be done about it.
    pub(crate) fn on(
        &mut self,
        seams: &mut Seams,
        now: DateTime,
        event: Event<'_>,
        actions: &mut Vec<Action>,
    ) {
        match event {
            Event::Accepted(connection) => {
                let decoder = seams.framing.decoder();
                let client = Client { decoder, lines: VecDeque::new(), ended: false };
                self.clients.insert(connection, client);
                self.row.push_back(connection);
            }
            Event::Received(connection, octets) => {
                let Some(client) = self.clients.get_mut(&connection) else { return };
                let lines = &mut client.lines;
                client.decoder.push(octets, &mut |line| lines.push_back(line.map(<[u8]>::to_vec)));
                if client.lines.len() > AHEAD_MAX {
                    self.left(connection, actions);
                    actions.push(Action::Abort(connection));
                }
            }
            Event::Ended(connection) => {
                let Some(client) = self.clients.get_mut(&connection) else { return };
                let lines = &mut client.lines;
                client.decoder.end(&mut |line| lines.push_back(line.map(<[u8]>::to_vec)));
                client.ended = true;
            }
            Event::Gone(connection) => self.left(connection, actions),
            Event::Typed(line) => self.typed(seams, now, line, actions),
            Event::Datagram(..) | Event::Due => {}
        }
        while self.goes_on(seams, now, actions) {}
    }

    /// A client is no longer there. Were the operator not told, it would go on thinking of a reply.
    fn left(&mut self, connection: Connection, actions: &mut Vec<Action>) {
        let talks = self.operators_turn && self.row.front() == Some(&connection);
        actions.extend(talks.then(|| Action::Print(LEFT.into())));
        self.leave(connection);
    }

    /// Whether a client's turn was taken, or its talk ended.
    fn goes_on(&mut self, seams: &mut Seams, now: DateTime, actions: &mut Vec<Action>) -> bool {
        let Some(&connection) = self.row.front() else { return false };
        let Some(client) = self.clients.get_mut(&connection) else { return false };
        if self.operators_turn {
            return false;
        }
        match client.lines.pop_front() {
            Some(line) => {
                let line = line.as_deref().map_err(|too_long| *too_long);
                match seams.meaning.answer(line, now) {
                    // What is not said to anybody ends the talk, too (CHAT-8).
                    Reply::Error(_) => self.end(connection, actions),
                    said => {
                        actions.extend(said.printed().map(|it| Action::Print(it.into())));
                        actions.push(Action::Ask(connection));
                        self.operators_turn = true;
                    }
                }
                true
            }
            None if client.ended => {
                actions.push(Action::Print(LEFT.into()));
                self.end(connection, actions);
                true
            }
            None => false,
        }
    }

    /// The operator has typed a line, or will type none any more. Out of turn there is nobody to hear it.
    fn typed(
        &mut self,
        seams: &mut Seams,
        now: DateTime,
        line: Option<&[u8]>,
        actions: &mut Vec<Action>,
    ) {
        let Some(&connection) = self.row.front().filter(|_| self.operators_turn) else { return };
        let Some(line) = line else { return self.end(connection, actions) };
        let line = if line.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(line) };
        match text(line).and_then(|_| as_said(seams.meaning.answer(line, now))) {
            Ok(said) => {
                let mut out = Vec::new();
                seams.spelling.line(&said, &mut out);
                actions.push(Action::Send(connection, out));
                self.operators_turn = false;
            }
            Err(ErrorCode::Empty) => self.end(connection, actions),
            Err(code) => {
                actions.push(Action::Print(unsent(code)));
                actions.push(Action::Ask(connection));
            }
        }
    }

    /// Closes the connection of the client who talks.
    fn end(&mut self, connection: Connection, actions: &mut Vec<Action>) {
        self.leave(connection);
        actions.push(Action::Close(connection));
    }

    fn leave(&mut self, connection: Connection) {
        if self.row.front() == Some(&connection) {
            self.operators_turn = false;
        }
        self.row.retain(|other| *other != connection);
        self.clients.remove(&connection);
    }
}

fn as_said(reply: Reply<'_>) -> Result<Reply<'_>, ErrorCode> {
    match reply {
        Reply::Error(code) => Err(code),
        said => Ok(said),
    }
}

/// What the operator is told of a line that is none.
fn unsent(code: ErrorCode) -> String {
    let why = match code {
        ErrorCode::TooLong => "it is too long",
        _ => "it is not text",
    };
    ["not sent: ", why].concat()
}
