//! Faults of meaning that every conversation can have: which error is told.

use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing::{Line, text};
use trueline_protocol::responder::Server;
use trueline_protocol::service::Manner::Conversation;
use trueline_protocol::service::{Reply, Service};

use super::seam::{answering, meaning, right};
use super::{Mutant, on, spoken};
use crate::service::plain;

pub(super) fn mutants() -> Vec<Mutant> {
    let mutant = on("meaning", None);
    let asked = spoken(Conversation, "meaning", None);
    vec![
        asked(
            "samples-only",
            "OWN",
            "answers the examples that it was shown, and refuses everything else",
            "Compute the reply from the request: a table of examples is no server.",
            |service| {
                answering(service, move |text| {
                    let (shown, _) = plain(service);
                    let known = text.is_empty()
                        || shown.iter().any(|it| it.request.literal() == Some(text.as_bytes()));
                    if known { right(service, text) } else { Reply::Error(ErrorCode::Syntax) }
                })
            },
        ),
        mutant(
            "empty-is-syntax",
            "ERR-6",
            "answers an empty request with `ERR syntax`",
            "Nothing is `ERR empty`.",
            |service| refusing(service, str::is_empty),
        ),
        mutant(
            "replaces-octets",
            "ERR-4",
            "replaces octets that are not UTF-8 and goes on",
            "Decode strictly, and answer what fails with `ERR encoding`.",
            |service| {
                meaning(service, move |line, _| match line {
                    Ok(octets) => answer(service, Ok(String::from_utf8_lossy(octets).as_bytes())),
                    line => answer(service, line),
                })
            },
        ),
        mutant(
            "lets-controls-through",
            "ERR-5",
            "takes control characters for text",
            "Answer C0 (but HTAB), DEL and C1 with `ERR encoding`.",
            |service| {
                meaning(service, move |line, _| {
                    let Ok(Ok(text)) = line.map(std::str::from_utf8) else {
                        return answer(service, line);
                    };
                    let shown = |c: char| if c.is_control() && c != '\t' { '?' } else { c };
                    right(service, &text.chars().map(shown).collect::<String>())
                })
            },
        ),
        mutant(
            "lets-del-through",
            "ERR-5",
            "takes DEL and the control characters of C1 for text",
            "Control characters are C0 (but HTAB), DEL and C1.",
            |service| {
                meaning(service, move |line, _| {
                    let Ok(Ok(text)) = line.map(std::str::from_utf8) else {
                        return answer(service, line);
                    };
                    let shown = |c: char| if ('\x7f'..='\u{9f}').contains(&c) { '?' } else { c };
                    answer(service, Ok(text.chars().map(shown).collect::<String>().as_bytes()))
                })
            },
        ),
    ]
}

/// What a right server answers to a line.
fn answer(service: Service, line: Line<'_>) -> Reply<'static> {
    match text(line) {
        Ok(text) => right(service, text),
        Err(code) => Reply::Error(code),
    }
}

/// Refuses some requests with `syntax`.
pub(super) fn refusing(service: Service, refused: fn(&str) -> bool) -> Box<dyn Server> {
    answering(service, move |text| {
        if refused(text) { Reply::Error(ErrorCode::Syntax) } else { right(service, text) }
    })
}
