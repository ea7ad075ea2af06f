//! What came, in the words of `line`, as far as it is known what a dialect means by it.

use trueline_protocol::dialect::{Field, First, Part, Piece as Worded, Response, Said, Template};
use trueline_protocol::service::Reply;

use super::{Dialect, Speech};
use crate::judge::{Fault, Kind};
use crate::matching::matches;
use crate::relies::asked;
use crate::service::answer_to;
use crate::transcript::{Act, Dialogue, Hole, Piece};
use crate::transport::Transport;

impl Dialect {
    /// A fault of a dialogue in the words of the dialect as one of the dialogue in the words of `line` that it was made of.
    pub fn heard(
        &self,
        dialogue: &Dialogue,
        speech: &Speech,
        fault: &Fault,
        transport: Transport,
    ) -> Fault {
        let step = speech.origin.get(fault.step).copied().unwrap_or(dialogue.steps.len());
        let request = request(dialogue, step, fault, transport);
        let said = |octets: &Vec<u8>| match &request {
            Some(request) => self.line(request, octets).unwrap_or_else(|| octets.clone()),
            None => octets.clone(),
        };
        let kind = match &fault.kind {
            Kind::Wrong(octets) => Kind::Wrong(said(octets)),
            other => other.clone(),
        };
        Fault { step, client: fault.client, kind }
    }

    /// A reply in its frame without what the dialect leaves open in it: an error whose words are its own affair.
    pub(crate) fn fixed(&self, reply: &[u8]) -> Vec<u8> {
        let text = match self.framing.reply.first(reply, true) {
            First::Whole(text, _) => text,
            First::Part => reply,
        };
        let open = self.spoken.errors.values().filter_map(|response| match response {
            Response::Reply(template) if template.has(Field::Any) => Some(template),
            _ => None,
        });
        let meant = open.into_iter().find(|template| {
            let pieces = template.pieces.iter().map(|piece| match piece {
                Worded::Text(text) => Piece::Octets(text.as_bytes().into()),
                Worded::Field(_) => Piece::Hole(Hole::Whatever),
            });
            matches(&pieces.collect(), text)
        });
        let said = |template: &Template| template.filled(|_| Some(Vec::new()));
        meant.and_then(said).unwrap_or_else(|| reply.to_vec())
    }

    /// A reply of the dialect to a request of `line`, in the words of `line`.
    fn line(&self, request: &str, octets: &[u8]) -> Option<Vec<u8>> {
        let octets = octets.trim_ascii();
        for code in self.spoken.errors.keys() {
            let reply = Reply::Error(*code).to_string();
            let told = self.words(request, &reply);
            if told.is_some_and(|text| matches(&text, octets)) {
                return Some(reply.into_bytes());
            }
        }
        // The result stands where it would stand, with the same words around it.
        let due = answer_to(self.service(), request.as_bytes());
        let Some(Said::Reply(parts)) = self.spoken.replied(request, &due) else { return None };
        let at = parts.iter().position(|part| matches!(part, Part::Result(..)))?;
        let joined =
            |parts: &[Part]| parts.iter().flat_map(Part::octets).copied().collect::<Vec<u8>>();
        let result = octets.strip_prefix(joined(&parts[..at]).as_slice())?;
        let result = result.strip_suffix(joined(&parts[at + 1..]).as_slice())?;
        let Part::Result(number, right, _) = &parts[at] else { return None };
        let shown = if result == right {
            return Some(due.into_bytes());
        } else {
            match number {
                trueline_protocol::dialect::Number::Binary32 => number.value(result)?.to_string(),
                _ => std::str::from_utf8(result).ok()?.to_owned(),
            }
        };
        let (before, _) = due.rsplit_once(' ')?;
        Some(format!("{before} {shown}").into_bytes())
    }
}

/// The request that the reply of a step is due to.
fn request(
    dialogue: &Dialogue,
    step: usize,
    fault: &Fault,
    transport: Transport,
) -> Option<String> {
    let expects = |act: &Act| matches!(act, Act::Expect { .. });
    let before = dialogue.steps.get(..step)?.iter();
    let nth = before.filter(|it| it.client == fault.client && expects(&it.act)).count();
    let (request, _) = asked(dialogue, fault.client, transport).into_iter().nth(nth)?;
    String::from_utf8(request).ok()
}
