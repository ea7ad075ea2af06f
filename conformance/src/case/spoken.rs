//! Shared dialogues in the words of each service (SPEC.md 1.4): written once, in those of the calculator or the greeting.

use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing::{TooLong, text};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use crate::service::{due, filling, plain};
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Text};
use crate::transport::Transport;

/// A request of more octets than this fills the limit.
const FILLS: usize = REQUEST_TEXT_MAX - 23;

/// A dialogue in the words of `written` said in those of `service`; `None` where it says what only the first can say.
pub(super) fn spoken(
    dialogue: &Dialogue,
    written: Service,
    service: Service,
    transport: Transport,
) -> Option<Dialogue> {
    if written == service {
        return Some(dialogue.clone());
    }
    match (written.manner(), service.manner()) {
        (Manner::Conversation, Manner::Conversation) => {
            Words { written, service, transport }.conversation(dialogue)
        }
        // Whatever is in a datagram, the reply is the announcement.
        (_, Manner::Announcement) if transport == Transport::Udp => {
            Some(replying(dialogue, service, |text| !is_any(text)))
        }
        (Manner::Announcement, Manner::Announcement) => {
            let said = &plain(written).0[0].reply;
            Some(replying(dialogue, service, |text| text == said))
        }
        _ => None,
    }
}

/// Puts the announcement of a service in the place of some replies.
fn replying(dialogue: &Dialogue, service: Service, replaced: impl Fn(&Text) -> bool) -> Dialogue {
    let said = &plain(service).0[0].reply;
    let mut dialogue = dialogue.clone();
    for step in &mut dialogue.steps {
        match &mut step.act {
            Act::Expect { text, .. } if replaced(text) => text.clone_from(said),
            _ => {}
        }
    }
    dialogue
}

struct Words {
    written: Service,
    service: Service,
    transport: Transport,
}

impl Words {
    fn conversation(&self, dialogue: &Dialogue) -> Option<Dialogue> {
        let mut said = dialogue.clone();
        let mut clients: Vec<Client> = dialogue.steps.iter().map(|step| step.client).collect();
        clients.sort_unstable();
        clients.dedup();
        clients.into_iter().try_for_each(|client| self.client(&mut said, client))?;
        Some(said)
    }

    /// Says what one client says, and what it is told.
    fn client(&self, dialogue: &mut Dialogue, client: Client) -> Option<()> {
        let own = || dialogue.steps.iter().filter(|step| step.client == client);
        let sent: Vec<Vec<u8>> = own().filter_map(|step| self.octets(&step.act)).collect();
        let replies: Vec<&Text> = own().filter_map(|step| expected(&step.act)).collect();
        let streams = match self.transport {
            Transport::Tcp => vec![sent],
            Transport::Udp => sent.into_iter().map(|datagram| vec![datagram]).collect(),
        };
        let mut replies = replies.into_iter();
        let mut pieces = Vec::new();
        let mut told = Vec::new();
        for stream in &streams {
            pieces.extend(self.stream(stream, &mut replies, &mut told)?);
        }
        let (mut pieces, mut told) = (pieces.into_iter(), told.into_iter());
        for step in dialogue.steps.iter_mut().filter(|step| step.client == client) {
            match &mut step.act {
                Act::Send { text, framed } => {
                    let mut octets = pieces.next()?;
                    if *framed && self.transport == Transport::Tcp {
                        octets.pop();
                    }
                    *text = Text::octets(octets);
                }
                Act::Expect { text, .. } => text.clone_from(&told.next()?),
                _ => {}
            }
        }
        Some(())
    }

    /// Says the requests in a stream that was sent in pieces, which stay as many, and collects the replies to them.
    fn stream<'t>(
        &self,
        pieces: &[Vec<u8>],
        replies: &mut impl Iterator<Item = &'t Text>,
        told: &mut Vec<Text>,
    ) -> Option<Vec<Vec<u8>>> {
        let stream = pieces.concat();
        let mut ends: Vec<usize> = Vec::new();
        for piece in pieces {
            ends.push(ends.last().copied().unwrap_or(0) + piece.len());
        }
        let mut said: Vec<u8> = Vec::new();
        let mut said_ends = vec![0; ends.len()];
        let mut past = 0;
        for line in self.lines(&stream) {
            let text = self.bare(line);
            let (request, reply) = self.said(text, replies.next())?;
            told.extend(reply);
            for (end, said_end) in ends.iter().zip(&mut said_ends) {
                if (past..=past + line.len()).contains(end) {
                    *said_end = said.len() + moved(end - past, text.len(), request.len());
                }
            }
            said.extend_from_slice(&request);
            said.extend_from_slice(&line[text.len()..]);
            past += line.len();
        }
        let begins = std::iter::once(0).chain(said_ends.iter().copied());
        Some(begins.zip(&said_ends).map(|(begin, end)| said[begin..*end].to_vec()).collect())
    }

    /// A line without its terminator.
    fn bare<'o>(&self, line: &'o [u8]) -> &'o [u8] {
        match (line.strip_suffix(b"\n"), self.transport) {
            (None, Transport::Udp) => line,
            (text, _) => {
                let text = text.unwrap_or(line);
                text.strip_suffix(b"\r").unwrap_or(text)
            }
        }
    }

    /// What an act sends, as it goes over the transport.
    fn octets(&self, act: &Act) -> Option<Vec<u8>> {
        match act {
            Act::Send { text, framed } => {
                let adds = *framed && self.transport == Transport::Tcp;
                let terminator: &[u8] = if adds { b"\n" } else { b"" };
                text.literal().map(|octets| [octets, terminator].concat())
            }
            _ => None,
        }
    }

    fn lines<'o>(&self, stream: &'o [u8]) -> Vec<&'o [u8]> {
        match self.transport {
            Transport::Udp => vec![stream],
            Transport::Tcp => stream.split_inclusive(|&octet| octet == b'\n').collect(),
        }
    }

    /// One request and its reply in the words of the service.
    fn said(&self, request: &[u8], reply: Option<&Text>) -> Option<(Vec<u8>, Option<Text>)> {
        let (written, said) = (plain(self.written).0, plain(self.service).0);
        let at = written.iter().position(|it| it.request.literal() == Some(request));
        if let Some((written, said)) = at.and_then(|at| Some((&written[at], said.get(at)?))) {
            let octets = said.request.literal()?.to_vec();
            return match reply {
                None => Some((octets, None)),
                Some(reply) if is_any(reply) => Some((octets, Some(reply.clone()))),
                Some(reply) => {
                    (*reply == written.reply).then(|| (octets, Some(said.reply.clone())))
                }
            };
        }
        let Some(reply) = reply else { return Some((request.to_vec(), None)) };
        if is_any(reply) || is_refused_by_all(request) {
            return Some((request.to_vec(), Some(reply.clone())));
        }
        let fills =
            request.len() > FILLS && !reply.literal().is_none_or(|it| it.starts_with(b"ERR"));
        fills.then(|| {
            let request = filling(self.service, request.len());
            let reply = due(self.service, &request);
            (request.into_bytes(), Some(reply))
        })
    }
}

/// Whether a reply may be any text.
fn is_any(reply: &Text) -> bool {
    reply.pieces == [Piece::Hole(Hole::Any)]
}

/// Whether every conversation answers a request with the same error.
fn is_refused_by_all(request: &[u8]) -> bool {
    let line = if request.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(request) };
    matches!(text(line), Err(ErrorCode::TooLong | ErrorCode::Encoding) | Ok(""))
}

/// Where a place in a line is when its text has another length. What was between two characters stays there.
pub(crate) fn moved(place: usize, before: usize, now: usize) -> usize {
    if place >= before {
        place - before + now
    } else if place == 0 || before == now {
        place
    } else {
        (place * now / before).clamp(1, (now - 1).max(1))
    }
}

fn expected(act: &Act) -> Option<&Text> {
    match act {
        Act::Expect { text, .. } => Some(text),
        _ => None,
    }
}
