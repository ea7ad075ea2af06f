//! What a service means to the suite: what may be asked, what must come back, and which requirement a wrong reply breaks.

pub mod calculator;

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
        Service::Calculator => ("1 2 +", "CALC-9"),
    };
    let question = Question { request: Text::octets(request), reply: due(service, request) };
    (question, Id::parse(accepts).expect("an id of SPEC.md"))
}

/// The requirement that a wrong reply breaks, where the reply itself tells.
pub fn broken_by(service: Service, expected: &Text, reply: &[u8]) -> Option<Id> {
    let (expected, reply) = (expected.literal()?, std::str::from_utf8(reply).ok()?);
    let id = match service {
        Service::Calculator => calculator::broken_by(std::str::from_utf8(expected).ok()?, reply),
    };
    id.and_then(Id::parse)
}
