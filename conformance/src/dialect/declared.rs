//! The cases of what a dialect declares besides what SPEC.md asks of everybody.

use trueline_protocol::calculator;
use trueline_protocol::dialect::{Field, Frame, Piece as Worded, Response};
use trueline_protocol::error::ErrorCode;

use super::Dialect;
use super::holds::{CLOSES, DECLARES, GREETING, PROMPTS, named};
use crate::case::{Body, Case};
use crate::service::plain;
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// What is no integer, and what a program may take for one that does more than it is asked to.
const JUNK: [&str; 5] = ["x", "1.5", "1+1", "abs(1)", "1e1"];

impl Dialect {
    /// A case for each requirement of its own.
    pub(super) fn declared(&self) -> Vec<Case> {
        let number = |id: Id| DECLARES.iter().map(|it| it.0).find(|number| id == named(*number));
        let own = self.spec.requirements().filter_map(|it| Some((it.id, number(it.id)?)));
        own.flat_map(|(id, number)| self.dialogues(number).into_iter().map(move |it| (id, it)))
            .map(|(id, (name, dialogue))| Case {
                name: format!("dialect.{name}"),
                covers: vec![id],
                needs: Vec::new(),
                service: self.service(),
                transport: Some(Transport::Tcp),
                body: Body::Written(dialogue),
            })
            .chain(self.junk())
            .collect()
    }

    /// Requests that are nearly those of the dialect, each with what becomes of it: the suite's own are nearly those of `line`.
    fn junk(&self) -> Vec<Case> {
        let syntax = Id::parse("CALC-16").filter(|id| self.spec.get(*id).is_some());
        let (Some(syntax), [part]) = (syntax, self.spoken.forms[0].parts.as_slice()) else {
            return Vec::new();
        };
        let word = self.spoken.operators.iter().flatten().next().cloned().unwrap_or_default();
        let filled = |left: &str, right: &str| {
            let octets = part.filled(|field| match field {
                Field::Left => Some(left.into()),
                Field::Right => Some(right.into()),
                Field::Operator => Some(word.clone().into()),
                _ => Some(Vec::new()),
            });
            octets.and_then(|octets| String::from_utf8(octets).ok())
        };
        let junk = JUNK.iter().flat_map(|junk| [filled(junk, "2"), filled("3", junk)]);
        let refused = |text: &String| {
            calculator::parse(&self.spoken.heard(&[text])) == Err(ErrorCode::Syntax)
        };
        let asked = junk.flatten().filter(refused).filter_map(|text| self.refused(&text));
        let case = |(at, dialogue): (usize, Dialogue)| Case {
            name: format!("dialect.syntax.{}", at + 1),
            covers: vec![syntax],
            needs: Vec::new(),
            service: self.service(),
            transport: None,
            body: Body::Written(dialogue),
        };
        asked.enumerate().map(case).collect()
    }

    /// A request that is none, and what becomes of it.
    fn refused(&self, text: &str) -> Option<Dialogue> {
        let act = |act: Act| Step { client: Client::A, act };
        self.spoken.request.wrap(text.as_bytes())?;
        let reply = match self.spoken.errors.get(&ErrorCode::Syntax)? {
            Response::Reply(template) => {
                let pieces = template.pieces.iter().map(|piece| match piece {
                    Worded::Text(text) => Piece::Octets(text.as_bytes().into()),
                    Worded::Field(_) => Piece::Hole(Hole::Any),
                });
                Act::Expect { text: self.spaced(pieces.collect()), framed: true }
            }
            // What these do is asked in the words of `line` already.
            Response::Silence | Response::Close | Response::Stop => return None,
        };
        let transport = self.terms.transports.first().copied()?;
        let opened = self.speak(&Dialogue::of([act(Act::Open)]), transport)?.dialogue;
        let ends = (*self.framing.request == Frame::End).then(|| act(Act::End));
        let asked = act(Act::Send { text: Text::octets(text), framed: true });
        let close = act(Act::Close);
        let steps = opened.steps.into_iter().chain([asked]).chain(ends).chain([act(reply), close]);
        Some(Dialogue { steps: steps.collect(), framing: opened.framing })
    }

    fn dialogues(&self, number: u32) -> Vec<(String, Dialogue)> {
        let client = Client::A;
        let act = |act: Act| Step { client, act };
        let opened = self.speak(&Dialogue::of([act(Act::Open)]), Transport::Tcp);
        let question = plain(self.service()).0.first();
        let question =
            question.and_then(|it| it.request.literal().map(|octets| (octets, &it.reply)));
        let asked = question.map(|(request, reply)| Dialogue::pair(request, reply.clone()));
        let asked = asked.and_then(|asked| self.speak(&asked, Transport::Tcp));
        let with = |begun: Option<super::Speech>, steps: Vec<Step>| {
            begun.map(|begun| {
                let mut dialogue = begun.dialogue;
                dialogue.steps.extend(steps);
                dialogue
            })
        };
        let single = |name: &str, dialogue: Option<Dialogue>| {
            dialogue.map(|dialogue| (name.to_owned(), dialogue)).into_iter().collect()
        };
        match number {
            GREETING => single("greeting", with(opened, vec![act(Act::Close)])),
            PROMPTS => single("prompts", with(asked, vec![act(Act::Close)])),
            CLOSES => single("closes", with(asked, vec![act(Act::Closed)])),
            _ => {
                let Some(quit) = &self.spoken.session.quit else { return Vec::new() };
                let leave = |word: &String| {
                    let message = |text: &String| Text::octets(text.as_str());
                    let mut steps = vec![act(Act::Send { text: message(word), framed: true })];
                    steps.extend(quit.reply.as_ref().map(|reply| {
                        let text = self.spaced(message(reply));
                        act(Act::Expect { text, framed: true })
                    }));
                    steps.push(act(Act::Closed));
                    steps
                };
                let each = quit.words.iter().enumerate().filter_map(|(at, word)| {
                    let asked =
                        if self.spoken.session.once { opened.clone() } else { asked.clone() };
                    Some((format!("quit.{}", at + 1), with(asked, leave(word))?))
                });
                each.collect()
            }
        }
    }
}
