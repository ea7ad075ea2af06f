//! Where dialogues are performed: what the runner asks of a target.

use std::convert::Infallible;

use crate::capture::Recording;
use crate::perform::Program;
use crate::report::{Conduct, Outcome};
use crate::target::Lifetime;
use crate::wire::Wire;

/// Most launches of one check.
pub(super) const LAUNCHES_MAX: u32 = 64;

/// A target that can be spoken to.
#[allow(async_fn_in_trait, reason = "the runner is one thread: nothing has to be Send")]
pub trait Host: Program {
    /// What dialogues are performed over.
    type Wire: Wire;

    /// A wire for one dialogue.
    fn wire(&self) -> Self::Wire;

    /// Sees to it that the target runs, where that is in the runner's hands: launches it again if it has ended.
    async fn revive(&self) -> Revival;

    /// Ends the target and launches it again, where that is in the runner's hands.
    async fn renew(&self) -> Revival;

    /// Whether it is a program in the runner's hands: launched by it, watched, and launched again.
    fn is_launched(&self) -> bool;

    /// For how long the target serves, as far as it is known.
    fn lifetime(&self) -> Option<Lifetime>;

    /// From now on it is known for how long the target serves. Where that is once, `revive` sees to it that what runs was not
    /// spoken to yet.
    fn found(&self, lifetime: Lifetime);

    /// How often the target may be launched yet.
    fn launches_left(&self) -> u32;

    /// Launches ahead what serves once, as long as it is polled.
    async fn launch_ahead(&self) -> Infallible;

    /// How the target ended, in words, if it did; one that has just closed a connection is given a moment.
    async fn ending(&self, closed: bool) -> Option<String>;

    /// Why nobody knows what has become of the target, if so: by no fault of its own.
    fn lost(&self) -> Option<String>;

    /// Whether the kernel knows that nothing is bound to the target's UDP port.
    fn is_absent(&self) -> bool;

    /// How many datagrams its socket has dropped, as far as the kernel tells.
    fn drops(&self) -> Option<u64>;

    /// A case is over: what the target did in it besides replying is noted, where it is in the runner's hands.
    fn case_over(&self, _case: &Outcome) {}

    /// What was noted of it; `None` where it is not in the runner's hands.
    fn conduct(&self) -> Option<Conduct> {
        None
    }

    /// Begins to keep what goes over its network, where that is captured.
    fn recording(&self) -> Option<Recording> {
        None
    }
}

/// What came of an attempt to have the target run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revival {
    /// It ran all the time, or nobody can tell.
    Up,
    /// It had ended and was launched again.
    Again,
    /// It cannot be launched again; why.
    Gone(String),
}
