//! Faults of the host: accepting, replying and closing. `clients` has those of several clients, `death` those of servers that
//! end, `peer` those of datagrams.

use std::collections::BTreeMap;

use trueline_protocol::responder::{Action, Connection, Event};
use trueline_protocol::service::Manner::Conversation;

use super::queue::Slow;
use super::seam::hosting;
use super::{Mutant, on, spoken};
use crate::transport::Transport::Tcp;

pub(super) fn mutants() -> Vec<Mutant> {
    let (both, tcp) = (on("host", None), on("host", Some(Tcp)));
    let asked = spoken(Conversation, "host", None);
    let connected = spoken(Conversation, "host", Some(Tcp));
    vec![
        both(
            "silent",
            "FRAME-1",
            "reads requests and never answers",
            "Send a reply to each request.",
            |service| hosting(service, |_, _, _, _| {}),
        ),
        tcp(
            "closes-at-once",
            "FRAME-1",
            "closes each connection as soon as it has accepted it",
            "Read the request and answer it before you close.",
            |service| {
                hosting(service, |_, _, event, actions| {
                    if let Event::Accepted(connection) = event {
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        asked(
            "echoes",
            "OWN ERR-1 ERR-3 FRAME-2",
            "sends back what it is sent",
            "Answer requests, do not repeat them.",
            |service| {
                hosting(service, |_, _, event, actions| match event {
                    Event::Received(connection, octets) => {
                        actions.push(Action::Send(connection, octets.to_vec()))
                    }
                    Event::Ended(connection) => actions.push(Action::Close(connection)),
                    Event::Datagram(peer, octets) => {
                        actions.push(Action::Datagram(peer, octets.to_vec()))
                    }
                    _ => {}
                })
            },
        ),
        connected(
            "banner",
            "FRAME-1",
            "greets each client with a line of its own",
            "A server of the line dialect speaks when it is spoken to.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Event::Accepted(connection) = event {
                        actions.push(Action::Send(connection, b"Welcome\n".to_vec()));
                    }
                })
            },
        ),
        tcp(
            "one-request",
            "FRAME-8",
            "closes the connection after its first reply",
            "Loop: read and answer until the client ends its half.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last_mut() {
                        let first = octets.iter().position(|&octet| octet == b'\n');
                        octets.truncate(first.map_or(octets.len(), |end| end + 1));
                        let connection = *connection;
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        tcp(
            "hundred-requests",
            "FRAME-8",
            "closes a connection after a hundred requests",
            "Serve any number of requests on a connection.",
            |service| {
                let mut served: BTreeMap<Connection, usize> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last() {
                        let served = served.entry(*connection).or_default();
                        *served += octets.iter().filter(|&&octet| octet == b'\n').count();
                        let connection = *connection;
                        if *served >= 100 {
                            actions.push(Action::Close(connection));
                        }
                    }
                })
            },
        ),
        tcp(
            "first-of-segment",
            "FRAME-6",
            "answers the first request of a segment and forgets the others",
            "Take every complete line out of the buffer, not just the first.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let (Event::Received(..), Some(Action::Send(_, octets))) =
                        (event, actions.last_mut())
                    {
                        let first = octets.iter().position(|&octet| octet == b'\n');
                        octets.truncate(first.map_or(octets.len(), |end| end + 1));
                    }
                })
            },
        ),
        tcp(
            "last-first",
            "FRAME-6",
            "answers pipelined requests in another order",
            "Answer the requests of a connection one after the other.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(_, octets)) = actions.last_mut() {
                        let lines: Vec<&[u8]> =
                            octets.split_inclusive(|&octet| octet == b'\n').collect();
                        *octets = lines.into_iter().rev().flatten().copied().collect();
                    }
                })
            },
        ),
        tcp(
            "forgets-at-end",
            "FRAME-9",
            "drops the replies that are not yet sent when the client ends its half",
            "The end of what a client sends is not the end of what it reads.",
            |service| Box::new(Slow::new(service)),
        ),
        tcp(
            "never-closes",
            "FRAME-11",
            "keeps the connection open when the client has ended its half",
            "When recv returns nothing, close the socket.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    actions.retain(|action| !matches!(action, Action::Close(_)));
                })
            },
        ),
        connected(
            "floods-at-end",
            "FRAME-1",
            "goes on reading when the client has ended its half, and answers each nothing that it reads",
            "A recv that returns nothing is the end: leave the loop and close the socket.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Event::Ended(connection) = event {
                        actions.retain(|action| !matches!(action, Action::Close(_)));
                        actions.push(Action::Send(connection, b"ERR empty\n".repeat(1000)));
                    }
                })
            },
        ),
        tcp(
            "closes-on-error",
            "FRAME-16",
            "closes the connection after an error",
            "Go on reading after an error.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if let Some(Action::Send(connection, octets)) = actions.last()
                        && octets.starts_with(b"ERR")
                    {
                        let connection = *connection;
                        actions.push(Action::Close(connection));
                    }
                })
            },
        ),
        both(
            "replies-twice",
            "FRAME-1",
            "sends each reply twice",
            "Send one reply to each request.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    let sent = |action: &&Action| {
                        matches!(action, Action::Send(..) | Action::Datagram(..))
                    };
                    if let Some(at) = actions.iter().position(|action| sent(&action)) {
                        actions.insert(at, actions[at].clone());
                    }
                })
            },
        ),
    ]
}
