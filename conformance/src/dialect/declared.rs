//! The cases of what a dialect declares besides what SPEC.md asks of everybody.

use super::Dialect;
use super::holds::{CLOSES, DECLARES, GREETING, PROMPTS, named};
use crate::case::{Body, Case};
use crate::service::plain;
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport;

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
            .collect()
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
