//! What a service means to the suite: what may be asked, what must come back, and which requirement a wrong reply breaks.

pub mod calculator;

use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing::{TooLong, text};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::reply::Reply;
use trueline_protocol::service::Service;

use crate::dialogue::Question;
use crate::spec::Id;
use crate::transcript::{Dialogue, Hole, Piece, Text};

/// What must come back for the text of a request, from whoever keeps the specification.
pub fn due(service: Service, request: &str) -> Text {
    let reply = service.answer(request);
    let detail = matches!(reply, Reply::Error(_)).then_some(Piece::Hole(Hole::Detail));
    std::iter::once(Piece::Octets(reply.to_string().into_bytes())).chain(detail).collect()
}

/// A request and what must come back.
pub fn ask(service: Service, request: &str) -> Dialogue {
    Dialogue::pair(request, due(service, request))
}

/// A plain request, the reply that is due, and the requirement that whoever answers it has passed.
pub fn question(service: Service) -> (Question, Id) {
    let (request, accepts) = match service {
        Service::Calculator => ("7 6 +", "CALC-4"),
    };
    let question = Question { request: Text::octets(request), reply: due(service, request) };
    (question, Id::parse(accepts).expect("an id of SPEC.md"))
}

/// The requirements of the service, and of its errors, that the reply to a request shows.
pub fn exercises(service: Service, request: &[u8]) -> Vec<Id> {
    let line = if request.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(request) };
    let ids = match text(line) {
        Err(ErrorCode::TooLong) => vec!["ERR-3"],
        Err(_) if std::str::from_utf8(request).is_err() => vec!["ERR-4"],
        Err(_) => vec!["ERR-5"],
        Ok(text) => match service {
            Service::Calculator => calculator::exercises(text),
        },
    };
    ids.into_iter().filter_map(Id::parse).collect()
}

/// The requirement that a wrong reply to a request breaks, where the reply itself tells. `wording` says whether other
/// words may be meant: not where the reply may belong to another request.
pub fn broken_by(
    service: Service,
    request: &[u8],
    expected: &Text,
    reply: &[u8],
    wording: bool,
) -> Option<Id> {
    let request = std::str::from_utf8(request).ok()?;
    let (expected, reply) = (expected.literal()?, std::str::from_utf8(reply).ok()?);
    let id = match service {
        Service::Calculator => {
            calculator::broken_by(request, std::str::from_utf8(expected).ok()?, reply, wording)
        }
    };
    id.and_then(Id::parse)
}
