//! Faults that only several clients show: who is served at all, and whose reply goes where.

use std::collections::BTreeSet;

use trueline_protocol::responder::Action;
use trueline_protocol::responder::{Connection, Event};
use trueline_protocol::service::Manner::Conversation;

use super::queue::{Capacity, HalfLine, LastComer};
use super::seam::hosting;
use super::{Mutant, on, spoken};
use crate::transport::Transport::Tcp;

pub(super) fn mutants() -> Vec<Mutant> {
    let tcp = on("host", Some(Tcp));
    let connected = spoken(Conversation, "host", Some(Tcp));
    vec![
        tcp(
            "one-client",
            "FRAME-18 FRAME-20",
            "serves one client at a time",
            "Serve each connection in a thread or task of its own.",
            |service| Box::new(Capacity::new(service, 1)),
        ),
        tcp(
            "three-clients",
            "FRAME-18",
            "serves three clients at a time",
            "Serve at least four.",
            |service| Box::new(Capacity::new(service, 3)),
        ),
        connected(
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
        tcp(
            "last-comer",
            "FRAME-19 FRAME-17 FRAME-18 FRAME-20 FRAME-22",
            "sends a reply to the client that came or asked last",
            "Keep the connection of each client in a variable of its own, not in a global one.",
            |service| Box::new(LastComer::new(service)),
        ),
        connected(
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
        connected(
            "half-line-blocks",
            "FRAME-20 FRAME-21",
            "waits for the end of a line that it has begun to read, and serves nobody else",
            "Never wait for one client where others are served.",
            |service| Box::new(HalfLine::new(service)),
        ),
        tcp(
            "fifty-clients",
            "FRAME-17",
            "serves fifty clients in all, and leaves the others waiting",
            "Close each socket when its client has left: what is kept open uses up what there is.",
            |service| {
                let mut seen = BTreeSet::new();
                hosting(service, move |inner, now, event, actions| match event {
                    Event::Accepted(connection)
                    | Event::Received(connection, _)
                    | Event::Ended(connection)
                        if seen.len() >= 50 && !seen.contains(&connection) => {}
                    Event::Accepted(connection) => {
                        seen.insert(connection);
                        inner.on(now, event, actions);
                    }
                    event => inner.on(now, event, actions),
                })
            },
        ),
    ]
}
