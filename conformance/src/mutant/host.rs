//! Faults of the host: accepting, closing, and whom a reply goes to. `peer` has those of datagrams.

use std::collections::{BTreeMap, BTreeSet};

use trueline_protocol::responder::{Action, Connection, Event, Server};
use trueline_protocol::service::Manner::Conversation;
use trueline_protocol::service::Service;

use super::queue::{Capacity, HalfLine, LastComer, Slow};
use super::seam::hosting;
use super::{Mutant, on, spoken};
use crate::transport::Transport::Tcp;

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
