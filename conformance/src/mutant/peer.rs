//! Faults of the host that only datagrams have: whom a reply goes to, and what is kept from one datagram to the next.

use std::net::SocketAddr;

use trueline_protocol::responder::{Action, Event};

use super::seam::hosting;
use super::{Mutant, on};
use crate::transport::Transport::Udp;

pub(super) fn mutants() -> Vec<Mutant> {
    let udp = on("host", Some(Udp));
    vec![
        udp(
            "other-port",
            "FRAME-32",
            "replies from a socket that it makes for each datagram",
            "Reply with sendto on the socket that received the request.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, octets) = action {
                            *action = Action::Stray(*peer, std::mem::take(octets));
                        }
                    }
                })
            },
        ),
        udp(
            "previous-peer",
            "FRAME-29 FRAME-1 FRAME-32 FRAME-33",
            "replies to the peer of the datagram before",
            "Reply to the address that recvfrom returned with this datagram.",
            |service| {
                let mut previous: Option<SocketAddr> = None;
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, _) = action {
                            let asked = *peer;
                            *peer = previous.replace(asked).unwrap_or(asked);
                        }
                    }
                })
            },
        ),
        udp(
            "first-peer",
            "FRAME-17 FRAME-33",
            "replies always to the first peer that it ever saw",
            "Reply to the address that recvfrom returned with this datagram.",
            |service| {
                let mut first: Option<SocketAddr> = None;
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, _) = action {
                            *peer = *first.get_or_insert(*peer);
                        }
                    }
                })
            },
        ),
        udp(
            "fixed-port",
            "FRAME-1",
            "replies to a port that it was told beforehand",
            "A client sends from any port: reply to the address that recvfrom returned.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    for action in actions {
                        if let Action::Datagram(peer, _) = action {
                            // Nobody is there: it is the port to discard at.
                            peer.set_port(9);
                        }
                    }
                })
            },
        ),
        udp(
            "drops-duplicates",
            "FRAME-34 MSG-3",
            "ignores a datagram that is like the one before",
            "Answer each datagram as if it were the first.",
            |service| {
                let mut last: Option<(SocketAddr, Vec<u8>)> = None;
                hosting(service, move |inner, now, event, actions| {
                    if let Event::Datagram(peer, octets) = event {
                        let asked = Some((peer, octets.to_vec()));
                        if std::mem::replace(&mut last, asked.clone()) == asked {
                            return;
                        }
                    }
                    inner.on(now, event, actions);
                })
            },
        ),
        udp(
            "ignores-empty",
            "FRAME-35 ERR-6",
            "ignores empty datagrams",
            "An empty datagram is an empty message: answer `ERR empty`.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    if !matches!(event, Event::Datagram(_, [])) {
                        inner.on(now, event, actions);
                    }
                })
            },
        ),
        udp(
            "ends-on-empty",
            "FRAME-35 ERR-6",
            "takes an empty datagram for the end",
            "Datagrams have no end: an empty one is an empty message.",
            |service| {
                hosting(service, |inner, now, event, actions| match event {
                    Event::Datagram(_, []) => actions.push(Action::Stop),
                    event => inner.on(now, event, actions),
                })
            },
        ),
    ]
}
