//! A server of a dialect, made of one that speaks `line`, right or wrong.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Dialect, First, Frame, Part, Said};
use crate::framing;
use crate::limits::REQUEST_TEXT_MAX;
use crate::responder::{Action, Connection, Event, Now, Server};
use crate::service::Manner;

/// Most octets that are kept of a request: a frame that is longer is no request.
const HELD_MAX: usize = 1 << 16;

/// Stands between clients that speak a dialect and a server that speaks `line`.
///
/// Requests that came at once are handed on at once, so that what the server makes of that shows; what has come of a
/// request that is not whole is kept.
pub struct Interpreter<S> {
    dialect: Arc<Dialect>,
    server: S,
    /// Whether what arrives at once is taken for one message, whatever it is: nobody right does so.
    hasty: bool,
    connections: BTreeMap<Connection, Talk>,
}

/// What is known of a connection.
#[derive(Default)]
struct Talk {
    /// What has come of a message that is not whole.
    held: Vec<u8>,
    /// The messages of a request of several.
    parts: Vec<Vec<u8>>,
    /// The requests that were handed on and not answered.
    asked: VecDeque<String>,
    /// Whether the connection has had all its requests.
    is_done: bool,
}

/// What a message calls for.
enum Heard {
    /// A request of `line`.
    Request(Vec<u8>),
    /// Something to answer before the request is whole; or nothing.
    Prompt(Option<Vec<u8>>),
    /// The client takes its leave.
    Quit,
}

impl<S: Server> Interpreter<S> {
    /// A server of a dialect.
    pub fn new(dialect: Arc<Dialect>, server: S) -> Self {
        Self { dialect, server, hasty: false, connections: BTreeMap::new() }
    }

    /// The same server, but for one fault: it takes what arrives at once for one message.
    pub fn hasty(self) -> Self {
        Self { hasty: true, ..self }
    }

    /// Takes what has come on a connection, all there is of it when `is_over`.
    fn take(
        &mut self,
        now: Now,
        connection: Connection,
        octets: &[u8],
        is_over: bool,
        actions: &mut Vec<Action>,
    ) {
        let Some(talk) = self.connections.get_mut(&connection) else { return };
        talk.held.extend_from_slice(octets);
        let held = core::mem::take(&mut talk.held);
        // In their order: requests that stand side by side are one, so that they are handed on at once.
        let (mut rest, mut calls, mut leaves) = (held.as_slice(), Vec::new(), false);
        while !talk.is_done {
            let text = match self.dialect.request.first(rest, is_over) {
                First::Whole(_, all) if self.hasty && all < rest.len() => {
                    core::mem::take(&mut rest)
                }
                First::Part if self.hasty && !rest.is_empty() => core::mem::take(&mut rest),
                First::Whole(text, all) => {
                    rest = &rest[all..];
                    text
                }
                First::Part
                    if is_over && !rest.is_empty()
                        || self.dialect.request.is_over(rest, HELD_MAX) =>
                {
                    self.dialect.request.unbegun(core::mem::take(&mut rest))
                }
                First::Part => break,
            };
            let ends = rest.is_empty() && is_over;
            match talk.heard(&self.dialect, text) {
                Heard::Request(line) => {
                    talk.asked.push_back(String::from_utf8_lossy(&line).into_owned());
                    let line = [line, b"\n".into()].concat();
                    match calls.last_mut() {
                        Some(Heard::Request(lines)) => lines.extend(line),
                        _ => calls.push(Heard::Request(line)),
                    }
                    talk.is_done = self.dialect.session.once;
                }
                Heard::Prompt(None) => {}
                prompt @ Heard::Prompt(_) => calls.push(prompt),
                Heard::Quit => {
                    talk.is_done = true;
                    leaves = true;
                }
            }
            if ends {
                break;
            }
        }
        talk.held =
            if talk.is_done { Vec::new() } else { self.dialect.request.kept(rest, HELD_MAX) };
        let is_done = talk.is_done;
        for call in calls {
            match call {
                Heard::Request(lines) => {
                    self.pass(now, Event::Received(connection, &lines), actions);
                }
                Heard::Prompt(prompt) if self.connections.contains_key(&connection) => {
                    let prompt = prompt.and_then(|prompt| self.dialect.reply.wrap(&prompt));
                    actions.extend(prompt.map(|prompt| Action::Send(connection, prompt)));
                }
                Heard::Prompt(_) | Heard::Quit => {}
            }
        }
        if leaves {
            self.leave(now, connection, actions);
        } else if is_done && self.dialect.session.closes {
            self.close(now, connection, actions);
        }
    }

    /// Hands an event on, and what comes of it back.
    fn pass(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        let mut own = Vec::new();
        self.server.on(now, event, &mut own);
        let request = match event {
            Event::Datagram(_, line) => String::from_utf8_lossy(line).into_owned(),
            _ => String::new(),
        };
        for action in own {
            match action {
                Action::Send(connection, octets) => {
                    self.send(now, connection, &octets, actions);
                }
                Action::Datagram(peer, reply) => match self.said(&request, &reply) {
                    Out::Reply(octets) => {
                        actions.push(Action::Datagram(peer, octets));
                        self.end(actions);
                    }
                    Out::Stop => actions.push(Action::Stop),
                    Out::Silence | Out::Close => {}
                },
                Action::Stray(peer, reply) => {
                    if let Out::Reply(octets) = self.said(&request, &reply) {
                        actions.push(Action::Stray(peer, octets));
                    }
                }
                Action::Close(connection) | Action::Abort(connection) => {
                    if self.connections.remove(&connection).is_some() {
                        actions.push(action);
                        self.end(actions);
                    }
                }
                other => actions.push(other),
            }
        }
    }

    /// Sends replies of `line`, a terminator behind each but perhaps the last.
    fn send(&mut self, now: Now, connection: Connection, octets: &[u8], actions: &mut Vec<Action>) {
        let mut out = Vec::new();
        for line in octets.split_inclusive(|&octet| octet == b'\n') {
            let bare = line.strip_suffix(b"\n");
            let asked = self.connections.get_mut(&connection);
            let request = asked.and_then(|talk| talk.asked.pop_front()).unwrap_or_default();
            match self.said(&request, bare.unwrap_or(line)) {
                Out::Reply(text) => out.extend(match bare {
                    Some(_) => self.dialect.reply.wrap(&text).unwrap_or_default(),
                    None => text,
                }),
                Out::Silence => {}
                Out::Close => {
                    actions.push(Action::Send(connection, core::mem::take(&mut out)));
                    self.close(now, connection, actions);
                }
                Out::Stop => actions.push(Action::Stop),
            }
        }
        if !out.is_empty() {
            actions.push(Action::Send(connection, out));
        }
        actions.retain(|action| !matches!(action, Action::Send(_, octets) if octets.is_empty()));
    }

    /// A reply of `line` in the words of the dialect; what is no reply of `line` is left as it is.
    fn said(&self, request: &str, reply: &[u8]) -> Out {
        let text = core::str::from_utf8(reply).ok();
        match text.and_then(|text| self.dialect.replied(request, text)) {
            Some(Said::Reply(parts)) => {
                Out::Reply(parts.iter().flat_map(Part::octets).copied().collect())
            }
            Some(Said::Silence) => Out::Silence,
            Some(Said::Close) => Out::Close,
            Some(Said::Stop) => Out::Stop,
            None => Out::Reply(reply.to_vec()),
        }
    }

    fn leave(&mut self, now: Now, connection: Connection, actions: &mut Vec<Action>) {
        let Some(quit) = self.dialect.session.quit.clone() else { return };
        let reply = quit.reply.and_then(|reply| self.dialect.reply.wrap(reply.as_bytes()));
        actions.extend(reply.map(|reply| Action::Send(connection, reply)));
        self.close(now, connection, actions);
        if quit.stops {
            actions.push(Action::Stop);
        }
    }

    fn close(&mut self, now: Now, connection: Connection, actions: &mut Vec<Action>) {
        if self.connections.remove(&connection).is_some() {
            actions.push(Action::Close(connection));
            self.pass(now, Event::Gone(connection), actions);
            self.end(actions);
        }
    }

    /// A client was served: that may be all there is to do.
    fn end(&self, actions: &mut Vec<Action>) {
        if self.dialect.session.ends && !actions.contains(&Action::Stop) {
            actions.push(Action::Stop);
        }
    }
}

/// What becomes of a reply.
enum Out {
    Reply(Vec<u8>),
    Silence,
    Close,
    Stop,
}

impl Talk {
    /// What a message calls for.
    fn heard(&mut self, dialect: &Dialect, text: &[u8]) -> Heard {
        let quit = dialect.session.quit.as_ref();
        if quit.is_some_and(|quit| quit.words.iter().any(|word| word.as_bytes() == text)) {
            return Heard::Quit;
        }
        self.parts.push(text.to_vec());
        let whole = dialect.forms.first().map_or(1, |form| form.parts.len());
        if let Some(form) = dialect.forms.first().filter(|_| self.parts.len() < whole) {
            let prompt = form.prompts.get(self.parts.len() - 1).cloned().flatten();
            return Heard::Prompt(prompt.map(String::into_bytes));
        }
        let parts = core::mem::take(&mut self.parts);
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Heard::Request(line(dialect, &parts))
    }
}

/// The request of `line` that some messages say, whatever is in them.
fn line(dialect: &Dialect, parts: &[&[u8]]) -> Vec<u8> {
    // Whoever ends lines on a stream may end one in a datagram; where nothing tells, a line end may be sent along.
    let ends = match &dialect.request {
        Frame::Until(ends) => ends.iter().any(|end| end == b"\n"),
        frame => !frame.is_declared(),
    };
    let bare = |part: &&[u8]| match framing::datagram(part) {
        Ok(text) if ends => text.to_vec(),
        _ => part.to_vec(),
    };
    let parts: Vec<Vec<u8>> = parts.iter().map(bare).collect();
    let texts: Option<Vec<&str>> =
        parts.iter().map(|part| core::str::from_utf8(part).ok()).collect();
    // What is too long stays so, as does what is no text.
    let is_text =
        |text: &&str| text.len() <= REQUEST_TEXT_MAX && text.chars().all(framing::is_char);
    let line = match texts.filter(|texts| texts.iter().all(is_text)) {
        Some(texts) => dialect.heard(&texts).into_bytes(),
        None => parts.concat(),
    };
    // What ends a line is a control character in a message.
    line.iter().map(|&octet| if matches!(octet, b'\n' | b'\r') { 1 } else { octet }).collect()
}

impl<S: Server> Server for Interpreter<S> {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        match event {
            Event::Accepted(connection) => {
                self.connections.insert(connection, Talk::default());
                let greeting = self.dialect.session.greeting.as_ref();
                let greeting = greeting.and_then(|it| self.dialect.reply.wrap(it.as_bytes()));
                actions.extend(greeting.map(|greeting| Action::Send(connection, greeting)));
                self.pass(now, event, actions);
            }
            Event::Received(..) if self.dialect.service.manner() == Manner::Announcement => {
                self.pass(now, event, actions);
            }
            Event::Received(connection, octets) => {
                self.take(now, connection, octets, false, actions);
            }
            Event::Ended(connection) => {
                self.take(now, connection, &[], true, actions);
                if self.connections.contains_key(&connection) {
                    self.pass(now, event, actions);
                }
            }
            Event::Gone(connection) => {
                let was_served = self.connections.remove(&connection).is_some();
                self.pass(now, event, actions);
                if was_served {
                    self.end(actions);
                }
            }
            Event::Datagram(peer, octets) => {
                let line = line(&self.dialect, &[octets]);
                self.pass(now, Event::Datagram(peer, &line), actions);
            }
            Event::Typed(_) | Event::Due => self.pass(now, event, actions),
        }
    }

    fn due(&self) -> Option<core::time::Duration> {
        self.server.due()
    }
}
