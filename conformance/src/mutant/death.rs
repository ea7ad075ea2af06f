//! Servers that do not outlive what a client does: they end, or leave the one that did it without an answer for ever.

use std::collections::BTreeSet;

use trueline_protocol::responder::{Action, Event, Server};
use trueline_protocol::service::Manner::Conversation;
use trueline_protocol::service::Service;

use super::seam::hosting;
use super::{Mutant, on, spoken};
use crate::transport::Transport::Tcp;

pub(super) fn mutants() -> Vec<Mutant> {
    let asked = spoken(Conversation, "host", None);
    let connected = spoken(Conversation, "host", Some(Tcp));
    let tcp = on("host", Some(Tcp));
    let caught =
        "An exception ends the thread and nothing else: catch it, and answer with the error.";
    vec![
        asked(
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
        asked(
            "dies-on-junk",
            "FRAME-17 FRAME-16 ERR-4",
            "ends when it is sent what is not UTF-8",
            "Catch UnicodeDecodeError where you decode, and answer `ERR encoding`.",
            |service| {
                dying(service, |octets, reply| {
                    reply.starts_with(b"ERR encoding") && std::str::from_utf8(octets).is_err()
                })
            },
        ),
        asked(
            "dies-on-controls",
            "FRAME-17 FRAME-16 ERR-5",
            "ends when it is sent a control character",
            "No request ends the server: answer `ERR encoding`.",
            |service| {
                dying(service, |octets, reply| {
                    reply.starts_with(b"ERR encoding") && octets.contains(&0)
                })
            },
        ),
        asked(
            "dies-on-empty",
            "FRAME-17 FRAME-16 ERR-6 FRAME-30 FRAME-34 FRAME-35",
            "ends when it is sent an empty request",
            "No request ends the server: what is empty gets `ERR empty`.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR empty")),
        ),
        asked(
            "dies-on-long",
            "FRAME-17 FRAME-16 ERR-3 FRAME-14 FRAME-20 FRAME-34",
            "ends when it is sent a request that is too long",
            "No request ends the server: answer `ERR too-long`.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR too-long")),
        ),
        asked(
            "evaluates",
            "FRAME-17",
            "hands requests to eval",
            "A request is data: never give it to eval, which does whatever it says.",
            |service| dying(service, |octets, _| octets.starts_with(b"__import__")),
        ),
        tcp(
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
        connected(
            "ends-with-client",
            "FRAME-17 FRAME-22",
            "serves one client and ends",
            "Loop: accept the next client when one has left.",
            |service| ending_at(service, |_| true),
        ),
        connected(
            "ends-without-word",
            "FRAME-17 FRAME-11",
            "ends when a client connects and leaves without a word",
            "A recv that returns nothing is one client's end, and not the server's.",
            |service| ending_at(service, |spoke| !spoke),
        ),
        connected(
            "hangs-on-junk",
            "ERR-4 ERR-5",
            "never answers a connection any more on which it was sent what is no text",
            caught,
            |service| leaving(service, Leaves::Hanging, |reply| reply.starts_with(b"ERR encoding")),
        ),
        connected(
            "hangs-on-empty",
            "ERR-6 FRAME-17",
            "never answers a connection any more on which it was sent an empty request",
            caught,
            |service| leaving(service, Leaves::Hanging, |reply| reply.starts_with(b"ERR empty")),
        ),
        connected(
            "hangs-on-long",
            "ERR-3",
            "never answers a connection any more on which it was sent a request that is too long",
            caught,
            |service| leaving(service, Leaves::Hanging, |reply| reply.starts_with(b"ERR too-long")),
        ),
        connected(
            "hangs-after-error",
            "FRAME-17 FRAME-11",
            "answers a request with an error, and nothing more on that connection",
            "Go back to reading after an error: `continue`, not `return` or `break`.",
            |service| leaving(service, Leaves::TellingFirst, |reply| reply.starts_with(b"ERR")),
        ),
        connected(
            "closes-on-junk",
            "ERR-4 ERR-5",
            "closes the connection on which it was sent what is no text",
            caught,
            |service| leaving(service, Leaves::Closing, |reply| reply.starts_with(b"ERR encoding")),
        ),
        connected(
            "closes-on-empty",
            "ERR-6 FRAME-16",
            "takes an empty line for the end, and closes the connection",
            "An empty line is a request: the end is when recv returns nothing.",
            |service| leaving(service, Leaves::Closing, |reply| reply.starts_with(b"ERR empty")),
        ),
    ]
}

/// Answers, and ends if what it was sent, and has answered, is so.
pub(super) fn dying(service: Service, dies: fn(&[u8], &[u8]) -> bool) -> Box<dyn Server> {
    hosting(service, move |inner, now, event, actions| {
        inner.on(now, event, actions);
        if let Event::Received(_, octets) | Event::Datagram(_, octets) = event
            && let Some(Action::Send(_, reply) | Action::Datagram(_, reply)) = actions.last()
            && dies(octets, reply)
        {
            actions.push(Action::Stop);
        }
    })
}

/// Ends when a client has ended its half, or closed, if that is so: whether it has sent anything.
fn ending_at(service: Service, ends: fn(bool) -> bool) -> Box<dyn Server> {
    let mut spoke = BTreeSet::new();
    hosting(service, move |inner, now, event, actions| {
        inner.on(now, event, actions);
        match event {
            Event::Received(connection, _) => drop(spoke.insert(connection)),
            Event::Ended(connection) if ends(spoke.remove(&connection)) => {
                actions.push(Action::Stop);
            }
            _ => {}
        }
    })
}

/// How a server leaves one client to itself.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Leaves {
    /// Without a reply, and without closing.
    Hanging,
    /// The same, after the reply.
    TellingFirst,
    /// Without a reply: it closes.
    Closing,
}

/// Leaves a client to itself when a reply like this is due to it. The others are served.
pub(super) fn leaving(service: Service, leaves: Leaves, due: fn(&[u8]) -> bool) -> Box<dyn Server> {
    let mut left = BTreeSet::new();
    hosting(service, move |inner, now, event, actions| {
        match event {
            Event::Received(connection, _) | Event::Ended(connection)
                if left.contains(&connection) =>
            {
                return;
            }
            Event::Gone(connection) => drop(left.remove(&connection)),
            _ => {}
        }
        inner.on(now, event, actions);
        let sent = actions.iter_mut().find_map(|action| match action {
            Action::Send(connection, octets) => Some((*connection, octets)),
            _ => None,
        });
        let Some((connection, octets)) = sent else { return };
        let lines = octets.split_inclusive(|&octet| octet == b'\n');
        let said: usize = lines.take_while(|line| !due(line)).map(<[u8]>::len).sum();
        if said == octets.len() {
            return;
        }
        let line = octets[said..].iter().position(|&octet| octet == b'\n');
        let told = if leaves == Leaves::TellingFirst { line.map_or(0, |end| end + 1) } else { 0 };
        octets.truncate(said + told);
        actions.retain(|action| match action {
            Action::Send(_, octets) => !octets.is_empty(),
            action => !matches!(action, Action::Close(_)),
        });
        if leaves == Leaves::Closing {
            actions.push(Action::Close(connection));
        } else {
            left.insert(connection);
        }
    })
}
