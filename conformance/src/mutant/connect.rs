//! Wrong servers of connect.

use trueline_protocol::responder::{Action, Event, Server};
use trueline_protocol::service::Service;

use super::seam::hosting;
use super::{Mutant, of};
use crate::transport::Transport::Tcp;

pub(super) fn mutants() -> Vec<Mutant> {
    let host = of(Service::Connect, "host", Some(Tcp));
    let close = "Close the socket of each client as soon as it is accepted.";
    vec![
        host(
            "says-something",
            "CONN-1",
            "says something to whoever connects",
            "Print it instead: nothing is sent to the client.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    if let Event::Accepted(connection) = event {
                        let line = b"Connection is established...\n".to_vec();
                        actions.push(Action::Send(connection, line));
                    }
                    inner.on(now, event, actions);
                })
            },
        ),
        host("keeps-company", "CONN-2 CONN-3", "keeps the connection open", close, |service| {
            hosting(service, |inner, now, event, actions| {
                inner.on(now, event, actions);
                actions.retain(|action| !matches!(action, Action::Close(_)));
            })
        }),
        host(
            "waits-for-client",
            "CONN-2 CONN-3",
            "waits for the client to send or to end something before it closes",
            close,
            closing_late,
        ),
        host(
            "second-visit",
            "CONN-3",
            "leaves the next client alone",
            "Loop: accept the next client; or end the program.",
            |service| {
                let mut came = false;
                hosting(service, move |inner, now, event, actions| {
                    if matches!(event, Event::Accepted(_)) && std::mem::replace(&mut came, true) {
                        return;
                    }
                    inner.on(now, event, actions);
                })
            },
        ),
    ]
}

/// Closes when something comes, or has ended.
fn closing_late(service: Service) -> Box<dyn Server> {
    hosting(service, |_, _, event, actions| {
        if let Event::Received(connection, _) | Event::Ended(connection) = event {
            actions.push(Action::Close(connection));
        }
    })
}
