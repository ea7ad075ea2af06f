//! Do two targets answer alike? The suite's dialogues are spoken to both, and nothing is expected: what one says is held
//! against what the other says, but for what the dialect leaves open.
//!
//! ```text
//! case -> dialogue, every reply left open --perform--> left:  heard --+
//!                                         --perform--> right: heard --+-> alike?
//!                                                                     | no: again, alone
//!                                        smallest dialogue <-- shrink +
//! ```
//!
//! In reading order: [`Side`] is one of the two, [`Heard`] what it answered, `compare` goes through the cases, and
//! [`human`] shows what came of it.

mod columns;
mod compare;
mod heard;
mod human;
mod inquiry;
mod side;
mod trial;

use std::fmt;
use std::time::Duration;

use trueline_protocol::service::Service;

pub use compare::diff;
pub use heard::{Answer, Heard};
pub use human::{Head, human};
pub use side::Side;

use crate::dialect::Dialect;
use crate::run::Patience;
use heard::Tongue;

use crate::transcript::Dialogue;
use crate::transport::Transport;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What both speak.
    pub service: Service,
    /// How; `line` when `None`.
    pub dialect: Option<&'static Dialect>,
    /// Over what.
    pub transport: Transport,
    /// Where generated dialogues begin.
    pub seed: u64,
    /// Generated dialogues of each property.
    pub cases: u32,
    /// For how long dialogues are generated, and how long is waited.
    pub patience: Patience,
}

/// One of the two targets, by its place on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first.
    Left,
    /// The second.
    Right,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "Left",
            Self::Right => "Right",
        })
    }
}

/// A dialogue that both do not answer alike, again and again.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The name of the case.
    pub case: String,
    /// The dialogue as it was performed, its end written out.
    pub dialogue: Dialogue,
    /// What is held against each other: the answers of both, or of one at two times.
    pub heard: [Heard; 2],
    /// The target that does not answer the same twice, if that is what differs.
    pub unsteady: Option<Which>,
    /// The dialogue before its end was written out.
    written: Dialogue,
    /// Whether a target that ends when the dialogue is over is what differs.
    watched: bool,
    tongue: Tongue,
}

impl Difference {
    /// The step from which on the answers differ.
    pub fn step(&self) -> usize {
        let [left, right] = &self.heard;
        let differs = |step: &usize| left.differs_at(right, *step, self.tongue);
        (0..=self.dialogue.steps.len()).find(differs).unwrap_or(self.dialogue.steps.len())
    }
}

/// Why nothing more was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing answers where this one should be.
    Absent(Which),
    /// This one cannot be launched again; why.
    Gone(Which, String),
    /// Neither has said what was due in so many dialogues in a row.
    Silent(u64),
    /// The machine or the runner failed; how.
    Unable(String),
    /// The time was up.
    Late,
    /// Enough differs.
    Enough,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Cases that there are, those that cannot be asked here left out.
    pub planned: usize,
    /// Cases that were asked.
    pub asked: usize,
    /// Cases that cannot be asked here: they restart the target, or take its output away.
    pub left_out: usize,
    /// Dialogues that both were asked.
    pub dialogues: u64,
    /// Replies that were compared.
    pub replies: u64,
    /// Whether either has sent anything at all.
    pub answered: bool,
    /// The first difference of each case.
    pub differences: Vec<Difference>,
    /// The smallest dialogue that was found to differ, and whether everything smaller was tried.
    pub smallest: Option<(Difference, bool)>,
    /// Cases in which something differed once, and not when it was tried again: a matter of time.
    pub once: Vec<String>,
    /// Cases of which only some dialogues were asked, because the time was up.
    pub hurried: Vec<String>,
    /// Cases that were left because neither says anything.
    pub silent: Vec<String>,
    /// Whether clients close their connections because neither target does.
    pub stays_open: bool,
    /// Why not everything was asked.
    pub stopped: Option<Stop>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// No difference.
    Alike,
    /// A difference.
    Differ,
    /// Nothing answers where this one should be.
    NothingAnswers(Which),
    /// Nobody can tell.
    Inconclusive,
}

/// Matters of time that do not recur, after which they are no accident.
const DOUBTFUL: usize = 3;

impl Comparison {
    /// What it comes to. What was found counts, whatever kept the rest from being asked; where nothing was found, silence
    /// on both sides is no agreement.
    pub fn conclusion(&self) -> Conclusion {
        match self.stopped {
            _ if !self.differences.is_empty() => Conclusion::Differ,
            Some(Stop::Absent(which)) => Conclusion::NothingAnswers(which),
            Some(_) => Conclusion::Inconclusive,
            None if self.once.len() >= DOUBTFUL || self.replies == 0 => Conclusion::Inconclusive,
            None => Conclusion::Alike,
        }
    }
}

/// Something that happened during a comparison.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// It begins; so many cases are to be asked.
    Began(usize),
    /// A case is over; so many differ so far.
    Case(&'a str, usize),
    /// The smallest dialogue is searched.
    Shrinking,
    /// It is over.
    Done,
}
