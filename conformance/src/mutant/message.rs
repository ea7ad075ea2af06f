//! Wrong servers of message.

use trueline_protocol::error::ErrorCode;
use trueline_protocol::grammar::is_blank;
use trueline_protocol::responder::{Action, Server};
use trueline_protocol::service::{Reply, Service};

use super::python::literal;
use super::seam::{answering, hosting, right, wording};
use super::{Mutant, of};

pub(super) fn mutants() -> Vec<Mutant> {
    let spelling = of(Service::Message, "spelling", None);
    let meaning = of(Service::Message, "meaning", None);
    let host = of(Service::Message, "host", None);
    let thanks = "The reply is `Thanks...`, with three full stops.";
    let print = "Print each message before you send the reply, and flush.";
    vec![
        spelling("thanks-without-dots", "MSG-1", "answers `Thanks`", thanks, |service| {
            thanking(service, |_| "Thanks".to_owned())
        }),
        spelling("thanks-ellipsis", "MSG-1", "answers `Thanks…`", thanks, |service| {
            thanking(service, |_| "Thanks…".to_owned())
        }),
        spelling(
            "thanks-for-message",
            "MSG-1",
            "repeats the message in its thanks",
            thanks,
            |service| thanking(service, |message| format!("Thanks for {message}")),
        ),
        meaning(
            "blanks-are-empty",
            "MSG-2",
            "takes blanks for an empty message",
            "Compare with the empty text before you strip anything.",
            |service| {
                answering(service, |text| {
                    if text.chars().all(is_blank) {
                        Reply::Error(ErrorCode::Empty)
                    } else {
                        right(Service::Message, text)
                    }
                })
            },
        ),
        meaning(
            "thanks-for-nothing",
            "ERR-6",
            "thanks for an empty message",
            "An empty message is `ERR empty`.",
            |service| {
                answering(service, |text| {
                    right(Service::Message, if text.is_empty() { "-" } else { text })
                })
            },
        ),
        host("prints-nothing", "MSG-3", "does not print messages", print, |service| {
            printing(service, |_| None)
        }),
        host("prints-lengths", "MSG-3", "prints how long a message is", print, |service| {
            printing(service, |message| Some(message.len().to_string()))
        }),
        host(
            "prints-bytes",
            "MSG-3",
            "prints messages as Python shows bytes: `b'...'`",
            "Decode what you received before you print it.",
            |service| printing(service, |it| Some(literal(it.as_bytes()))),
        ),
        host(
            "prints-word",
            "MSG-3",
            "prints the first word of a message",
            "Print the whole message.",
            |service| printing(service, |message| message.split(' ').next().map(str::to_owned)),
        ),
        host(
            "prints-behind",
            "MSG-3",
            "prints a message when the next one comes",
            "Flush what you print: `print(message, flush=True)`.",
            |service| {
                let mut held = None;
                hosting(service, move |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    actions.retain_mut(|action| match action {
                        Action::Print(message) => match held.replace(std::mem::take(message)) {
                            Some(before) => {
                                *message = before;
                                true
                            }
                            None => false,
                        },
                        _ => true,
                    });
                })
            },
        ),
    ]
}

/// Thanks otherwise.
fn thanking(service: Service, thank: fn(&str) -> String) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        Reply::Message(thanks) => thank(&thanks.message),
        reply => reply.to_string(),
    })
}

/// Prints something else, or nothing.
fn printing(service: Service, print: fn(&str) -> Option<String>) -> Box<dyn Server> {
    hosting(service, move |inner, now, event, actions| {
        inner.on(now, event, actions);
        actions.retain_mut(|action| match action {
            Action::Print(message) => match print(message) {
                Some(other) => {
                    *message = other;
                    true
                }
                None => false,
            },
            _ => true,
        });
    })
}
