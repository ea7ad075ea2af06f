//! Wrong servers of chat.

use std::collections::{BTreeSet, VecDeque};

use trueline_protocol::framing::{self, LineDecoder};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::responder::{Action, Connection, Decoder, Event, Server};
use trueline_protocol::service::Service;

use super::python::literal;
use super::seam::{decoding, hosting, terminating, wording};
use super::{Mutant, of};
use crate::transport::Transport::Tcp;

pub(super) fn mutants() -> Vec<Mutant> {
    [sending(), printing(), turns(), endings(), lines()].concat()
}

/// What is sent.
fn sending() -> Vec<Mutant> {
    let spelling = of(Service::Chat, "spelling", Some(Tcp));
    let typed = "Send what was typed, and one LF: `(line + \"\\n\").encode()`.";
    vec![
        spelling("says-without-lf", "CHAT-1", "sends a line without LF", typed, |service| {
            terminating(service, "", "")
        }),
        spelling("says-with-crlf", "CHAT-1", "ends a line with CR LF", typed, |service| {
            terminating(service, "\r\n", "")
        }),
        spelling(
            "says-name",
            "CHAT-1",
            "puts a name before what its operator types",
            "Send what was typed and nothing else: a name is for the client to print.",
            |service| wording(service, |reply| format!("Server: {reply}")),
        ),
        spelling(
            "says-ascii",
            "CHAT-1",
            "replaces what is not ASCII",
            "Encode as UTF-8: `line.encode()`.",
            |service| wording(service, |reply| ascii(&reply.to_string())),
        ),
        of(Service::Chat, "host", Some(Tcp))(
            "echoes-talk",
            "CHAT-1",
            "sends back what the client has said",
            "Ask your operator for the line to send: `input()`.",
            |service| {
                let mut said = String::new();
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions.iter_mut() {
                        match action {
                            Action::Print(line) => said.clone_from(line),
                            Action::Send(_, octets) => *octets = format!("{said}\n").into(),
                            _ => {}
                        }
                    }
                })
            },
        ),
    ]
}

/// What is printed.
fn printing() -> Vec<Mutant> {
    let host = of(Service::Chat, "host", Some(Tcp));
    let print = "Print what has come before you call `input`, and flush.";
    vec![
        host(
            "hears-silently",
            "CHAT-2 CHAT-8 CHAT-9",
            "does not print what the client says",
            print,
            |service| prints(service, |_| None),
        ),
        host(
            "hears-bytes",
            "CHAT-2",
            "prints what the client says as Python shows bytes: `b'...'`",
            "Decode what you received before you print it.",
            |service| prints(service, |it| Some(literal(it.as_bytes()))),
        ),
        host(
            "hears-behind",
            "CHAT-2 CHAT-8 CHAT-9",
            "prints what the client says when its operator has typed the reply",
            print,
            |service| {
                let mut held = VecDeque::new();
                hosting(service, move |inner, now, event, actions| {
                    if matches!(event, Event::Typed(_)) {
                        actions.extend(held.drain(..));
                    }
                    let mut due = Vec::new();
                    inner.on(now, event, &mut due);
                    for action in due {
                        match action {
                            Action::Print(_) => held.push_back(action),
                            other => actions.push(other),
                        }
                    }
                })
            },
        ),
        host(
            "hears-20",
            "CHAT-2 CHAT-8 CHAT-9",
            "prints the first twenty characters of a line",
            "Print the whole line.",
            |service| prints(service, |said| Some(said.chars().take(20).collect())),
        ),
    ]
}

/// Whose turn it is.
fn turns() -> Vec<Mutant> {
    let host = of(Service::Chat, "host", Some(Tcp));
    let wait = "After each line that you send receive one, before you call `input` again.";
    vec![
        host(
            "speaks-first",
            "CHAT-3 CHAT-2 CHAT-5 CHAT-6 CHAT-7 CHAT-8 CHAT-9",
            "says something before the client does",
            wait,
            |service| {
                hosting(service, |inner, now, event, actions| match event {
                    Event::Accepted(connection) => {
                        inner.on(now, event, actions);
                        actions.push(Action::Ask(connection));
                        // It is as if the client had said something.
                        let mut unprinted = Vec::new();
                        inner.on(now, Event::Received(connection, b"-\n"), &mut unprinted);
                    }
                    event => inner.on(now, event, actions),
                })
            },
        ),
        host(
            "speaks-again",
            "CHAT-3 CHAT-5 CHAT-7",
            "sends every line as soon as it is typed, in turn or not",
            wait,
            |service| {
                let mut talk: Option<Connection> = None;
                let mut in_turn = false;
                hosting(service, move |inner, now, event, actions| {
                    match (event, talk) {
                        (Event::Typed(Some(line)), Some(connection))
                            if !in_turn && !line.is_empty() =>
                        {
                            actions.push(Action::Send(connection, [line, b"\n"].concat()));
                            actions.push(Action::Ask(connection));
                            return;
                        }
                        (Event::Gone(connection), Some(current)) if connection == current => {
                            talk = None;
                        }
                        _ => {}
                    }
                    inner.on(now, event, actions);
                    let sent = actions.iter().find_map(|action| match action {
                        Action::Send(connection, _) => Some(*connection),
                        _ => None,
                    });
                    in_turn |= actions.iter().any(|it| matches!(it, Action::Ask(_)));
                    if let (Some(connection), Event::Typed(_)) = (sent, event) {
                        talk = Some(connection);
                        in_turn = actions.iter().any(|it| matches!(it, Action::Ask(_)));
                        actions.push(Action::Ask(connection));
                    }
                    if actions.iter().any(|it| matches!(it, Action::Close(_))) {
                        talk = None;
                    }
                })
            },
        ),
    ]
}

/// How a talk ends.
fn endings() -> Vec<Mutant> {
    let host = of(Service::Chat, "host", Some(Tcp));
    vec![
        host(
            "says-empty-line",
            "CHAT-4 CHAT-7",
            "sends the empty line that should end the talk",
            "When the typed line is empty leave the loop and close the connection; do not send it.",
            |service| {
                let mut talk = None;
                hosting(service, move |inner, now, event, actions| {
                    if let (Event::Typed(Some(b"")), Some(connection)) = (event, talk) {
                        actions.push(Action::Send(connection, b"\n".to_vec()));
                    }
                    inner.on(now, event, actions);
                    talk = asked(actions).or(talk);
                })
            },
        ),
        host(
            "ends-in-silence",
            "CHAT-4 CHAT-7",
            "stays connected when its operator has ended the talk",
            "Close the connection: the client waits for your line.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if matches!(event, Event::Typed(_)) {
                        actions.retain(|action| !matches!(action, Action::Close(_)));
                    }
                })
            },
        ),
        host(
            "talks-to-nobody",
            "CHAT-5",
            "does not close when the client has ended the talk",
            "When `recv` returns no octets the client has ended: close the connection.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if matches!(event, Event::Ended(_)) {
                        actions.retain(|action| !matches!(action, Action::Close(_)));
                    }
                })
            },
        ),
        of(Service::Chat, "framing", Some(Tcp))(
            "shows-what-is-no-text",
            "CHAT-6",
            "goes on talking after a line that is empty, too long, or no text",
            "Close the connection: nobody has said that.",
            |service| decoding(service, || Reading::boxed(lenient)),
        ),
        of(Service::Chat, "framing", Some(Tcp))(
            "shows-what-is-long",
            "CHAT-6",
            "takes lines however long they are",
            "Close the connection when a line has more than 1023 octets: it may never end.",
            |service| decoding(service, || Reading::boxed(shortened)),
        ),
        host(
            "talks-once",
            "CHAT-7",
            "leaves the next client alone",
            "Loop: accept the next client; or end the program.",
            |service| {
                let mut left: BTreeSet<Connection> = BTreeSet::new();
                let mut came = false;
                hosting(service, move |inner, now, event, actions| {
                    if let Event::Accepted(connection) = event
                        && std::mem::replace(&mut came, true)
                    {
                        left.insert(connection);
                    }
                    match event {
                        Event::Accepted(it)
                        | Event::Received(it, _)
                        | Event::Ended(it)
                        | Event::Gone(it)
                            if left.contains(&it) => {}
                        event => inner.on(now, event, actions),
                    }
                })
            },
        ),
    ]
}

/// What a line is.
fn lines() -> Vec<Mutant> {
    let framing = of(Service::Chat, "framing", Some(Tcp));
    vec![
        framing(
            "recv-is-said",
            "CHAT-8 CHAT-9",
            "takes what one recv returns for one line",
            "TCP keeps no message boundaries: collect what recv returns until a line is complete.",
            |service| {
                struct Raw;
                impl Decoder for Raw {
                    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(framing::Line<'_>)) {
                        let line = octets.strip_suffix(b"\n").unwrap_or(octets);
                        let line = line.strip_suffix(b"\r").unwrap_or(line);
                        each(if line.len() > REQUEST_TEXT_MAX {
                            Err(framing::TooLong)
                        } else {
                            Ok(line)
                        });
                    }
                    fn end(&mut self, _each: &mut dyn FnMut(framing::Line<'_>)) {}
                }
                decoding(service, || Box::new(Raw))
            },
        ),
        of(Service::Chat, "host", Some(Tcp))(
            "says-500",
            "CHAT-9",
            "sends no more than 500 octets of a line",
            "Send the whole line: `sendall`.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Send(_, octets) = action
                            && octets.len() > 501
                        {
                            octets.truncate(500);
                            octets.push(b'\n');
                        }
                    }
                })
            },
        ),
        framing(
            "hears-1000",
            "CHAT-9",
            "takes a line of more than 1000 octets for too long",
            "1023 octets must fit, and the terminator besides.",
            |service| decoding(service, || Reading::boxed(short)),
        ),
    ]
}

/// Takes lines of a client otherwise.
struct Reading(LineDecoder, fn(framing::Line<'_>) -> framing::Line<'_>);

impl Reading {
    fn boxed(read: fn(framing::Line<'_>) -> framing::Line<'_>) -> Box<dyn Decoder> {
        Box::new(Self(LineDecoder::default(), read))
    }
}

impl Decoder for Reading {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(framing::Line<'_>)) {
        self.0.push(octets, &mut |line| each((self.1)(line)));
    }

    fn end(&mut self, each: &mut dyn FnMut(framing::Line<'_>)) {
        self.0.end(&mut |line| each((self.1)(line)));
    }
}

fn lenient(line: framing::Line<'_>) -> framing::Line<'_> {
    match framing::text(line) {
        Ok(text) if !text.is_empty() => line,
        _ => Ok(b"(something)"),
    }
}

/// Of a line that is too long nobody knows what it was.
fn shortened(line: framing::Line<'_>) -> framing::Line<'_> {
    line.or(Ok(b"(something long)"))
}

fn short(line: framing::Line<'_>) -> framing::Line<'_> {
    line.and_then(|octets| if octets.len() > 1000 { Err(framing::TooLong) } else { Ok(octets) })
}

/// For whom a line is to be typed.
fn asked(actions: &[Action]) -> Option<Connection> {
    actions.iter().find_map(|action| match action {
        Action::Ask(connection) => Some(*connection),
        _ => None,
    })
}

fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

/// Prints something else, or nothing.
fn prints(service: Service, print: fn(&str) -> Option<String>) -> Box<dyn Server> {
    hosting(service, move |inner, now, event, actions| {
        inner.on(now, event, actions);
        actions.retain_mut(|action| match action {
            Action::Print(line) => match print(line) {
                Some(other) => {
                    *line = other;
                    true
                }
                None => false,
            },
            _ => true,
        });
    })
}
