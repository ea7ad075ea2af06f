//! What is asked of a client. The dialogues are made of the plain requests and replies of each service.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use trueline_protocol::dialect::{Dialect as Spoken, Frame};
use trueline_protocol::service::{Manner, Service};

use super::server::Farewell;
use crate::dialect::{Dialect, spec_of};
use crate::dialogue::Question;
use crate::service::plain;
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Framing, Hole, Piece, Step, Text};
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
    /// What is answered to a client that takes its leave, whenever it does.
    pub(super) farewells: Vec<Farewell>,
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

/// The cases for clients of a service on a transport, in a dialect or in `line`.
pub fn of(
    service: Service,
    transport: Transport,
    dialect: Option<&'static Dialect>,
) -> &'static [ClientCase] {
    type All = BTreeMap<(Service, Transport), Vec<ClientCase>>;
    static ALL: LazyLock<All> = LazyLock::new(|| {
        let in_line = |(service, on)| ((service, on), made(&Scene::of(service, on), None));
        Transport::kinds().map(in_line).collect()
    });
    match dialect {
        // A check has one dialect, which is there until it ends.
        Some(dialect) => {
            Box::leak(made(&Scene::in_words_of(dialect, transport), Some(dialect)).into())
        }
        None => ALL.get(&(service, transport)).map_or(&[], Vec::as_slice),
    }
}

fn made(scene: &Scene, dialect: Option<&'static Dialect>) -> Vec<ClientCase> {
    let (service, transport) = (scene.service, scene.transport);
    let id = |name: &&str| Id::parse(name).expect("an id of SPEC.md");
    let spec = spec_of(dialect);
    let binds = |id: &Id| spec.get(*id).is_some_and(|it| it.binds(service, transport));
    let cases = CASES.into_iter().filter_map(|(name, covers, make)| {
        let covers: Vec<Id> = covers.iter().map(id).collect();
        if !covers.iter().all(binds) || scene.converses() && scene.turns.is_empty() {
            return None;
        }
        let steps = make(scene)?.into_iter().map(|act| Step { client: Client::A, act });
        let dialogue = Dialogue { framing: dialect.map(Dialect::framing), ..Dialogue::of(steps) };
        let farewells = scene.farewells.clone();
        Some(ClientCase { name, covers, service, transport, dialogue, farewells })
    });
    cases.collect()
}

/// What dialogues are made of.
struct Scene {
    service: Service,
    transport: Transport,
    dialect: Option<&'static Dialect>,
    /// What the server says first.
    greeting: Option<Text>,
    /// Whether the server closes the connection behind its reply.
    closes: bool,
    /// Whether a request has a connection of its own.
    once: bool,
    framing: Framing,
    farewells: Vec<Farewell>,
    turns: Vec<Turn>,
    /// One that is answered with an error.
    error: Option<Turn>,
}

/// A request and its reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// What the user types, line by line.
    pub(crate) typed: Vec<Text>,
    /// The messages of the request, each with what the server answers before the next.
    pub(crate) sent: Vec<(Text, Option<Text>)>,
    /// The reply.
    pub(crate) reply: Text,
}

impl Turn {
    fn of(question: &Question) -> Self {
        let reply = question.reply.pieces.iter().map(|piece| match piece {
            Piece::Hole(Hole::Time | Hole::Now) => Piece::Octets(A_TIME.into()),
            piece => piece.clone(),
        });
        let request = question.request.clone();
        Self { typed: vec![request.clone()], sent: vec![(request, None)], reply: reply.collect() }
    }
}

impl Scene {
    fn of(service: Service, transport: Transport) -> Self {
        // What a user may well type, and no client need refuse.
        let (request, reply) = match service {
            Service::Calculator => ("10 0 /", "ERR division-by-zero"),
            _ => ("one\u{1}two", "ERR encoding"),
        };
        let error = Question { request: Text::octets(request), reply: Text::octets(reply) };
        Self {
            service,
            transport,
            dialect: None,
            greeting: None,
            closes: service.manner() == Manner::Announcement && transport == Transport::Tcp,
            once: false,
            framing: Framing::default(),
            farewells: Vec::new(),
            turns: plain(service).0.iter().take(TURNS).map(Turn::of).collect(),
            error: Some(Turn::of(&error)),
        }
    }

    fn in_words_of(dialect: &'static Dialect, transport: Transport) -> Self {
        let line = Self::of(dialect.service(), transport);
        let on_tcp = transport == Transport::Tcp;
        let session = &dialect.spoken.session;
        let request = |turn: &Turn| turn.typed[0].literal().and_then(|it| dialect.turn(it, A_TIME));
        // Nobody answers a talk, or a visit: it goes on as its people like.
        let answers = line.service.manner().answers();
        let all = plain(line.service).0.iter().map(Turn::of);
        let turns = all.filter_map(|turn| request(&turn)).take(TURNS);
        Self {
            dialect: Some(dialect),
            greeting: session.greeting.as_deref().filter(|_| on_tcp).map(Text::octets),
            closes: on_tcp
                && (session.once && session.closes || dialect.spoken.reply == Frame::End),
            once: session.once,
            framing: dialect.framing(),
            farewells: farewells(&dialect.spoken),
            turns: if answers { turns.collect() } else { line.turns.clone() },
            error: line.error.as_ref().and_then(request),
            ..line
        }
    }

    fn converses(&self) -> bool {
        matches!(self.service.manner(), Manner::Conversation | Manner::Talk)
    }

    /// The user gives a request, and it comes; whoever only wants to hear comes, too.
    fn asks(&self, number: usize) -> Vec<Act> {
        let turn = &self.turns[number];
        let greeting = self.greeting.iter().filter(|_| number == 0 || self.once);
        let greeted =
            greeting.flat_map(|text| [Act::Open, Act::Expect { text: text.clone(), framed: true }]);
        match (self.converses(), self.transport) {
            (true, _) => {
                let typed = turn.typed.iter().cloned().map(Act::Type);
                let sent = turn.sent.iter().flat_map(|(text, prompt)| {
                    let prompt =
                        prompt.iter().map(|it| Act::Expect { text: it.clone(), framed: true });
                    std::iter::once(Act::Send { text: text.clone(), framed: true }).chain(prompt)
                });
                typed.chain(greeted).chain(sent).collect()
            }
            (false, Transport::Tcp) => vec![Act::Open],
            (false, Transport::Udp) => vec![Act::Send { text: any(), framed: true }],
        }
    }

    fn reply(&self, number: usize) -> Text {
        self.turns[number].reply.clone()
    }

    fn replies(&self, number: usize) -> Vec<Act> {
        vec![Act::Expect { text: self.reply(number), framed: true }]
    }

    /// The end of the reply, where it has one, and what its user sees of it.
    fn is_told(&self, number: usize) -> Vec<Act> {
        let close = self.closes.then_some(Act::Close);
        let reply = self.reply(number);
        let shown = self.dialect.map_or_else(|| reply.clone(), |dialect| dialect.shown(&reply));
        close.into_iter().chain([Act::Printed(printed(&shown))]).collect()
    }

    fn whole(&self, number: usize) -> Vec<Act> {
        [self.asks(number), self.replies(number), self.is_told(number)].concat()
    }

    /// The reply in sends of their own, each taken before the next.
    fn cut(&self, pieces: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Act> {
        let reply = self.reply(0);
        let line =
            self.framing.reply.framed(reply.literal().unwrap_or_default()).unwrap_or_default();
        let sends = pieces(&line)
            .into_iter()
            .map(|octets| Act::Expect { text: Text::octets(octets), framed: false });
        [self.asks(0), sends.collect(), self.is_told(0), over()].concat()
    }
}

/// How clients of a dialect take their leave.
fn farewells(spoken: &Spoken) -> Vec<Farewell> {
    let Some(quit) = &spoken.session.quit else { return Vec::new() };
    let reply = quit.reply.as_deref().unwrap_or_default();
    let answered = quit.reply.as_ref().and_then(|_| spoken.reply.framed(reply.as_bytes()));
    let farewell = |word: &String| {
        let (frame, answered) = (spoken.request.clone(), answered.clone().unwrap_or_default());
        Farewell { said: word.as_bytes().into(), frame, answered }
    };
    quit.words.iter().map(farewell).collect()
}

/// Most requests of a case.
const TURNS: usize = 3;

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
    let mut acts = scene.asks(0);
    let first = acts.iter().position(|act| matches!(act, Act::Send { .. }))?;
    acts.truncate(first);
    Some([acts, vec![Act::Send { text: any(), framed: true }]].concat())
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
        let (tail, end) = tail.split_at(tail.len().saturating_sub(1));
        [head, tail, end].map(<[u8]>::to_vec).into_iter().filter(|it| !it.is_empty()).collect()
    }))
}

fn octets(scene: &Scene) -> Option<Vec<Act>> {
    Some(scene.cut(|line| line.iter().map(|octet| vec![*octet]).collect()))
}

fn late(scene: &Scene) -> Option<Vec<Act>> {
    Some([scene.asks(0), vec![Act::Wait], scene.replies(0), scene.is_told(0), over()].concat())
}

fn several(scene: &Scene) -> Option<Vec<Act>> {
    let all = (0..scene.turns.len()).flat_map(|number| scene.whole(number));
    Some(all.chain(over()).collect())
}

fn error(scene: &Scene) -> Option<Vec<Act>> {
    let turns = vec![scene.error.clone()?];
    let (greeting, farewells) = (scene.greeting.clone(), scene.farewells.clone());
    let scene = Scene { turns, greeting, farewells, error: None, ..*scene };
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
    let request = |number: usize| scene.turns[number].sent[0].0.clone();
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
