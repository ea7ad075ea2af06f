//! How long is waited for a target: as long as it has needed, and some.

use std::cell::Cell;
use std::time::Duration;

/// The deadlines of a check, which follow the slowest reply that was seen.
#[derive(Debug)]
pub struct Pace {
    longest: Duration,
    slowest: Cell<Option<Duration>>,
    /// Among the replies that nobody else was waiting for.
    slowest_alone: Cell<Duration>,
    replies: Cell<u32>,
    spent: Cell<Duration>,
}

impl Pace {
    /// The longest deadline when nobody says otherwise: the one for a program to start.
    pub const LONGEST: Duration = Duration::from_secs(5);

    /// Deadlines that are never longer than `longest`.
    pub const fn new(longest: Duration) -> Self {
        let (replies, spent) = (Cell::new(0), Cell::new(Duration::ZERO));
        let slowest_alone = Cell::new(Duration::ZERO);
        Self { longest, slowest: Cell::new(None), slowest_alone, replies, spent }
    }

    /// For how long a program may take to start.
    pub const fn start(&self) -> Duration {
        self.longest
    }

    /// For how long a reply may take: a fifth of the longest deadline for the first; then a tenth, or eight times the
    /// slowest reply, if that is more.
    pub fn reply(&self) -> Duration {
        match self.slowest.get() {
            None => self.longest / 5,
            Some(slowest) => (self.longest / 10).max(slowest.saturating_mul(8)).min(self.longest),
        }
    }

    /// How long a reply takes as a rule: the mean of all.
    pub fn usual(&self) -> Duration {
        self.spent.get() / self.replies.get().max(1)
    }

    /// The longest deadline of all.
    pub const fn longest(&self) -> Duration {
        self.longest
    }

    /// For how long a target may take to close: it may first read what its client still sends.
    pub fn closing(&self) -> Duration {
        self.reply().max(self.longest * 2 / 5)
    }

    /// For how long nothing may come before quiet is believed. A server that makes all replies to a burst before it sends
    /// the first is no slower with a single one.
    pub fn quiet(&self) -> Duration {
        match self.slowest.get() {
            None => self.longest / 10,
            Some(_) => {
                let slow = self.slowest_alone.get().saturating_mul(8);
                slow.clamp(self.longest / 25, self.longest)
            }
        }
    }

    /// A reply took so long; whether it was the only one that was waited for.
    pub fn saw(&self, reply: Duration, alone: bool) {
        self.replies.set(self.replies.get().saturating_add(1));
        self.spent.set(self.spent.get().saturating_add(reply));
        self.slowest.set(Some(self.slowest.get().map_or(reply, |slowest| slowest.max(reply))));
        if alone {
            self.slowest_alone.set(self.slowest_alone.get().max(reply));
        }
    }
}
