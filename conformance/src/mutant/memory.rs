//! Servers that remember what they should forget: what is right at first goes wrong later.

use std::collections::BTreeMap;

use trueline_protocol::service::Manner::Conversation;

use super::seam::{Asker, replying};
use super::{Mutant, on, spoken};
use crate::transport::Transport::{Tcp, Udp};

/// How many requests are answered rightly.
const RIGHT: u32 = 49;

pub(super) fn mutants() -> Vec<Mutant> {
    let both = on("host", None);
    let on = |transport| spoken(Conversation, "host", Some(transport));
    let (tcp, udp) = (on(Tcp), on(Udp));
    let forget = "Keep nothing from one request to the next: make the reply anew for each.";
    vec![
        tcp(
            "repeats-error",
            "FRAME-17",
            "answers the request after an error with the same error",
            forget,
            |service| {
                let mut failed = BTreeMap::new();
                replying(service, move |asker, reply| {
                    repeating(failed.entry(asker).or_default(), reply)
                })
            },
        ),
        udp(
            "repeats-last-error",
            "FRAME-34",
            "answers the datagram after an error with the same error",
            forget,
            |service| {
                let mut failed = None;
                replying(service, move |_, reply| repeating(&mut failed, reply))
            },
        ),
        udp(
            "one-behind",
            "FRAME-34",
            "answers each datagram with the reply to the one before",
            "Send the reply that you have just made, and not the one that is still in the variable.",
            |service| {
                let mut last = None;
                replying(service, move |_, reply| last.replace(reply.clone()).unwrap_or(reply))
            },
        ),
        tcp(
            "one-line-behind",
            "FRAME-8 FRAME-17",
            "answers each further request of a connection with the reply to the one before",
            "Send the reply that you have just made, and not the one that is still in the variable.",
            |service| {
                let mut last: BTreeMap<Asker, Vec<u8>> = BTreeMap::new();
                replying(service, move |asker, reply| {
                    last.insert(asker, reply.clone()).unwrap_or(reply)
                })
            },
        ),
        tcp(
            "refuses-fiftieth",
            "FRAME-8",
            "refuses the fiftieth request of a connection and all that follow",
            "Serve any number of requests on a connection: nothing may fill up.",
            |service| {
                let mut asked: BTreeMap<Asker, u32> = BTreeMap::new();
                replying(service, move |asker, reply| {
                    let asked = asked.entry(asker).or_default();
                    *asked += 1;
                    if *asked > RIGHT { b"ERR range".to_vec() } else { reply }
                })
            },
        ),
        both(
            "wears-out",
            "FRAME-17",
            "refuses the fiftieth request of all and those that follow",
            "A server serves for as long as it runs: nothing may fill up.",
            |service| {
                let mut asked = 0;
                replying(service, move |_, reply| {
                    asked += 1;
                    if asked > RIGHT { b"ERR range".to_vec() } else { reply }
                })
            },
        ),
    ]
}

/// The error that was told last, once more; or the reply that is due.
fn repeating(failed: &mut Option<Vec<u8>>, reply: Vec<u8>) -> Vec<u8> {
    let error = reply.starts_with(b"ERR").then(|| reply.clone());
    // What is repeated is not repeated again.
    match failed.take() {
        Some(before) => before,
        None => {
            *failed = error;
            reply
        }
    }
}
