//! A stream that is sent in pieces, in the words of a dialect.

use trueline_protocol::dialect::{Frame, Said};
use trueline_protocol::service::Manner;

use super::Speaker;
use crate::case::moved;
use crate::service::due_to;
use crate::transcript::{Act, Dialogue, Step, Text};

/// What one send of octets sends, and the requests that are whole with it.
pub(super) struct Sent {
    pub(super) octets: Vec<u8>,
    pub(super) whole: Vec<(Said, Text)>,
}

impl Speaker<'_> {
    /// Finds what clients send that do not send whole messages.
    pub(super) fn prepare(&mut self, dialogue: &Dialogue) -> Option<()> {
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
}
