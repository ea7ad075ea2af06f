//! Who has to mend it when something cannot be done.
//!
//! Every error of the suite names one of these; the command line maps them to its exit codes in one
//! table. What a target answers wrongly is no error but a verdict, and is not said here.

/// Who is to blame for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Whoever called: bad usage, a path that does not exist, a file that cannot be read.
    User,
    /// The implementation under test: it never came up by its own fault.
    Target,
    /// The machine or the runner; nothing is known of the target, and nothing charged to it.
    Machine,
}
