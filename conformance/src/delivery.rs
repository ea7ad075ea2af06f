//! How the octets of a dialogue reach the target: the same messages cut, joined, ended, repeated. The replies must not differ.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use thiserror::Error;
use trueline_protocol::limits::REQUEST_TEXT_MAX;

use crate::dialogue::Question;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport;

/// Messages of one client as they go over the transport, terminators and all, and the reply that is due to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    messages: Vec<(Vec<u8>, Text)>,
}

/// A way for a series to reach the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// TCP: octet by octet.
    Octets,
    /// TCP: cut at some places.
    Cut,
    /// TCP: all at once.
    Joined,
    /// TCP: all at once, and then the client ends its half.
    Ended,
    /// TCP: the same, without the last terminator.
    Rest,
    /// UDP: each datagram twice.
    Twice,
    /// UDP: in another order.
    Reordered,
    /// UDP: another client asks between a request and its reply.
    Strangers,
}

/// There is no such delivery.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("no delivery is called `{0}`; there are {list}", list = Delivery::ALL.map(Delivery::as_str).join(", "))]
pub struct UnknownDelivery(String);

impl Delivery {
    /// Every delivery.
    pub const ALL: [Self; 8] = [
        Self::Octets,
        Self::Cut,
        Self::Joined,
        Self::Ended,
        Self::Rest,
        Self::Twice,
        Self::Reordered,
        Self::Strangers,
    ];

    /// Its name, as the key `deliver` of a transcript has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Octets => "octets",
            Self::Cut => "cut",
            Self::Joined => "joined",
            Self::Ended => "ended",
            Self::Rest => "rest",
            Self::Twice => "twice",
            Self::Reordered => "reordered",
            Self::Strangers => "strangers",
        }
    }

    /// The transport that has it.
    pub const fn transport(self) -> Transport {
        match self {
            Self::Octets | Self::Cut | Self::Joined | Self::Ended | Self::Rest => Transport::Tcp,
            Self::Twice | Self::Reordered | Self::Strangers => Transport::Udp,
        }
    }

    /// The requirement that a reply which depends on it breaks.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Octets | Self::Cut => "FRAME-5",
            Self::Joined => "FRAME-6",
            Self::Ended => "FRAME-9",
            Self::Rest => "FRAME-10",
            Self::Twice | Self::Reordered => "FRAME-34",
            Self::Strangers => "FRAME-33",
        }
    }

    /// A requirement without which nothing is told by it.
    pub const fn needs(self) -> Option<&'static str> {
        match self {
            Self::Strangers => Some("FRAME-34"),
            _ => None,
        }
    }

    /// Whether the connection can go on after it.
    pub const fn goes_on(self) -> bool {
        !matches!(self, Self::Ended | Self::Rest)
    }

    /// Most series that it takes together, each a neighbour of the others.
    pub const fn takes(self) -> usize {
        match self {
            Self::Joined | Self::Reordered => 4,
            Self::Ended | Self::Rest => 2,
            _ => 1,
        }
    }

    /// A series so delivered; where there is a choice `choices` makes it. `stranger` is what another client asks. `None`
    /// where nothing would be left to send.
    pub fn deliver(
        self,
        series: &Series,
        stranger: &Question,
        choices: &mut TestRunner,
    ) -> Option<Dialogue> {
        match self {
            Self::Octets => Some(series.cut(&finely(series.octets().len()))),
            Self::Cut => {
                let most = series.octets().len().max(2);
                let places = (0..pick(choices, 1..4)).map(|_| pick(choices, 1..most));
                Some(series.cut(&places.collect::<Vec<_>>()))
            }
            Self::Joined => Some(series.cut(&[])),
            Self::Ended => Some(series.ended()),
            Self::Rest => series.unterminated("").map(|series| series.ended()),
            Self::Twice => Some(series.twice()),
            Self::Reordered => Some(series.reordered(choices).whole(self.transport())),
            Self::Strangers => Some(series.beside(stranger)),
        }
    }

    /// A series delivered in each way that there is: a cut at each place, or any other delivery once.
    pub fn ways(
        self,
        series: &Series,
        stranger: &Question,
        choices: &mut TestRunner,
    ) -> Vec<Dialogue> {
        match self {
            Self::Cut => {
                let places = finely(series.octets().len()).into_iter();
                places.map(|place| series.cut(&[place])).collect()
            }
            _ => self.deliver(series, stranger, choices).into_iter().collect(),
        }
    }
}

impl FromStr for Delivery {
    type Err = UnknownDelivery;

    fn from_str(name: &str) -> Result<Self, UnknownDelivery> {
        let found = Self::ALL.into_iter().find(|delivery| delivery.as_str() == name);
        found.ok_or_else(|| UnknownDelivery(name.to_owned()))
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
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
        Self::paired(lines.collect(), replies.to_vec())
    }

    /// The messages of a dialogue that is nothing but requests and a reply to each; `None` of any other.
    pub fn of(dialogue: &Dialogue, transport: Transport) -> Option<Self> {
        let (sent, replies) = told(dialogue, Client::A, transport);
        let whole =
            transport == Transport::Udp || sent.last().is_some_and(|it| it.ends_with(b"\n"));
        let even = !sent.is_empty() && sent.len() == replies.len();
        (dialogue.is_series() && whole && even).then(|| Self::paired(sent, replies))
    }

    fn paired(sent: Vec<Vec<u8>>, replies: Vec<Text>) -> Self {
        Self { messages: sent.into_iter().zip(replies).collect() }
    }

    /// Several series, one after the other.
    pub fn joined(several: &[Self]) -> Self {
        Self { messages: several.iter().flat_map(|it| it.messages.iter().cloned()).collect() }
    }

    /// Each request whole, when the reply to the one before has come.
    pub fn whole(&self, transport: Transport) -> Dialogue {
        let steps = self.messages.iter().flat_map(|(message, reply)| {
            let line = message.strip_suffix(b"\n").filter(|_| transport == Transport::Tcp);
            [sent(line.unwrap_or(message), true), due(reply)]
        });
        Dialogue { steps: steps.collect() }
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
        Dialogue { steps: pieces.chain(self.replies()).collect() }
    }

    /// All at once; the client ends its half before the replies are read, and the target closes after them.
    pub fn ended(&self) -> Dialogue {
        let before = [sent(&self.octets(), false), step(Act::End)];
        let steps = before.into_iter().chain(self.replies()).chain([step(Act::Closed)]);
        Dialogue { steps: steps.collect() }
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

    fn octets(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|(message, _)| message).copied().collect()
    }

    fn replies(&self) -> impl Iterator<Item = Step> {
        self.messages.iter().map(|(_, reply)| due(reply))
    }

    fn twice(&self) -> Dialogue {
        let steps = self.messages.iter().flat_map(|(message, reply)| {
            [sent(message, true), sent(message, true), due(reply), due(reply)]
        });
        Dialogue { steps: steps.collect() }
    }

    fn reordered(&self, choices: &mut TestRunner) -> Self {
        let mut series = self.clone();
        for last in (1..series.messages.len()).rev() {
            series.messages.swap(last, pick(choices, 0..last + 1));
        }
        series
    }

    fn beside(&self, stranger: &Question) -> Dialogue {
        let other = Client::new('B').unwrap_or_default();
        let asked = Act::Send { text: stranger.request.clone(), framed: true };
        let asks = Step { client: other, act: asked };
        let told = Step { client: other, ..due(&stranger.reply) };
        let steps = self.messages.iter().flat_map(|(message, reply)| {
            [sent(message, true), asks.clone(), told.clone(), due(reply)]
        });
        Dialogue { steps: steps.collect() }
    }
}

/// The messages of a dialogue, each whole, however they are delivered there: client by client.
pub fn undelivered(dialogue: &Dialogue, transport: Transport) -> Dialogue {
    let clients: BTreeSet<Client> = dialogue.steps.iter().map(|step| step.client).collect();
    let steps = clients.into_iter().flat_map(|client| {
        let (sent, replies) = told(dialogue, client, transport);
        let whole = Series::paired(sent, replies).whole(transport);
        whole.steps.into_iter().map(move |step| Step { client, ..step })
    });
    Dialogue { steps: steps.collect() }
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

/// Places that cut so many octets into single ones: all of them, or those at both ends and around the limit of a line where
/// there are many.
fn finely(octets: usize) -> Vec<usize> {
    const ALL: usize = 64;
    const END: usize = 16;
    let limit = REQUEST_TEXT_MAX - 3..=REQUEST_TEXT_MAX + 3;
    let apart = |place: &usize| {
        octets <= ALL || *place <= END || octets - place <= END || limit.contains(place)
    };
    (1..octets).filter(apart).collect()
}

/// One of a range.
fn pick(choices: &mut TestRunner, range: std::ops::Range<usize>) -> usize {
    let first = range.start;
    // A range has no tree only when it is empty.
    range.new_tree(choices).map_or(first, |tree| tree.current())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript;

    fn dialogue(steps: &str) -> Dialogue {
        transcript::parse("test", &format!("case a\n{steps}")).unwrap().remove(0).dialogue
    }

    fn ways(delivery: Delivery, steps: &str) -> Vec<String> {
        let series = Series::of(&dialogue(steps), delivery.transport()).unwrap();
        let stranger = Question { request: Text::octets("q"), reply: Text::octets("r") };
        let ways = delivery.ways(&series, &stranger, &mut TestRunner::deterministic());
        ways.iter().map(Dialogue::to_string).collect()
    }

    #[test]
    fn a_series_is_requests_and_a_reply_to_each() {
        let of = |steps: &str, transport| Series::of(&dialogue(steps), transport).is_some();
        assert!(of("> a\n> b\n< c\n# why\n< d\n", Transport::Tcp));
        assert!(of(">> a\\nb\n>> \\n\n< c\n< d\n", Transport::Tcp));
        for other in ["> a\n> b\n< c\n", ">> a\n< b\n", "> a\n< b\n! end\n", "> a\nB< b\n", ""] {
            assert!(!of(other, Transport::Tcp), "{other}");
        }
        assert!(of("> a\n< b\n", Transport::Udp));
        assert!(!of("> a\n? quiet\n", Transport::Udp));
    }

    #[test]
    fn each_delivery_brings_the_same_messages() {
        let two = "> ab\n< x\n> c\n< y\n";
        for (delivery, due) in [
            (Delivery::Octets, ">> a\n>> b\n>> \\n\n>> c\n>> \\n\n< x\n< y\n"),
            (Delivery::Joined, ">> ab\\nc\\n\n< x\n< y\n"),
            (Delivery::Ended, ">> ab\\nc\\n\n! end\n< x\n< y\n? closed\n"),
            (Delivery::Rest, ">> ab\\nc\n! end\n< x\n< y\n? closed\n"),
            (Delivery::Twice, "> ab\n> ab\n< x\n< x\n> c\n> c\n< y\n< y\n"),
            (Delivery::Strangers, "> ab\nB> q\nB< r\n< x\n> c\nB> q\nB< r\n< y\n"),
        ] {
            assert_eq!(ways(delivery, two), [due], "{delivery}");
        }
        let cuts = [">> a\n>> b\\n\n< x\n", ">> ab\n>> \\n\n< x\n"];
        assert_eq!(ways(Delivery::Cut, "> ab\n< x\n"), cuts);
        let reordered = ["> ab\n< x\n> c\n< y\n", "> c\n< y\n> ab\n< x\n"];
        assert!(reordered.contains(&ways(Delivery::Reordered, two)[0].as_str()));
    }

    #[test]
    fn the_messages_of_a_delivery_are_found_again() {
        let whole = |steps: &str, transport| undelivered(&dialogue(steps), transport).to_string();
        let cut = ">> a\n>> b\\r\\nc\n! end\n< x\n< y\n? closed\n";
        assert_eq!(whole(cut, Transport::Tcp), "> ab\\r\n< x\n> c\n< y\n");
        let beside = "> a\nB> q\nB< r\n< x\n> b\\n\n< y\n";
        assert_eq!(whole(beside, Transport::Udp), "> a\n< x\n> b\\n\n< y\nB> q\nB< r\n");
    }

    #[test]
    fn an_empty_rest_is_not_delivered() {
        assert_eq!(ways(Delivery::Rest, "> a\n< x\n>\n< y\n"), [""; 0]);
        assert_eq!(ways(Delivery::Rest, ">> a\\r\\n\n< x\n"), [">> a\n! end\n< x\n? closed\n"]);
    }

    #[test]
    fn long_messages_are_cut_where_it_matters() {
        assert_eq!(finely(4), [1, 2, 3]);
        let places = finely(100_000);
        assert!(places.len() < 50 && places.contains(&1) && places.contains(&99_999));
        assert!(places.contains(&REQUEST_TEXT_MAX) && places.contains(&(REQUEST_TEXT_MAX + 1)));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for delivery in Delivery::ALL {
            assert_eq!(delivery.as_str().parse(), Ok(delivery));
        }
        let error = "sliced".parse::<Delivery>().unwrap_err().to_string();
        assert!(error.contains("octets, cut, joined"), "{error}");
    }
}
