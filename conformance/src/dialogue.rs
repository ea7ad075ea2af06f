//! What can be done with a dialogue before it is performed: joined, taken apart, completed.

use std::collections::BTreeMap;

use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// A request that is answered rightly by whatever passed the first stages, and its reply.
#[derive(Clone, Debug)]
pub struct Question {
    /// The text of the request.
    pub request: Text,
    /// The text of the reply.
    pub reply: Text,
}

impl Question {
    fn acts(&self) -> [Act; 2] {
        [
            Act::Send { text: self.request.clone(), framed: true },
            Act::Expect { text: self.reply.clone(), framed: true },
        ]
    }
}

/// How a dialogue is brought to its end, so that nothing can be left over unseen.
#[derive(Clone, Debug)]
pub enum Ending {
    /// TCP: each client ends its half, and the target closes.
    HalfClose,
    /// TCP, announcements: the target closes.
    Await,
    /// Each client closes. For a target that is known not to close.
    Close,
    /// UDP: each client asks once more, so that an extra reply would come in the place of this one. It is the first of these
    /// that is not like the client's last request and reply, or as little as can be.
    Ask(Vec<Question>),
}

impl Dialogue {
    /// A request and its reply.
    pub fn pair(request: impl Into<Vec<u8>>, reply: Text) -> Self {
        let request = Text::octets(request);
        let acts =
            [Act::Send { text: request, framed: true }, Act::Expect { text: reply, framed: true }];
        Self::of(acts.map(|act| Step { client: Client::A, act }))
    }

    /// Whether it is one client's sends and expectations and no more, so that it may follow another on its connection.
    pub fn is_series(&self) -> bool {
        self.steps.iter().all(|step| {
            step.client == Client::A
                && matches!(step.act, Act::Send { .. } | Act::Expect { .. } | Act::Note(_))
        })
    }

    /// Whether it asks what the program prints, or takes away what it prints to.
    pub fn watches_output(&self) -> bool {
        let watches = |act: &Act| matches!(act, Act::Printed(_) | Act::Unread | Act::Unheard);
        self.steps.iter().any(|step| watches(&step.act))
    }

    /// Whether something is typed to the program.
    pub fn is_typed_to(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.act, Act::Type(_)))
    }

    /// Whether the program prints to nobody when it is over.
    pub fn takes_output_away(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.act, Act::Unread | Act::Unheard))
    }

    /// Whether a reply must tell the right time.
    pub fn tells_time(&self) -> bool {
        self.steps.iter().any(|step| match &step.act {
            Act::Expect { text, .. } => text.pieces.contains(&Piece::Hole(Hole::Now)),
            _ => false,
        })
    }

    /// The parts of a series of messages after each of which every reply has come.
    pub fn parts(&self) -> Vec<Self> {
        let framed = |step: &Step| {
            matches!(
                step.act,
                Act::Send { framed: true, .. } | Act::Expect { framed: true, .. } | Act::Note(_)
            )
        };
        if !self.is_series() || !self.steps.iter().all(framed) {
            return vec![self.clone()];
        }
        let (mut parts, mut part, mut due) = (Vec::new(), self.empty(), 0i32);
        for step in &self.steps {
            match step.act {
                Act::Send { .. } => due += 1,
                Act::Expect { .. } => due -= 1,
                _ => continue,
            }
            if due < 0 {
                // A reply to nothing: whoever wrote it means the whole.
                return vec![self.clone()];
            }
            part.steps.push(step.clone());
            if due == 0 {
                parts.push(std::mem::replace(&mut part, self.empty()));
            }
        }
        if !part.steps.is_empty() {
            parts.push(part);
        }
        parts
    }

    /// A dialogue of no steps, framed like this one.
    pub const fn empty(&self) -> Self {
        Self { steps: Vec::new(), framing: self.framing }
    }

    /// Several series as one.
    pub fn joined<'a>(series: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut steps, mut framing) = (Vec::new(), None);
        for part in series {
            steps.extend_from_slice(&part.steps);
            framing = part.framing;
        }
        Self { steps, framing }
    }

    /// The dialogue with its end written out.
    pub fn completed(&self, transport: Transport, ending: &Ending) -> Self {
        let mut steps = self.steps.clone();
        for (client, state) in self.clients() {
            let acts = match (transport, ending, state) {
                (_, _, Left::Nothing) => vec![],
                (Transport::Tcp, _, Left::Deaf) => vec![Act::Reset],
                (Transport::Tcp, Ending::HalfClose, Left::Open) => vec![Act::End, Act::Closed],
                (Transport::Tcp, Ending::HalfClose, Left::Ended) => vec![Act::Closed],
                (Transport::Tcp, Ending::Await, Left::Open | Left::Ended) => vec![Act::Closed],
                (Transport::Tcp, _, _) => vec![Act::Close],
                (Transport::Udp, Ending::Ask(questions), _) => {
                    let likeness = |it: &&Question| self.likeness(client, it);
                    let asked = questions.iter().min_by_key(likeness);
                    asked.into_iter().flat_map(Question::acts).collect()
                }
                (Transport::Udp, _, _) => vec![],
            };
            steps.extend(acts.into_iter().map(|act| Step { client, act }));
        }
        Self { steps, framing: self.framing }
    }

    /// Whether the reply to a question, and the question, are the last of a client.
    fn likeness(&self, client: Client, question: &Question) -> (bool, bool) {
        let mut own = self.steps.iter().rev().filter(|step| step.client == client);
        let asked = own.clone().find_map(|step| match &step.act {
            Act::Send { text, .. } => Some(text),
            _ => None,
        });
        let told = own.find_map(|step| match &step.act {
            Act::Expect { text, .. } => Some(text),
            _ => None,
        });
        (told == Some(&question.reply), asked == Some(&question.request))
    }

    /// How each client stands after the last step.
    fn clients(&self) -> BTreeMap<Client, Left> {
        let mut clients = BTreeMap::new();
        for Step { client, act } in &self.steps {
            let state = clients.entry(*client);
            match act {
                Act::Open | Act::Send { .. } | Act::Expect { .. } | Act::Quiet => {
                    state.or_insert(Left::Open);
                }
                Act::Deaf => drop(state.insert_entry(Left::Deaf)),
                Act::End => drop(state.insert_entry(Left::Ended)),
                Act::Close | Act::Reset | Act::Closed | Act::WasReset => {
                    state.insert_entry(Left::Nothing);
                }
                // Whoever was connected no longer is.
                Act::Restart => clients.values_mut().for_each(|state| *state = Left::Nothing),
                Act::Wait
                | Act::Unread
                | Act::Unheard
                | Act::Exited
                | Act::Type(_)
                | Act::Printed(_)
                | Act::Note(_) => {}
            }
        }
        clients
    }
}

/// What a client has left to do.
#[derive(Clone, Copy)]
enum Left {
    Open,
    Deaf,
    Ended,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript;

    fn dialogue(steps: &str) -> Dialogue {
        transcript::parse("test", &format!("case a\n{steps}")).unwrap().remove(0).dialogue
    }

    #[test]
    fn a_series_comes_apart_where_every_reply_has_come() {
        let parts = dialogue("> a\n< b\n> c\n> d\n< e\n< f\n").parts();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].to_string(), "> c\n> d\n< e\n< f\n");
        assert_eq!(Dialogue::joined(&parts).to_string(), "> a\n< b\n> c\n> d\n< e\n< f\n");
        for whole in ["> a\nB> c\n< b\nB< d\n", "> a\n< b\n! end\n", ">> a\n< b\n> c\n< d\n"] {
            assert_eq!(dialogue(whole).parts(), [dialogue(whole)]);
        }
    }

    #[test]
    fn every_client_is_brought_to_its_end() {
        let end =
            |steps: &str, ending| dialogue(steps).completed(Transport::Tcp, &ending).to_string();
        assert_eq!(end("> a\n< b\n", Ending::HalfClose), "> a\n< b\n! end\n? closed\n");
        assert_eq!(end("> a\n! end\n< b\n", Ending::HalfClose), "> a\n! end\n< b\n? closed\n");
        assert_eq!(end("> a\n! reset\n", Ending::HalfClose), "> a\n! reset\n");
        assert_eq!(
            end("> a\n< b\n! restart\nB> c\n", Ending::Close),
            "> a\n< b\n! restart\nB> c\nB! close\n"
        );
        assert_eq!(end("B! deaf\nB>> x\n", Ending::HalfClose), "B! deaf\nB>> x\nB! reset\n");
        assert_eq!(end("! open\n< b\n", Ending::Await), "! open\n< b\n? closed\n");
        let question = |q, r| Question { request: Text::octets(q), reply: Text::octets(r) };
        let ending = Ending::Ask(vec![question("q", "r"), question("p", "s")]);
        let asked = dialogue("> a\n< b\nB> c\nB< r\n").completed(Transport::Udp, &ending);
        assert_eq!(asked.to_string(), "> a\n< b\nB> c\nB< r\n> q\n< r\nB> p\nB< s\n");
    }
}
