//! A dialogue of the suite in the words of a dialect.

use std::collections::{BTreeMap, VecDeque};

use trueline_protocol::calculator;
use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{
    Field, Frame, Number, Part, Quit, Said, Template, with_an_operator,
};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing;
use trueline_protocol::grammar::is_blank;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use super::holds::{GREETING, PROMPTS, named};
use super::{Blanks, Dialect, Operands};
use crate::case::moved;
use crate::client::Turn;
use crate::dialogue::Question;
use crate::relies::most_at_once;
use crate::service::{answer_to, due_to, exercises, plain};
use crate::spec::{Id, Level};
use crate::transcript::{Act, Client, Dialogue, Hole, Near, Piece, Step, Text};
use crate::transport::Transport;

/// A dialogue in the words of a dialect.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The dialogue.
    pub dialogue: Dialogue,
    /// Of each of its steps, the step that it was made of.
    pub origin: Vec<usize>,
    /// Whether the server ends because of it, and may.
    pub stops: bool,
    /// Of the steps that the dialect puts in, the requirement of its own that each is about.
    pub declared: BTreeMap<usize, Id>,
}

impl Dialect {
    /// A dialogue in the words of the dialect. What is in its words already stays so. `None` where it has no words for
    /// something, or does not say what a server makes of it.
    pub fn speak(&self, dialogue: &Dialogue, transport: Transport) -> Option<Speech> {
        if dialogue.framing.is_some() {
            let origin = (0..dialogue.steps.len()).collect();
            let leaves = |quit: &&Quit| {
                let said =
                    |text: &Text| quit.words.iter().any(|it| text.literal() == Some(it.as_bytes()));
                dialogue
                    .steps
                    .iter()
                    .any(|it| matches!(&it.act, Act::Send { text, .. } if said(text)))
            };
            let quit = self.spoken.session.quit.as_ref().filter(leaves);
            let stops = quit.is_some_and(|quit| quit.stops);
            let dialogue = dialogue.clone();
            return Some(Speech { dialogue, origin, stops, declared: BTreeMap::new() });
        }
        // Whoever serves one client at a time leaves the others waiting.
        if transport == Transport::Tcp && !self.terms.is_several && most_at_once(dialogue) > 1 {
            return None;
        }
        let mut speaker = Speaker {
            dialect: self,
            transport,
            talks: BTreeMap::new(),
            said: Vec::new(),
            stops: false,
            declared: BTreeMap::new(),
        };
        if transport == Transport::Tcp {
            speaker.prepare(dialogue)?;
        }
        for (at, step) in dialogue.steps.iter().enumerate() {
            speaker.step(at, step)?;
        }
        let (stops, declared) = (speaker.stops, speaker.declared);
        let (steps, origin) = speaker.said.into_iter().unzip();
        let dialogue = Dialogue { steps, framing: Some(self.framing) };
        Some(Speech { dialogue, origin, stops, declared })
    }

    /// The same, as a case that is about a requirement asks it. Where nothing tells where a message ends, only those cases cut
    /// and join messages that are about that: it is for information, and shows nothing else.
    pub fn speak_of(
        &self,
        about: Option<Id>,
        dialogue: &Dialogue,
        transport: Transport,
    ) -> Option<Speech> {
        let raw = |step: &Step| matches!(step.act, Act::Send { framed: false, .. });
        let informs =
            about.and_then(|id| self.spec.get(id)).is_some_and(|it| it.level == Level::May);
        let undeclared = dialogue.framing.is_none() && !self.spoken.request.is_declared();
        if undeclared && transport == Transport::Tcp && !informs && dialogue.steps.iter().any(raw) {
            return None;
        }
        self.speak(dialogue, transport)
    }

    /// The reply that is due to a request of `line`, whose reply in `line` this is; `None` where there is none.
    pub(super) fn words(&self, request: &str, reply: &str) -> Option<Text> {
        match self.spoken.replied(request, reply)? {
            Said::Reply(parts) => Some(self.text(&parts)),
            _ => None,
        }
    }

    /// The reply that is due to a request of `line`, for people.
    pub(super) fn expected(&self, request: &str) -> Option<String> {
        let due = answer_to(self.service(), request.as_bytes());
        match self.spoken.replied(request, &due)? {
            Said::Reply(parts) => Some(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Any(_) => "...".to_owned(),
                        Part::Time(_) => "the time".to_owned(),
                        other => Text::octets(other.octets()).to_string(),
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    /// What a client's user types for a request of `line`, what is sent then, and the reply; `None` where it is not answered.
    pub(crate) fn turn(&self, request: &[u8], time: &str) -> Option<Turn> {
        let fixed = self.terms.sends.as_ref();
        let request = fixed.map_or(request, |text| text.as_bytes());
        let (sent, response) = self.question(request)?;
        let Said::Reply(parts) = response else { return None };
        let reply = parts.iter().flat_map(|part| match part {
            Part::Time(_) => time.as_bytes(),
            other => other.octets(),
        });
        let mut prompts = self.spoken.forms[0].prompts.iter().cloned();
        let sent: Vec<Text> = sent.into_iter().map(Text::octets).collect();
        let typed = match (fixed, &self.terms.typed) {
            (Some(_), _) => Vec::new(),
            (None, Some(template)) => vec![Text::octets(typed_by(template, request)?)],
            (None, None) => sent.clone(),
        };
        let prompt = |_: &Text| prompts.next().flatten().map(Text::octets);
        let prompts: Vec<Option<Text>> = sent.iter().map(prompt).collect();
        let reply = Text::octets(reply.copied().collect::<Vec<u8>>());
        Some(Turn { typed, sent: sent.into_iter().zip(prompts).collect(), reply })
    }

    /// What a user types for a question of `line`, and the reply that is due; `None` where it is not answered.
    pub(crate) fn typed(&self, question: &Question) -> Option<Question> {
        let request = question.request.literal()?;
        let turn = self.turn(request, "")?;
        let typed: Vec<&[u8]> = turn.typed.iter().filter_map(Text::literal).collect();
        let (_, Said::Reply(parts)) = self.question(request)? else { return None };
        Some(Question { request: Text::octets(typed.join(&b'\n')), reply: self.text(&parts) })
    }

    /// Those of some questions over UDP that the dialect has words for.
    pub(crate) fn sayable(&self, questions: Vec<Question>) -> Vec<Question> {
        let known = |question: &Question| {
            let octets = question.request.literal().unwrap_or_default();
            let asked = Dialogue::pair(octets, question.reply.clone());
            self.speak(&asked, Transport::Udp).is_some()
        };
        questions.into_iter().filter(known).collect()
    }

    /// The messages of a request that is given as the dialect has it, or as `line` does.
    pub fn messages(&self, given: &str) -> Vec<String> {
        let is_one = self.spoken.forms[0].parts.len() == 1;
        let known = is_one && calculator::parse(&self.spoken.heard(&[given])).is_ok();
        let given_so = || vec![given.to_owned()];
        if known { given_so() } else { self.spoken.said(given).unwrap_or_else(given_so) }
    }

    /// What a client shows its user of a reply.
    pub(crate) fn shown(&self, reply: &Text) -> Text {
        let (Some(template), Some(octets)) = (&self.terms.shows, reply.literal()) else {
            return reply.clone();
        };
        template.filled(|_| Some(octets.to_vec())).map_or_else(|| reply.clone(), Text::octets)
    }

    /// What is expected of a reply of these parts.
    fn text(&self, parts: &[Part]) -> Text {
        let near = |number: f64| Near::new(number, self.terms.tolerance?);
        let piece = |part: &Part| match part {
            Part::Octets(octets) => Piece::Octets(octets.clone()),
            Part::Result(_, octets, exact) => match exact.parse().ok().and_then(near) {
                Some(near) => Piece::Hole(Hole::Near(near)),
                None => Piece::Octets(octets.clone()),
            },
            Part::Time(_) => Piece::Hole(Hole::Now),
            Part::Any(_) => Piece::Hole(Hole::Any),
        };
        self.spaced(parts.iter().map(piece).collect())
    }

    /// A text with what may be around it.
    pub(super) fn spaced(&self, text: Text) -> Text {
        let blanks = || (self.terms.blanks == Blanks::Around).then_some(Piece::Hole(Hole::Blanks));
        blanks().into_iter().chain(text.pieces).chain(blanks()).collect()
    }

    /// The messages of a request, and what becomes of it.
    fn question(&self, request: &[u8]) -> Option<(Vec<Vec<u8>>, Said)> {
        if self.service().manner() == Manner::Talk {
            // What is replied somebody types.
            return Some((vec![request.to_vec()], Said::Reply(Vec::new())));
        }
        let line =
            if request.len() > REQUEST_TEXT_MAX { Err(framing::TooLong) } else { Ok(request) };
        let reply = answer_to(self.service(), request);
        // What is no error here is served, and nobody says how.
        let holds = |id: &Id| id.area() != "ERR" || self.spec.get(*id).is_some();
        if reply.starts_with("ERR ") && !exercises(self.service(), request).iter().all(holds) {
            return None;
        }
        let text = match framing::text(line) {
            Ok(text) => text,
            // What is no text is sent as it is, where it is known what comes of it.
            Err(_) if self.spoken.forms[0].parts.len() == 1 => {
                return Some((vec![request.to_vec()], self.spoken.replied("", &reply)?));
            }
            Err(_) => return None,
        };
        if !self.calculates(text) {
            return None;
        }
        let said = self.spoken.said(text)?;
        // A word that ends the conversation asks for nothing else.
        let quit = self.spoken.session.quit.as_ref();
        if quit.is_some_and(|quit| said.iter().any(|it| quit.words.contains(it))) {
            return None;
        }
        let said = said.into_iter().map(String::into_bytes).collect();
        let response = self.spoken.replied(text, &reply)?;
        self.fits(&response).then_some((said, response))
    }

    /// Whether a reply fits its frame.
    fn fits(&self, response: &Said) -> bool {
        let Said::Reply(parts) = response else { return true };
        let is_open = parts.iter().any(|part| matches!(part, Part::Any(_) | Part::Time(_)));
        let text: Vec<u8> = parts.iter().flat_map(Part::octets).copied().collect();
        let framed = self.terms.transports.contains(&Transport::Tcp);
        !framed || is_open || self.spoken.reply.wrap(&text).is_some()
    }

    /// Whether so many replies that are on their way are told from each other.
    fn tells(&self, replies: usize) -> bool {
        replies < 2 || self.spoken.reply.is_declared()
    }

    /// Whether an empty message is one, on a stream.
    fn says_nothing(&self) -> bool {
        !matches!(self.spoken.request, Frame::Segment | Frame::End)
    }

    /// Whether the operands of a request are such as it calculates with; so is what is no request.
    fn calculates(&self, text: &str) -> bool {
        if self.service() != Service::Calculator {
            return true;
        }
        let parsed = match calculator::parse(text) {
            // Its operands are as good as those of any other.
            Err(ErrorCode::Operator) => {
                let known = with_an_operator(text);
                return known.is_none_or(|(_, known)| self.calculates(&known));
            }
            parsed => parsed,
        };
        let Ok(request) = parsed else {
            // Digits of other scripts, other white space and underscores are integers to some.
            let may_be_served = |c: char| c == '_' || c.is_control() || !c.is_ascii();
            let quit = self.spoken.session.quit.as_ref();
            let leaves = quit.is_some_and(|quit| quit.words.iter().any(|word| word == text.trim()));
            // Whether a word in the place of an operator is one that there is not, or no operator at all, is hard to say.
            let error = |code: ErrorCode| self.spoken.errors.get(&code);
            let told_apart = error(ErrorCode::Syntax) != error(ErrorCode::Operator);
            if told_apart
                && calculator::parse(text) == Err(ErrorCode::Syntax)
                && is_like_an_operation(text)
            {
                return false;
            }
            let strict = self.terms.operands == Operands::Spelled;
            return !leaves && (strict || !text.contains(may_be_served));
        };
        let number = self.spoken.results[request.operator as usize];
        let divides = request.operator == Operator::Divide
            && number != Number::Plain
            && number != Number::Float;
        let exact = |operand: &calculator::Integer<'_>| {
            i64::try_from(&operand.value).is_ok_and(|value| value.unsigned_abs() <= EXACT_MAX)
        };
        if divides && !(exact(&request.left) && exact(&request.right)) {
            return false;
        }
        [request.left, request.right].iter().all(|operand| {
            let is_plain = operand.value.to_string() == *operand.spelled;
            match self.terms.operands {
                Operands::Spelled | Operands::Python => true,
                Operands::Integers => is_plain,
                Operands::Between(least, most) => {
                    let value = i64::try_from(&operand.value);
                    is_plain && value.is_ok_and(|value| (least..=most).contains(&value))
                }
            }
        })
    }
}

/// Up to here a quotient that is rounded to binary64 is cut as the exact one would be.
const EXACT_MAX: u64 = 1 << 26;

/// Whether a text has two integers, and something between or beside them that may be meant for an operator.
fn is_like_an_operation(text: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    let integers = text.split(|c: char| !digits(c)).filter(|it| !it.is_empty()).count();
    integers == 2 && text.contains(|c: char| !digits(c) && !is_blank(c))
}

/// What a user types for a request of `line`, by a template.
fn typed_by(template: &Template, request: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(request).ok()?;
    let asked = calculator::parse(text).ok();
    template.filled(|field| match (field, &asked) {
        (Field::Text, _) => Some(request.to_vec()),
        (Field::Left, Some(asked)) => Some(asked.left.to_string().into()),
        (Field::Right, Some(asked)) => Some(asked.right.to_string().into()),
        (Field::Operator, Some(asked)) => Some(asked.operator.to_string().into()),
        _ => None,
    })
}

/// What was said of a dialogue so far.
struct Speaker<'a> {
    dialect: &'a Dialect,
    transport: Transport,
    talks: BTreeMap<Client, Talk>,
    said: Vec<(Step, usize)>,
    stops: bool,
    declared: BTreeMap<usize, Id>,
}

/// How one client stands.
#[derive(Default)]
struct Talk {
    is_open: bool,
    /// How many requests were sent.
    requests: usize,
    /// The replies that are due, each with what is due in `line`.
    due: VecDeque<(Said, Text)>,
    has_ended: bool,
    is_over: bool,
    /// Of a client that sends octets as they are: what each of its sends sends, and the requests that it completes.
    pieces: Option<VecDeque<Sent>>,
}

/// What one send of octets sends, and the requests that are whole with it.
struct Sent {
    octets: Vec<u8>,
    whole: Vec<(Said, Text)>,
}

impl Speaker<'_> {
    fn push(&mut self, at: usize, client: Client, act: Act) {
        self.said.push((Step { client, act }, at));
    }

    /// Awaits something that the dialect has declared.
    fn push_declared(&mut self, at: usize, client: Client, text: Text, number: u32) {
        self.declared.insert(self.said.len(), named(number));
        self.push(at, client, Act::Expect { text, framed: true });
    }

    /// Finds what clients send that do not send whole messages.
    fn prepare(&mut self, dialogue: &Dialogue) -> Option<()> {
        let raw = |step: &&Step| matches!(step.act, Act::Send { framed: false, .. });
        let talks = self.dialect.service().manner() == Manner::Talk;
        if talks
            && !self.dialect.spoken.request.is_declared()
            && dialogue.steps.iter().any(|it| raw(&it))
        {
            return None;
        }
        for client in dialogue.steps.iter().filter(raw).map(|step| step.client) {
            if self.talks.get(&client).is_some_and(|talk| talk.pieces.is_some()) {
                continue;
            }
            let sent = dialogue.steps.iter().filter(|step| step.client == client);
            let sent: Vec<Vec<u8>> = sent
                .filter_map(|step| match &step.act {
                    Act::Send { text, framed } => {
                        let end: &[u8] = if *framed { b"\n" } else { b"" };
                        text.literal().map(|octets| [octets, end].concat())
                    }
                    _ => None,
                })
                .collect();
            let pieces = self.stream(&sent)?;
            self.talks.entry(client).or_default().pieces = Some(pieces.into());
        }
        Some(())
    }

    /// Says a stream that is sent in pieces, which stay as many.
    fn stream(&self, sent: &[Vec<u8>]) -> Option<Vec<Sent>> {
        let frame = &self.dialect.spoken.request;
        let stream = sent.concat();
        let mut past = 0;
        let ends: Vec<usize> = sent
            .iter()
            .map(|piece| {
                past += piece.len();
                past
            })
            .collect();
        let mut said: Vec<u8> = Vec::new();
        let mut said_ends = vec![0; ends.len()];
        let mut whole: Vec<(usize, (Said, Text))> = Vec::new();
        let mut past = 0;
        for line in stream.split_inclusive(|&octet| octet == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let bare = text.strip_suffix(b"\r").unwrap_or(text);
            let (parts, response) = self.dialect.question(bare)?;
            let [part] = parts.as_slice() else { return None };
            if part.is_empty() && !self.dialect.says_nothing() {
                return None;
            }
            let framed = self.framed(frame, part, &line[bare.len()..])?;
            for (end, said_end) in ends.iter().zip(&mut said_ends) {
                if (past..=past + line.len()).contains(end) {
                    let at = match frame {
                        Frame::Until(_) if framed.len() - part.len() == line.len() - bare.len() => {
                            moved(end - past, bare.len(), part.len())
                        }
                        _ => moved(end - past, line.len(), framed.len()),
                    };
                    *said_end = said.len() + at;
                }
            }
            past += line.len();
            said.extend_from_slice(&framed);
            let piece = ends.iter().position(|end| *end >= past)?;
            whole.push((piece, (response, due_to(self.dialect.service(), bare))));
        }
        let begins = std::iter::once(0).chain(said_ends.iter().copied());
        let mut pieces: Vec<Sent> = begins
            .zip(&said_ends)
            .map(|(begin, end)| Sent { octets: said[begin..*end].to_vec(), whole: Vec::new() })
            .collect();
        whole.into_iter().for_each(|(piece, request)| pieces[piece].whole.push(request));
        Some(pieces)
    }

    /// A message in its frame, instead of this terminator of `line`.
    fn framed(&self, frame: &Frame, part: &[u8], terminator: &[u8]) -> Option<Vec<u8>> {
        let framed = frame.wrap(part)?;
        match (terminator, frame) {
            (b"\n", _) => Some(framed),
            // Only who ends lines so knows these.
            (b"\r\n", Frame::Until(ends)) => {
                let known = ends.first()? == b"\n" && ends.iter().any(|end| end == b"\r\n");
                known.then(|| [part, b"\r\n"].concat())
            }
            (b"" | b"\r", Frame::Until(ends)) => {
                let rest = self.dialect.spec.find("FRAME-10").is_some() && ends.first()? == b"\n";
                rest.then(|| [part, terminator].concat())
            }
            _ => None,
        }
    }

    fn step(&mut self, at: usize, step: &Step) -> Option<()> {
        let client = step.client;
        self.opened(at, step);
        let is_over = self.talks.get(&client).is_some_and(|talk| talk.is_over);
        match &step.act {
            Act::Send { .. } | Act::Expect { .. } | Act::Open if is_over || self.stops => {
                return None;
            }
            Act::End | Act::Closed | Act::Close | Act::Reset | Act::Quiet if is_over => {}
            Act::Send { text, framed } => self.send(at, client, text, *framed)?,
            Act::Expect { text, framed: true } => self.expect(at, client, text)?,
            Act::Expect { framed: false, .. } => return None,
            Act::Open => {}
            Act::End => self.end(at, client)?,
            Act::Closed => self.closed(at, client),
            other => {
                let connected = !matches!(other, Act::Close | Act::Reset | Act::Restart);
                let talk = self.talks.entry(client).or_default();
                talk.is_open &= connected;
                if !connected {
                    (talk.requests, talk.has_ended) = (0, false);
                    talk.due.clear();
                }
                self.push(at, client, other.clone());
            }
        }
        Some(())
    }

    /// Listens to what a server says first.
    fn opened(&mut self, at: usize, step: &Step) {
        let uses = matches!(
            step.act,
            Act::Open | Act::Send { .. } | Act::Expect { .. } | Act::Closed | Act::End
        );
        let talk = self.talks.entry(step.client).or_default();
        if !uses || talk.is_open {
            return;
        }
        talk.is_open = true;
        talk.is_over = false;
        let greeting = self.dialect.spoken.session.greeting.as_ref();
        if let Some(greeting) = greeting.filter(|_| self.transport == Transport::Tcp) {
            let text = self.dialect.spaced(Text::octets(greeting.as_str()));
            self.push(at, step.client, Act::Open);
            self.push_declared(at, step.client, text, GREETING);
        } else if step.act == Act::Open {
            self.push(at, step.client, Act::Open);
        }
    }

    fn send(&mut self, at: usize, client: Client, text: &Text, framed: bool) -> Option<()> {
        let dialect = self.dialect;
        let (session, on_tcp) = (&dialect.spoken.session, self.transport == Transport::Tcp);
        if dialect.service().manner() == Manner::Announcement {
            // Whatever is sent.
            self.push(at, client, Act::Send { text: text.clone(), framed: framed && !on_tcp });
            return Some(());
        }
        let talk = self.talks.entry(client).or_default();
        if let Some(pieces) = &mut talk.pieces {
            let Sent { octets, whole } = pieces.pop_front()?;
            talk.requests += whole.len();
            let is_whole = !whole.is_empty();
            talk.due.extend(whole);
            if on_tcp && (session.once && talk.requests > 1 || !dialect.tells(talk.due.len())) {
                return None;
            }
            if !octets.is_empty() {
                self.push(at, client, Act::Send { text: Text::octets(octets), framed: false });
            }
            if is_whole && dialect.spoken.request == Frame::End {
                self.finish(at, client);
            }
            return Some(());
        }
        let request = text.literal()?;
        let bare = if on_tcp { request } else { framing::datagram(request).unwrap_or(request) };
        let (parts, response) = dialect.question(bare)?;
        talk.requests += 1;
        if on_tcp && session.once && talk.requests > 1 {
            return None;
        }
        talk.due.push_back((response, due_to(dialect.service(), bare)));
        if on_tcp && !dialect.tells(talk.due.len()) {
            return None;
        }
        if !on_tcp && bare.len() < request.len() && dialect.spec.find("FRAME-30").is_none() {
            return None;
        }
        let end = &request[if on_tcp { request.len() } else { bare.len() }..];
        let prompts = &dialect.spoken.forms[0].prompts;
        for (place, part) in parts.iter().enumerate() {
            let framed = dialect.spoken.request.wrap(part);
            if on_tcp && (framed.is_none() || part.is_empty() && !dialect.says_nothing()) {
                return None;
            }
            let act = match framed {
                // Each in a send of its own.
                Some(octets) if on_tcp && parts.len() > 1 => {
                    Act::Send { text: Text::octets(octets), framed: false }
                }
                _ => Act::Send { text: Text::octets([part, end].concat()), framed: true },
            };
            self.push(at, client, act);
            if let Some(Some(prompt)) = prompts.get(place) {
                let text = dialect.spaced(Text::octets(prompt.as_str()));
                self.push_declared(at, client, text, PROMPTS);
            }
        }
        if on_tcp && dialect.spoken.request == Frame::End {
            self.finish(at, client);
        }
        Some(())
    }

    /// Ends a request that nothing else ends.
    fn finish(&mut self, at: usize, client: Client) {
        self.push(at, client, Act::End);
        self.talks.entry(client).or_default().has_ended = true;
    }

    fn expect(&mut self, at: usize, client: Client, expected: &Text) -> Option<()> {
        let dialect = self.dialect;
        if dialect.service().manner() == Manner::Talk {
            self.push(at, client, Act::Expect { text: expected.clone(), framed: true });
            return Some(());
        }
        let is_any = expected.pieces == [Piece::Hole(Hole::Any)];
        let (response, due) = match self.talks.get_mut(&client).and_then(|it| it.due.pop_front()) {
            Some(due) => due,
            None if dialect.service().manner() == Manner::Announcement => {
                let due = plain(dialect.service()).0[0].reply.clone();
                let reply = answer_to(dialect.service(), b"");
                (dialect.spoken.replied("", &reply)?, due)
            }
            None => return None,
        };
        let now = |text: &Text| {
            text.pieces.iter().any(|it| matches!(it, Piece::Hole(Hole::Now | Hole::Time)))
        };
        // Whatever error it is, it is the one that is due.
        let refused = |text: &Text| matches!(text.pieces.first(), Some(Piece::Octets(octets)) if octets.starts_with(b"ERR "));
        let alike =
            *expected == due || now(expected) && now(&due) || refused(expected) && refused(&due);
        if !is_any && !alike {
            return None;
        }
        self.stops |= response == Said::Stop;
        let act = match response {
            Said::Reply(_) if is_any && !dialect.is_text() => {
                let text = [Piece::Hole(Hole::Whatever)].into_iter().collect();
                Act::Expect { text, framed: true }
            }
            Said::Reply(_) if is_any => {
                Act::Expect { text: dialect.spaced(expected.clone()), framed: true }
            }
            Said::Reply(parts) => {
                let mut text = dialect.text(&parts);
                for piece in &mut text.pieces {
                    if *piece == Piece::Hole(Hole::Now) && !now(expected)
                        || *piece == Piece::Hole(Hole::Now)
                            && expected.pieces.contains(&Piece::Hole(Hole::Time))
                    {
                        *piece = Piece::Hole(Hole::Time);
                    }
                }
                Act::Expect { text, framed: true }
            }
            // What comes next on the stream, or its end, shows that there was no reply.
            Said::Silence
                if self.transport == Transport::Tcp && dialect.spoken.reply.is_declared() =>
            {
                return Some(());
            }
            Said::Silence => Act::Quiet,
            Said::Close | Said::Stop if self.transport == Transport::Udp => Act::Quiet,
            Said::Close | Said::Stop => {
                self.talks.entry(client).or_default().is_over = true;
                Act::Closed
            }
        };
        self.push(at, client, act);
        Some(())
    }

    fn end(&mut self, at: usize, client: Client) -> Option<()> {
        let spoken = &self.dialect.spoken;
        let session = &spoken.session;
        let talk = self.talks.entry(client).or_default();
        // Where nothing tells, the end of all is a request, too, and nobody says what comes of that.
        let asks = !spoken.request.is_declared() || spoken.request == Frame::End;
        if talk.requests == 0 && asks && spoken.service.manner() == Manner::Conversation {
            return None;
        }
        let talks = spoken.service.manner() == Manner::Talk;
        let answered = talk.requests > 0 && (talk.due.is_empty() || talks);
        // A server that closes by itself, or that is not asked to, needs no telling.
        let untold = answered && (session.once || !session.closes);
        if !std::mem::replace(&mut talk.has_ended, true) && !untold {
            self.push(at, client, Act::End);
        }
        Some(())
    }

    fn closed(&mut self, at: usize, client: Client) {
        let talk = self.talks.entry(client).or_default();
        let unnoticed = talk.has_ended && !self.dialect.spoken.session.closes;
        (talk.is_open, talk.has_ended, talk.requests) = (false, false, 0);
        let act = if unnoticed { Act::Close } else { Act::Closed };
        self.push(at, client, act);
    }
}
