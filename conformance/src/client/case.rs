//! What is asked of a client. The dialogues are made of the plain requests and replies of each service.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use trueline_protocol::service::{Manner, Service};

use crate::dialogue::Question;
use crate::service::plain;
use crate::spec::{Id, Spec};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// A time that a server might tell.
const A_TIME: &str = "2026-01-02 03:04:05.678901";

/// One case for a client.
#[derive(Debug)]
pub struct ClientCase {
    /// Its permanent name.
    pub name: &'static str,
    /// What it covers. A failure breaks the first, unless the failure itself tells another.
    pub covers: Vec<Id>,
    /// What is spoken.
    pub service: Service,
    /// Over what.
    pub transport: Transport,
    /// What is typed, sent, answered and printed.
    pub dialogue: Dialogue,
}

/// How a case is made of a service and its transport; `None` where it is not for them.
type Make = fn(&Scene) -> Option<Vec<Act>>;

/// The cases in the order in which they are performed.
const CASES: [(&str, &[&str], Make); 15] = [
    ("client.terminator", &["FRAME-27"], terminator),
    ("client.request", &["CLIENT-1"], request),
    ("client.prints", &["CLIENT-2"], prints),
    ("client.ends", &["CLIENT-6"], ends),
    ("client.pieces", &["CLIENT-3"], pieces),
    ("client.octets", &["CLIENT-3"], octets),
    ("client.late", &["CLIENT-3"], late),
    ("client.several", &["CLIENT-4"], several),
    ("client.error", &["CLIENT-5"], error),
    ("client.closed", &["CLIENT-7", "CLIENT-8"], closed),
    ("client.reset", &["CLIENT-7", "CLIENT-8"], reset),
    ("client.lost", &["CLIENT-9"], lost),
    ("client.empty", &["CHAT-10"], empty),
    ("client.turns", &["CHAT-11"], turns),
    ("client.visit", &["CONN-4"], visit),
];

/// The cases for clients of a service on a transport.
pub fn of(service: Service, transport: Transport) -> &'static [ClientCase] {
    type All = BTreeMap<(Service, Transport), Vec<ClientCase>>;
    static ALL: LazyLock<All> = LazyLock::new(|| {
        Transport::kinds()
            .map(|(service, transport)| ((service, transport), made(service, transport)))
            .collect()
    });
    ALL.get(&(service, transport)).map_or(&[], Vec::as_slice)
}

fn made(service: Service, transport: Transport) -> Vec<ClientCase> {
    let scene = Scene::of(service, transport);
    let id = |name: &&str| Id::parse(name).expect("an id of SPEC.md");
    let binds = |id: &Id| Spec::current().get(*id).is_some_and(|it| it.binds(service, transport));
    let cases = CASES.into_iter().filter_map(|(name, covers, make)| {
        let covers: Vec<Id> = covers.iter().map(id).collect();
        if !covers.iter().all(binds) {
            return None;
        }
        let steps = make(&scene)?.into_iter().map(|act| Step { client: Client::A, act });
        let dialogue = Dialogue { steps: steps.collect() };
        Some(ClientCase { name, covers, service, transport, dialogue })
    });
    cases.collect()
}

/// What dialogues are made of.
struct Scene {
    service: Service,
    transport: Transport,
    questions: Vec<Question>,
}

impl Scene {
    fn of(service: Service, transport: Transport) -> Self {
        let questions = plain(service).0.iter().take(3).map(|question| {
            let reply = question.reply.pieces.iter().map(|piece| match piece {
                Piece::Hole(Hole::Time | Hole::Now) => Piece::Octets(A_TIME.into()),
                piece => piece.clone(),
            });
            Question { request: question.request.clone(), reply: reply.collect() }
        });
        Self { service, transport, questions: questions.collect() }
    }

    fn converses(&self) -> bool {
        matches!(self.service.manner(), Manner::Conversation | Manner::Talk)
    }

    /// The user gives a request, and it comes; whoever only wants to hear comes, too.
    fn asks(&self, number: usize) -> Vec<Act> {
        let request = &self.questions[number].request;
        match (self.converses(), self.transport) {
            (true, _) => {
                vec![Act::Type(request.clone()), Act::Send { text: request.clone(), framed: true }]
            }
            (false, Transport::Tcp) => vec![Act::Open],
            (false, Transport::Udp) => vec![Act::Send { text: any(), framed: true }],
        }
    }

    fn reply(&self, number: usize) -> Text {
        self.questions[number].reply.clone()
    }

    fn replies(&self, number: usize) -> Vec<Act> {
        vec![Act::Expect { text: self.reply(number), framed: true }]
    }

    /// The end of the reply, where it has one, and what its user sees of it.
    fn is_told(&self, number: usize) -> Vec<Act> {
        let closes = !self.converses() && self.transport == Transport::Tcp;
        let close = closes.then_some(Act::Close);
        close.into_iter().chain([Act::Printed(printed(&self.reply(number)))]).collect()
    }

    fn whole(&self, number: usize) -> Vec<Act> {
        [self.asks(number), self.replies(number), self.is_told(number)].concat()
    }

    /// The reply in sends of their own, each taken before the next.
    fn cut(&self, pieces: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Act> {
        let line = [self.reply(0).literal().unwrap_or_default(), b"\n"].concat();
        let sends = pieces(&line)
            .into_iter()
            .map(|octets| Act::Expect { text: Text::octets(octets), framed: false });
        [self.asks(0), sends.collect(), self.is_told(0), over()].concat()
    }
}

fn any() -> Text {
    [Piece::Hole(Hole::Any)].into_iter().collect()
}

fn printed(reply: &Text) -> Text {
    [any().pieces, reply.pieces.clone(), any().pieces].concat().into_iter().collect()
}

/// The user ends the input, and the program ends.
fn over() -> Vec<Act> {
    vec![Act::End, Act::Exited]
}

fn terminator(scene: &Scene) -> Option<Vec<Act>> {
    let typed = Act::Type(scene.questions[0].request.clone());
    Some(vec![typed, Act::Send { text: any(), framed: true }])
}

fn request(scene: &Scene) -> Option<Vec<Act>> {
    Some(scene.asks(0))
}

fn prints(scene: &Scene) -> Option<Vec<Act>> {
    // Its end counts elsewhere; but who keeps back what it prints has printed it then.
    Some([scene.whole(0), vec![Act::End]].concat())
}

fn ends(scene: &Scene) -> Option<Vec<Act>> {
    Some([scene.asks(0), scene.replies(0), scene.is_told(0), over()].concat())
}

fn pieces(scene: &Scene) -> Option<Vec<Act>> {
    Some(scene.cut(|line| {
        let (head, tail) = line.split_at(line.len() / 2);
        let (tail, end) = tail.split_at(tail.len() - 1);
        [head, tail, end].map(<[u8]>::to_vec).into()
    }))
}

fn octets(scene: &Scene) -> Option<Vec<Act>> {
    Some(scene.cut(|line| line.iter().map(|octet| vec![*octet]).collect()))
}

fn late(scene: &Scene) -> Option<Vec<Act>> {
    Some([scene.asks(0), vec![Act::Wait], scene.replies(0), scene.is_told(0), over()].concat())
}

fn several(scene: &Scene) -> Option<Vec<Act>> {
    let all = (0..scene.questions.len()).flat_map(|number| scene.whole(number));
    Some(all.chain(over()).collect())
}

fn error(scene: &Scene) -> Option<Vec<Act>> {
    // What a user may well type, and no client need refuse.
    let (request, reply) = match scene.service {
        Service::Calculator => ("10 0 /", "ERR division-by-zero"),
        _ => ("one\u{1}two", "ERR encoding"),
    };
    let question = Question { request: Text::octets(request), reply: Text::octets(reply) };
    let scene = Scene { questions: vec![question], ..*scene };
    Some([scene.whole(0), over()].concat())
}

/// The connection ends in this way before the reply. A client that goes on with its user is seen to do so, and then its input
/// ends.
fn broken_off(scene: &Scene, how: Act) -> Option<Vec<Act>> {
    Some([scene.asks(0), vec![how, Act::Wait], over()].concat())
}

fn closed(scene: &Scene) -> Option<Vec<Act>> {
    broken_off(scene, Act::Close)
}

fn reset(scene: &Scene) -> Option<Vec<Act>> {
    broken_off(scene, Act::Reset)
}

fn lost(scene: &Scene) -> Option<Vec<Act>> {
    Some([scene.asks(0), over()].concat())
}

/// An empty line is all that ends a talk: the input does not end yet.
fn empty(scene: &Scene) -> Option<Vec<Act>> {
    let ends = vec![Act::Type(Text::default()), Act::Closed, Act::Exited];
    Some([scene.whole(0), ends].concat())
}

/// The user types ahead.
fn turns(scene: &Scene) -> Option<Vec<Act>> {
    let request = |number: usize| scene.questions[number].request.clone();
    let typed = [0, 1].map(|number| Act::Type(request(number)));
    let sent = |number| vec![Act::Send { text: request(number), framed: true }];
    let answered = |number| [scene.replies(number), scene.is_told(number)].concat();
    Some(
        [typed.into(), sent(0), vec![Act::Quiet], answered(0), sent(1), answered(1), over()]
            .concat(),
    )
}

fn visit(_scene: &Scene) -> Option<Vec<Act>> {
    Some(vec![Act::Open, Act::Close, Act::Exited])
}
