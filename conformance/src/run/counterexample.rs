//! The smallest dialogue that still shows a failure, looked for when everything else is over.
//!
//! A smaller dialogue asks for other replies: what a server that keeps SPEC.md would answer stands in their place. It counts
//! when it breaks the same requirement in the same way, twice, and at last on a fresh launch.

use std::mem::discriminant;
use std::time::{Duration, Instant};

use trueline_protocol::error::ErrorCode;
use trueline_protocol::grammar;

use super::condition::{NOTHING, WRONG};
use super::{Host, Revival, Run};
use crate::delivery::alone;
use crate::dialect::Dialect;
use crate::judge::{Fault, Kind};
use crate::rehearsal::answered;
use crate::report::{Counterexample, Failure, Outcome, Recurrence};
use crate::shrink::{Budget, smallest};
use crate::spec::{DECLARED, Id};
use crate::transcript::{Act, Dialogue, Piece};

/// What the search for one counterexample may cost. It is the tries that end it, so that the same seed leads to the same one;
/// the time is for a target that is slow.
const SHRINKING: Budget = Budget { tries: 400, time: Duration::from_secs(5) };
/// The time of all searches of a check.
const SHRINKING_MAX: Duration = Duration::from_secs(10);
/// What can be taken in at a glance: so many steps, in which so many octets are sent.
const BARE_STEPS: usize = 4;
const BARE_OCTETS: usize = 16;
/// Octets that are sent beyond which nothing smaller is looked for: each try would send nearly as many.
const OCTETS_MAX: usize = 1 << 14;
/// Steps of a dialogue whose messages are asked one by one.
const ALONE_STEPS: usize = 128;
/// How often a fault may be seen that has to be waited for, or that ends the program.
const DEAR_MAX: u32 = 6;

impl<H: Host> Run<'_, H> {
    /// Looks for the smallest counterexample of each requirement that is broken: of the failure that a report shows.
    pub(super) async fn counterexamples(&self, outcomes: &mut [Outcome]) {
        let began = Instant::now();
        for (case, at) in shown(outcomes) {
            if self.knows(|ledger| ledger.gone.is_some()) || began.elapsed() > SHRINKING_MAX {
                return;
            }
            let about = outcomes[case].covers.first().copied();
            let found = self.counterexample(about, &outcomes[case].failures[at]).await;
            outcomes[case].failures[at].smallest = found;
        }
    }

    async fn counterexample(&self, about: Option<Id>, failure: &Failure) -> Option<Counterexample> {
        let again = matches!(failure.recurrence, Recurrence::Alone | Recurrence::AfterTheSame);
        let dies = [Some(NOTHING), Some(WRONG)].contains(&failure.ending.as_deref());
        // Each try would want a launch: what was typed may not have been read.
        let typed = failure.seen.dialogue.is_typed_to();
        if !again || dies || typed || is_bare(&failure.seen) || octets(&failure.seen) > OCTETS_MAX {
            return None;
        }
        let Counterexample { dialogue, written, fault, .. } = &failure.seen;
        let charged = match failure.charged.area() {
            // What a dialect declares is known by where it stands.
            DECLARED => failure.charged,
            _ => self.knows(|ledger| ledger.charge(about, dialogue, *written, fault)),
        };
        let written = Dialogue::of(dialogue.steps[..*written].to_vec());
        let alone = self.all_alone(&written).await;
        let due = Due::of(dialogue, fault.step);
        let search =
            Search { about, charged, failure, alone, due, dues: Due::all(&written).collect() };
        let dear = fault.kind.is_timing() || failure.ending.is_some();
        let mut seen = 0;
        let mut found = None;
        let smallest = smallest(written.clone(), SHRINKING, async |candidate| {
            let Some(again) = self.shows(&search, candidate).await? else { return Some(false) };
            seen += 1;
            if dear && seen > DEAR_MAX {
                return None;
            }
            if !dear && self.shows(&search, candidate).await?.is_none() {
                return Some(false);
            }
            found = Some(again);
            Some(true)
        });
        let smallest = smallest.await.dialogue;
        found.as_ref()?;
        // What the program remembers of all that went before is no part of a counterexample.
        if self.host.is_launched()
            && let Revival::Gone(_) = self.host.renew().await
        {
            return None;
        }
        self.shows(&search, &smallest).await?
    }

    /// What comes of a candidate, if it shows what is looked for; no more can be told when there is no target.
    async fn shows(
        &self,
        search: &Search<'_>,
        candidate: &Dialogue,
    ) -> Option<Option<Counterexample>> {
        let (service, transport) = (self.check.service, self.check.transport);
        let Some(candidate) = answered(candidate, service, transport) else { return Some(None) };
        let unsaid = |dialect: &Dialect| dialect.speak(&candidate, transport).is_none();
        if self.check.dialect.is_some_and(unsaid) {
            return Some(None);
        }
        if let Revival::Gone(_) = self.host.revive().await {
            return None;
        }
        let attempt = self.attempt(std::slice::from_ref(&candidate)).await;
        let Some(fault) = &attempt.fault else { return Some(None) };
        if let Kind::Unable(_) = fault.kind {
            return None;
        }
        let charged = self.charge(search.about, &attempt, fault);
        let ends = search.failure.ending.is_some();
        let same = search.is_like(fault, charged)
            && Due::of(&attempt.dialogue, fault.step) == search.due
            && Due::all(&candidate).all(|due| search.dues.contains(&due))
            && self.host.ending(ends).await.is_some() == ends
            && (!search.alone || self.all_alone(&candidate).await);
        Some(same.then(|| attempt.shows(fault)))
    }

    /// Whether each message of a dialogue is answered rightly by itself: it is how they follow each other that is wrong.
    async fn all_alone(&self, dialogue: &Dialogue) -> bool {
        if dialogue.steps.len() > ALONE_STEPS {
            return false;
        }
        for message in alone(dialogue, self.check.transport) {
            if message == *dialogue {
                return false;
            }
            if let Revival::Gone(_) = self.host.revive().await {
                return false;
            }
            if self.attempt(std::slice::from_ref(&message)).await.fault.is_some() {
                return false;
            }
        }
        true
    }
}

/// What is looked for.
struct Search<'a> {
    /// What its case covers first.
    about: Option<Id>,
    /// The requirement that it breaks, as it was seen.
    charged: Id,
    failure: &'a Failure,
    /// Whether each of its messages is answered rightly by itself.
    alone: bool,
    /// The reply that was due: a smaller dialogue is about the same.
    due: Option<Due>,
    /// All that were: a smaller dialogue brings no errors of its own.
    dues: Vec<Due>,
}

impl Search<'_> {
    fn is_like(&self, fault: &Fault, charged: Id) -> bool {
        let first = &self.failure.seen.fault;
        let hangs_up = |kind: &Kind| matches!(kind, Kind::Closed(_) | Kind::Reset(_));
        let kinds = discriminant(&fault.kind) == discriminant(&first.kind)
            || hangs_up(&fault.kind) && hangs_up(&first.kind);
        kinds && charged == self.charged
    }
}

/// Which failures are shown, one for each requirement: case and number.
fn shown(outcomes: &[Outcome]) -> Vec<(usize, usize)> {
    let all = outcomes.iter().enumerate().flat_map(|(case, outcome)| {
        outcome.failures.iter().enumerate().map(move |(at, failure)| ((case, at), failure))
    });
    let mut best: Vec<((usize, usize), &Failure)> = Vec::new();
    for (place, failure) in all {
        match best.iter_mut().find(|(_, it)| it.charged == failure.charged) {
            None => best.push((place, failure)),
            Some(other) if failure.rank() < other.1.rank() => *other = (place, failure),
            Some(_) => {}
        }
    }
    best.into_iter().map(|(place, _)| place).collect()
}

/// What a reply says of its request: that it was served, or why not.
#[derive(PartialEq, Eq)]
enum Due {
    Served,
    Error(ErrorCode),
}

impl Due {
    /// That of the reply which is due at a step, if one is.
    fn of(dialogue: &Dialogue, step: usize) -> Option<Self> {
        let Act::Expect { text, .. } = &dialogue.steps.get(step)?.act else { return None };
        let Some(Piece::Octets(octets)) = text.pieces.first() else { return Some(Self::Served) };
        Some(match std::str::from_utf8(octets).map(grammar::error) {
            Ok(Ok((_, (code, _)))) => Self::Error(code),
            _ => Self::Served,
        })
    }

    /// Those of all replies that are due.
    fn all(dialogue: &Dialogue) -> impl Iterator<Item = Self> + '_ {
        (0..dialogue.steps.len()).filter_map(|step| Self::of(dialogue, step))
    }
}

/// Whether there is nothing to leave out: what was seen can be taken in at a glance.
fn is_bare(seen: &Counterexample) -> bool {
    seen.written <= BARE_STEPS && octets(seen) <= BARE_OCTETS
}

/// Octets that are sent.
fn octets(Counterexample { dialogue, .. }: &Counterexample) -> usize {
    let octets = dialogue.steps.iter().map(|step| match &step.act {
        Act::Send { text, .. } => text.literal().map_or(0, <[u8]>::len),
        _ => 0,
    });
    octets.sum()
}
