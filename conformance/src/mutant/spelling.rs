//! Faults of spelling that every service can have: how replies are written.

use trueline_protocol::service::Reply;

use super::seam::{terminating, wording};
use super::{Mutant, on};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let (both, tcp, udp) =
        (on("spelling", None), on("spelling", Some(Tcp)), on("spelling", Some(Udp)));
    let terminator = "End each reply on TCP with one LF: `reply + \"\\n\"`.";
    vec![
        tcp("no-lf", "FRAME-3", "sends replies without LF", terminator, |service| {
            terminating(service, "", "")
        }),
        tcp("crlf", "FRAME-3", "ends replies with CRLF", terminator, |service| {
            terminating(service, "\r\n", "")
        }),
        tcp("double-lf", "FRAME-3", "ends replies with two LF", terminator, |service| {
            terminating(service, "\n\n", "")
        }),
        udp(
            "lf-in-datagram",
            "FRAME-29",
            "ends the reply in a datagram with LF",
            "A datagram is the message: send no terminator.",
            |service| terminating(service, "\n", "\n"),
        ),
        both(
            "colours",
            "FRAME-2",
            "colours its replies for a terminal",
            "Replies are plain text, without control characters.",
            |service| wording(service, |reply| format!("\x1b[32m{reply}\x1b[0m")),
        ),
        both(
            "prose-errors",
            "ERR-1",
            "reports errors in words of its own",
            "An error is `ERR`, a blank and a code; words may follow the code.",
            |service| {
                wording(service, |reply| match reply {
                    Reply::Error(code) => format!("Error: {code}"),
                    reply => reply.to_string(),
                })
            },
        ),
    ]
}
