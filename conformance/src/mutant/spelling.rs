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
            "length-prefix",
            "FRAME-2",
            "writes the length of a reply before it, as two octets",
            "Replies are plain text: their LF, or their datagram, tells where they end.",
            |service| {
                wording(service, |reply| {
                    let reply = reply.to_string();
                    let length =
                        [reply.len() >> 8, reply.len()].map(|it| char::from(it as u8 & 0x7f));
                    String::from_iter(length) + &reply
                })
            },
        ),
        tcp(
            "two-lines",
            "FRAME-1",
            "writes a line of its own before each reply",
            "A reply is one line: whoever asks reads up to the first LF.",
            |service| wording(service, |reply| format!("Result:\n{reply}")),
        ),
        both(
            "bytes-literal",
            "OWN ERR-1",
            "writes replies as Python shows bytes: `b'...'`",
            "Decode what you received and encode what you send: str() of bytes is for programmers.",
            |service| wording(service, |reply| format!("b'{reply}'")),
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
