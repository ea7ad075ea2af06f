//! For how long a program serves.

use std::cell::Cell;

/// For how long a program serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is stopped.
    Loops,
    /// Its first client or a few, and then it ends.
    Once,
}

impl Lifetime {
    /// The word of reports and of the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Loops => "loops",
            Self::Once => "once",
        }
    }
}

/// What is known of a target's lifetime, and whether what runs now was spoken to.
#[derive(Debug, Default)]
pub(crate) struct Life {
    known: Cell<Option<Lifetime>>,
    is_begun: Cell<bool>,
}

impl Life {
    pub(crate) fn known(&self) -> Option<Lifetime> {
        self.known.get()
    }

    pub(crate) fn find(&self, lifetime: Lifetime) {
        self.known.set(Some(lifetime));
    }

    /// It is spoken to now.
    pub(crate) fn begin(&self) {
        self.is_begun.set(true);
    }

    /// It was launched anew.
    pub(crate) fn renew(&self) {
        self.is_begun.set(false);
    }

    /// Whether it serves nobody any more, though it may not have ended yet.
    pub(crate) fn is_over(&self) -> bool {
        self.known() == Some(Lifetime::Once) && self.is_begun.get()
    }
}
