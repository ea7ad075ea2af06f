//! A dialogue of the suite in the words of a dialect.

mod question;
mod stream;

use std::collections::{BTreeMap, VecDeque};

use trueline_protocol::dialect::{Frame, Quit, Said};
use trueline_protocol::framing;
use trueline_protocol::service::Manner;

use self::stream::Sent;
use super::Dialect;
use super::holds::{GREETING, PROMPTS, named};
use crate::relies::most_at_once;
use crate::service::{answer_to, due_to, plain};
use crate::spec::{Id, Level};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
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

impl Speaker<'_> {
    fn push(&mut self, at: usize, client: Client, act: Act) {
        self.said.push((Step { client, act }, at));
    }

    /// Awaits something that the dialect has declared.
    fn push_declared(&mut self, at: usize, client: Client, text: Text, number: u32) {
        self.declared.insert(self.said.len(), named(number));
        self.push(at, client, Act::Expect { text, framed: true });
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
