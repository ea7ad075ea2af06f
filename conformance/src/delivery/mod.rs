//! How the octets of a dialogue reach the target: the same messages cut, joined, ended, repeated. The replies must not differ.

mod series;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use thiserror::Error;
use trueline_protocol::limits::REQUEST_TEXT_MAX;

use crate::dialogue::Question;
use crate::transcript::Dialogue;
use crate::transport::Transport;

pub use series::{Series, alone, undelivered};

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

    /// A series so delivered; where there is a choice `choices` makes it. `questions` are what another client may ask.
    /// `None` where it would be delivered as it is.
    pub fn deliver(
        self,
        series: &Series,
        questions: &[Question],
        choices: &mut TestRunner,
    ) -> Option<Dialogue> {
        let octets = || series.octets().len();
        match self {
            Self::Octets => Some(series.cut(&some_places(series, choices))),
            Self::Cut => {
                let most = octets().max(2);
                let places = (0..pick(choices, 1..4)).map(|_| pick(choices, 1..most));
                Some(series.cut(&places.collect::<Vec<_>>()))
            }
            Self::Joined => Some(series.cut(&[])),
            Self::Ended => Some(series.ended()),
            Self::Rest => series.unterminated("").map(|series| series.ended()),
            Self::Twice => Some(series.twice()),
            Self::Reordered => match series.messages() {
                0 | 1 => None,
                more => Some(series.rotated(pick(choices, 1..more)).whole(self.transport())),
            },
            Self::Strangers => Some(series.beside(questions)),
        }
    }

    /// A series delivered in each way that there is: a cut at each place, or any other delivery once.
    pub fn ways(
        self,
        series: &Series,
        questions: &[Question],
        choices: &mut TestRunner,
    ) -> Vec<Dialogue> {
        let octets = series.octets().len();
        match self {
            Self::Cut if octets <= PLACES_MAX => {
                (1..octets).map(|place| series.cut(&[place])).collect()
            }
            Self::Cut => {
                let places = some_places(series, choices).into_iter();
                places.map(|place| series.cut(&[place])).collect()
            }
            Self::Octets if octets <= PLACES_MAX => {
                vec![series.cut(&(1..octets).collect::<Vec<_>>())]
            }
            _ => self.deliver(series, questions, choices).into_iter().collect(),
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

/// Most octets of which every place between two is tried.
const PLACES_MAX: usize = 2048;

/// Places that cut a series finely: all of them, or, in long messages, those at both ends, around the limit, and some others.
fn some_places(series: &Series, choices: &mut TestRunner) -> Vec<usize> {
    const ALL: usize = 64;
    const END: usize = 16;
    const OTHERS: usize = 16;
    let limit = REQUEST_TEXT_MAX - 3..=REQUEST_TEXT_MAX + 3;
    let (mut places, mut begin) = (Vec::new(), 0);
    for octets in series.sizes() {
        let mut others: Vec<usize> = Vec::new();
        if octets > ALL {
            others.extend((0..OTHERS).map(|_| pick(choices, 1..octets)));
        }
        let tried = |at: &usize| {
            let end = *at <= END || octets - at <= END;
            octets <= ALL || end || limit.contains(at) || others.contains(at)
        };
        places.extend((1..=octets).filter(tried).map(|at| begin + at));
        begin += octets;
    }
    // Behind the last octet there is nothing to cut.
    places.retain(|place| *place < begin);
    places
}

/// One of a range.
fn pick(choices: &mut TestRunner, range: Range<usize>) -> usize {
    let first = range.start;
    // A range has no tree only when it is empty.
    range.new_tree(choices).map_or(first, |tree| tree.current())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{self, Text};

    fn dialogue(steps: &str) -> Dialogue {
        transcript::parse("test", &format!("case a\n{steps}")).unwrap().remove(0).dialogue
    }

    fn ways(delivery: Delivery, steps: &str) -> Vec<String> {
        let series = Series::of(&dialogue(steps), delivery.transport()).unwrap();
        let stranger = Question { request: Text::octets("q"), reply: Text::octets("r") };
        let ways = delivery.ways(&series, &[stranger], &mut TestRunner::deterministic());
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
        assert_eq!(ways(Delivery::Reordered, two), ["> c\n< y\n> ab\n< x\n"]);
        assert_eq!(ways(Delivery::Reordered, "> c\n< y\n"), [""; 0]);
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
        let places = |requests: &[&str]| {
            let series = Series::new(requests, &vec![Text::default(); requests.len()], "\n");
            some_places(&series, &mut TestRunner::deterministic())
        };
        assert_eq!(places(&["abc"]), [1, 2, 3]);
        assert_eq!(places(&["a", "b"]), [1, 2, 3]);
        let long = "7".repeat(99_999);
        let places = places(&["ab", &long]);
        assert!(places.len() < 70, "{places:?}");
        for place in [1, 2, 3, 4, 3 + REQUEST_TEXT_MAX, 4 + REQUEST_TEXT_MAX, 100_002] {
            assert!(places.contains(&place), "{place} is not in {places:?}");
        }
    }

    #[test]
    fn a_written_cut_is_at_every_place() {
        assert_eq!(ways(Delivery::Cut, "> \\{7*500}\n< x\n").len(), 500);
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
