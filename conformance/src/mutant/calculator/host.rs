//! Faults of the host that show in what calculators are asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use trueline_protocol::responder::{Action, Event};
use trueline_protocol::service::Service;

use super::super::host::dying;
use super::super::seam::hosting;
use super::super::{Mutant, of};
use crate::transport::Transport::Udp;

pub(super) fn mutants() -> Vec<Mutant> {
    let both = of(Service::Calculator, "host", None);
    let udp = of(Service::Calculator, "host", Some(Udp));
    vec![
        both(
            "dies-after-zero",
            "FRAME-17 FRAME-16 CALC-19",
            "answers a division by zero and ends",
            "No request ends the server: catch the exception where you compute.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR division")),
        ),
        both(
            "dies-on-range",
            "FRAME-17 FRAME-16 CALC-20",
            "ends when a quotient is too large",
            "No request ends the server: catch OverflowError where you compute.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR range")),
        ),
        udp(
            "joins-datagrams",
            "FRAME-34 FRAME-17",
            "puts datagrams together until they make a request",
            "One datagram is one request, whatever is in it.",
            |service| {
                let mut held: BTreeMap<SocketAddr, Vec<u8>> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| {
                    let Event::Datagram(peer, octets) = event else { return };
                    let all = [held.remove(&peer).unwrap_or_default().as_slice(), octets].concat();
                    inner.on(now, Event::Datagram(peer, &all), actions);
                    let unfinished = matches!(actions.last(), Some(Action::Datagram(_, it)) if it.starts_with(b"ERR syntax"));
                    if unfinished && octets.len() < 8 {
                        held.insert(peer, all);
                    }
                })
            },
        ),
    ]
}
