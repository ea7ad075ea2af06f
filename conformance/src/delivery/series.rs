//! A series of messages, and what can be made of its octets.

use std::collections::BTreeSet;

use crate::dialogue::Question;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport;

/// Messages of one client as they go over the transport, terminators and all, and the reply that is due to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    messages: Vec<(Vec<u8>, Text)>,
}

impl Series {
    /// Requests with this terminator, and their replies.
    pub fn new(
        requests: impl IntoIterator<Item = impl AsRef<[u8]>>,
        replies: &[Text],
        terminator: &str,
    ) -> Self {
        let lines =
            requests.into_iter().map(|request| [request.as_ref(), terminator.as_bytes()].concat());
        Self { messages: lines.zip(replies.iter().cloned()).collect() }
    }

    /// The messages of a dialogue that is nothing but requests and a reply to each; `None` of any other.
    pub fn of(dialogue: &Dialogue, transport: Transport) -> Option<Self> {
        let raw = |step: &Step| matches!(step.act, Act::Expect { framed: false, .. });
        if !dialogue.is_series() || dialogue.steps.iter().any(raw) {
            return None;
        }
        let (sent, replies) = told(dialogue, Client::A, transport);
        let whole =
            transport == Transport::Udp || sent.last().is_some_and(|it| it.ends_with(b"\n"));
        let even = !sent.is_empty() && sent.len() == replies.len();
        (whole && even).then(|| Self { messages: sent.into_iter().zip(replies).collect() })
    }

    /// Several series, one after the other.
    pub fn joined(several: &[Self]) -> Self {
        Self { messages: several.iter().flat_map(|it| it.messages.iter().cloned()).collect() }
    }

    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.messages.len()
    }

    /// How many octets each message has.
    pub(super) fn sizes(&self) -> impl Iterator<Item = usize> {
        self.messages.iter().map(|(message, _)| message.len())
    }

    /// The octets of all messages.
    pub fn octets(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|(message, _)| message).copied().collect()
    }

    /// Each request whole, when the reply to the one before has come.
    pub fn whole(&self, transport: Transport) -> Dialogue {
        let steps = self
            .messages
            .iter()
            .flat_map(|(message, reply)| [sent(line(message, transport), true), due(reply)]);
        Dialogue::of(steps)
    }

    /// The octets of the requests cut at these places, each piece in a send of its own. Places past the end count from the
    /// start again.
    pub fn cut(&self, places: &[usize]) -> Dialogue {
        let octets = self.octets();
        let mut bounds: Vec<usize> = places.iter().map(|place| place % octets.len()).collect();
        bounds.extend([0, octets.len()]);
        bounds.sort_unstable();
        bounds.dedup();
        let pieces = bounds.windows(2).map(|pair| sent(&octets[pair[0]..pair[1]], false));
        Dialogue::of(pieces.chain(self.replies()))
    }

    /// All at once; the client ends its half before the replies are read, and the target closes after them.
    pub fn ended(&self) -> Dialogue {
        let before = [sent(&self.octets(), false), step(Act::End)];
        let steps = before.into_iter().chain(self.replies()).chain([step(Act::Closed)]);
        Dialogue::of(steps)
    }

    /// Without the last terminator, but for what of it is left; `None` where nothing is left of the last request, or where its
    /// last octet would be taken for a part of the terminator.
    pub fn unterminated(&self, left: &str) -> Option<Self> {
        let mut series = self.clone();
        let (last, _) = series.messages.last_mut()?;
        let text = last.strip_suffix(b"\n")?;
        let text = text.strip_suffix(b"\r").unwrap_or(text).to_vec();
        let says_the_same = !text.is_empty() && !text.ends_with(b"\r");
        *last = [&text, left.as_bytes()].concat();
        says_the_same.then_some(series)
    }

    /// Each message twice.
    pub fn twice(&self) -> Dialogue {
        let steps = self.messages.iter().flat_map(|(message, reply)| {
            [sent(message, true), sent(message, true), due(reply), due(reply)]
        });
        Dialogue::of(steps)
    }

    /// From another message on, and the ones before it at the end.
    pub fn rotated(&self, by: usize) -> Self {
        let mut series = self.clone();
        series.messages.rotate_left(by % self.messages.len().max(1));
        series
    }

    /// Between each message and its reply another client asks one of these questions: the first whose reply differs, where
    /// there is one.
    pub fn beside(&self, questions: &[Question]) -> Dialogue {
        let other = Client::new('B').unwrap_or_default();
        let steps = self.messages.iter().flat_map(|(message, reply)| {
            let stranger =
                questions.iter().find(|it| it.reply != *reply).or_else(|| questions.first());
            let between = stranger.into_iter().flat_map(|Question { request, reply }| {
                let asked = Act::Send { text: request.clone(), framed: true };
                [Step { client: other, act: asked }, Step { client: other, ..due(reply) }]
            });
            [sent(message, true)].into_iter().chain(between).chain([due(reply)])
        });
        Dialogue::of(steps)
    }

    fn replies(&self) -> impl Iterator<Item = Step> {
        self.messages.iter().map(|(_, reply)| due(reply))
    }
}

/// The messages of a dialogue, each whole, however they are delivered there: client by client.
pub fn undelivered(dialogue: &Dialogue, transport: Transport) -> Dialogue {
    let clients: BTreeSet<Client> = dialogue.steps.iter().map(|step| step.client).collect();
    let steps = clients.into_iter().flat_map(|client| {
        let (sent, replies) = told(dialogue, client, transport);
        let whole = Series { messages: sent.into_iter().zip(replies).collect() }.whole(transport);
        whole.steps.into_iter().map(move |step| Step { client, ..step })
    });
    Dialogue::of(steps)
}

/// Every message of a dialogue by itself, each once.
pub fn alone(dialogue: &Dialogue, transport: Transport) -> Vec<Dialogue> {
    let clients: BTreeSet<Client> = dialogue.steps.iter().map(|step| step.client).collect();
    let mut single: Vec<Dialogue> = Vec::new();
    for client in clients {
        let (sent, replies) = told(dialogue, client, transport);
        for (message, reply) in sent.into_iter().zip(replies) {
            let one = Series { messages: vec![(message, reply)] }.whole(transport);
            if !single.contains(&one) {
                single.push(one);
            }
        }
    }
    single
}

/// What a client sends, message by message, and the replies that it expects.
fn told(dialogue: &Dialogue, client: Client, transport: Transport) -> (Vec<Vec<u8>>, Vec<Text>) {
    let (mut sent, mut replies) = (Vec::new(), Vec::new());
    for Step { act, .. } in dialogue.steps.iter().filter(|step| step.client == client) {
        match act {
            Act::Send { text, framed } => {
                let adds = *framed && transport == Transport::Tcp;
                let end: &[u8] = if adds { b"\n" } else { b"" };
                sent.extend(text.literal().map(|octets| [octets, end].concat()));
            }
            Act::Expect { text, .. } => replies.push(text.clone()),
            _ => {}
        }
    }
    if transport == Transport::Tcp {
        let stream = sent.concat();
        sent = stream.split_inclusive(|&octet| octet == b'\n').map(<[u8]>::to_vec).collect();
    }
    (sent, replies)
}

/// What is said of a message: on TCP the terminator is added.
fn line(message: &[u8], transport: Transport) -> &[u8] {
    match transport {
        Transport::Tcp => message.strip_suffix(b"\n").unwrap_or(message),
        Transport::Udp => message,
    }
}

fn step(act: Act) -> Step {
    Step { client: Client::A, act }
}

fn sent(octets: &[u8], framed: bool) -> Step {
    step(Act::Send { text: Text::octets(octets), framed })
}

fn due(text: &Text) -> Step {
    step(Act::Expect { text: text.clone(), framed: true })
}
