//! What a service means to the suite: what may be asked, what must come back, and which requirement a wrong reply breaks.

mod announcement;
pub mod calculator;
mod chat;
mod message;
pub mod word_length;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Strategy};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing::{TooLong, text};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Reply, Service};

use crate::abnf::Generator;
use crate::dialogue::{Ending, Question};
use crate::spec::{Id, Spec};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// What the suite has to know of a service.
trait Subject: Sync {
    /// One of many plain requests; others of other numbers, and other replies, as far as the service has any.
    fn request(&self, number: usize) -> String;

    /// A plain request of so many octets; 100 at least.
    fn filling(&self, octets: usize) -> String;

    /// Whether a text looks like the reply to a request that was served.
    fn is_reply(&self, text: &str) -> bool;

    /// The requirements of the service, and of its errors, that the reply to a text shows.
    fn exercises(&self, text: &str) -> Vec<&'static str>;

    /// The requirement that a wrong reply breaks, where the reply itself tells. `wording` says whether other words may be
    /// meant: not where the reply may belong to another request.
    fn broken_by(
        &self,
        request: &str,
        expected: &str,
        reply: &str,
        wording: bool,
    ) -> Option<&'static str>;
}

fn subject(service: Service) -> &'static dyn Subject {
    match service {
        Service::Calculator => &calculator::Calculator,
        Service::WordLength => &word_length::WordLength,
        Service::Message => &message::Message,
        Service::Greeting => &announcement::Announcement(&["GREET-1"]),
        Service::Time => &announcement::Announcement(&["TIME-1"]),
        Service::Chat => &chat::Chat,
        Service::Connect => &announcement::Announcement(&["CONN-2"]),
    }
}

/// What must come back for the text of a request, from whoever keeps the specification.
pub fn due(service: Service, request: &str) -> Text {
    if service.manner() == Manner::Announcement {
        return plain(service).0[0].reply.clone();
    }
    match service.answer(request, DateTime::ZERO) {
        Reply::Error(code) => error(code),
        reply => Text::octets(reply.to_string()),
    }
}

/// What must come back for the octets of a request, without their terminator.
pub fn due_to(service: Service, request: &[u8]) -> Text {
    match read(request) {
        Err(code) if service.manner() == Manner::Conversation => error(code),
        Err(_) => due(service, ""),
        Ok(text) => due(service, text),
    }
}

/// The reply to the octets of a request, as whoever keeps the specification spells it.
pub fn answer_to(service: Service, request: &[u8]) -> String {
    match read(request) {
        Err(code) if service.manner() == Manner::Conversation => Reply::Error(code),
        text => service.answer(text.unwrap_or_default(), DateTime::ZERO),
    }
    .to_string()
}

/// The text of a request, or why it is none.
fn read(request: &[u8]) -> Result<&str, ErrorCode> {
    text(if request.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(request) })
}

/// The reply that reports an error, whatever its detail.
pub fn error(code: ErrorCode) -> Text {
    [Piece::Octets(Reply::Error(code).to_string().into_bytes()), Piece::Hole(Hole::Detail)]
        .into_iter()
        .collect()
}

/// A request in a conversation and what must come back.
pub fn ask(service: Service, request: &str) -> Dialogue {
    Dialogue::pair(request, due(service, request))
}

/// Makes texts by the rules of SPEC.md.
pub fn generator() -> Generator<'static> {
    Generator::new(Spec::current().grammar())
}

/// Texts that are as an expression in ABNF says, whose names are rules of SPEC.md.
pub fn texts(expression: &str) -> BoxedStrategy<String> {
    texts_by(&generator(), expression)
}

/// The same, where some rules are taken from elsewhere.
pub fn texts_by(generator: &Generator<'_>, expression: &str) -> BoxedStrategy<String> {
    let read = Spec::current().grammar().expression(expression);
    generator.texts(&read.unwrap_or_else(|error| panic!("`{expression}`: {error}")))
}

/// Requests of blanks only.
pub fn blanks() -> BoxedStrategy<String> {
    prop_oneof![4 => texts("2*24blank"), 1 => texts("1000*1023blank")].boxed()
}

/// Plain requests of a service.
pub fn requests(service: Service) -> BoxedStrategy<String> {
    (0usize..1_000_000).prop_map(move |number| request(service, number)).boxed()
}

/// The plain request of this number.
pub fn request(service: Service, number: usize) -> String {
    subject(service).request(number)
}

/// A plain request of so many octets; 100 at least.
pub fn filling(service: Service, octets: usize) -> String {
    subject(service).filling(octets)
}

/// Whether a text looks like the reply to a request that was served.
pub fn is_reply(service: Service, text: &str) -> bool {
    subject(service).is_reply(text)
}

/// The questions of a service's example `plain`, and the requirement that whoever answers them has passed.
pub fn plain(service: Service) -> (&'static [Question], Id) {
    static PLAIN: LazyLock<BTreeMap<Service, (Vec<Question>, Id)>> = LazyLock::new(|| {
        Service::ALL.iter().map(|&service| (service, read_plain(service))).collect()
    });
    let (questions, proves) = &PLAIN[&service];
    (questions, *proves)
}

fn read_plain(service: Service) -> (Vec<Question>, Id) {
    let name = format!("{service}.plain");
    let examples = Spec::current().examples();
    let example = examples.iter().find(|example| example.name == name);
    let example = example.unwrap_or_else(|| panic!("SPEC.md: no example is called {name}"));
    let proves = Id::parse(&example.covers[0]).expect("an id of SPEC.md");
    if service.manner() == Manner::Visit {
        return (vec![Question { request: Text::default(), reply: Text::default() }], proves);
    }
    // What the operator types is what is replied.
    let steps = example.dialogue.steps.iter().filter(|step| !matches!(step.act, Act::Type(_)));
    let steps: Vec<Step> = steps.cloned().collect();
    let questions = steps.chunks(2).map(|steps| match steps {
        [
            Step { act: Act::Send { text: request, framed: true }, .. },
            Step { act: Act::Expect { text: reply, .. }, .. },
        ] => Question { request: request.clone(), reply: reply.clone() },
        _ => panic!("SPEC.md: {name} is not requests and replies in turn"),
    });
    (questions.collect(), proves)
}

/// A dialogue of one question and its reply.
pub fn asking(service: Service, transport: Transport, question: &Question) -> Dialogue {
    let request = Act::Send { text: question.request.clone(), framed: true };
    let reply = Act::Expect { text: question.reply.clone(), framed: true };
    let acts = match (service.manner(), transport) {
        (Manner::Visit, _) => vec![Act::Open, Act::Closed],
        (Manner::Announcement, Transport::Tcp) => vec![Act::Open, reply],
        (Manner::Talk, _) => vec![request, Act::Type(question.reply.clone()), reply],
        _ => vec![request, reply],
    };
    Dialogue::of(acts.into_iter().map(|act| Step { client: Client::A, act }))
}

/// How dialogues end with a server that has done everything right so far.
pub fn ending(service: Service, transport: Transport) -> Ending {
    match (transport, service.manner()) {
        (Transport::Tcp, Manner::Conversation | Manner::Talk) => Ending::HalfClose,
        (Transport::Tcp, Manner::Announcement | Manner::Visit) => Ending::Await,
        (Transport::Udp, Manner::Announcement | Manner::Talk | Manner::Visit) => {
            Ending::Ask(plain(service).0.to_vec())
        }
        (Transport::Udp, Manner::Conversation) => {
            let mut questions = plain(service).0[..2].to_vec();
            questions.push(Question { request: Text::default(), reply: due(service, "") });
            Ending::Ask(questions)
        }
    }
}

/// The requirements of the service, and of its errors, that the reply to a request shows.
pub fn exercises(service: Service, request: &[u8]) -> Vec<Id> {
    let ids = match read(request) {
        _ if service.manner() == Manner::Announcement => subject(service).exercises(""),
        // Another code would apply, if this one did not.
        Err(ErrorCode::TooLong) if !text(Ok(request)).is_ok_and(|it| !is_blank(it)) => {
            vec!["ERR-3", "ERR-2"]
        }
        Err(ErrorCode::TooLong) => vec!["ERR-3"],
        Err(_) if std::str::from_utf8(request).is_err() => vec!["ERR-4"],
        Err(_) => vec!["ERR-5"],
        Ok(text) => subject(service).exercises(text),
    };
    ids.into_iter().filter_map(Id::parse).collect()
}

fn is_blank(text: &str) -> bool {
    text.chars().all(trueline_protocol::grammar::is_blank)
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
    let request = std::str::from_utf8(request).unwrap_or("");
    let (expected, reply) = (expected.literal()?, std::str::from_utf8(reply).ok()?);
    let expected = std::str::from_utf8(expected).ok()?;
    subject(service).broken_by(request, expected, reply, wording).and_then(Id::parse)
}
