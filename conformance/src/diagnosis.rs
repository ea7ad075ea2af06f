//! Failures into advice: which wrong servers of the zoo would have answered the same? Asked in simulation, of the dialogues
//! that failed and of some that went well. No diagnosis is better than a wrong one.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::dialogue::Ending;
use crate::mutant::{self, Mutant};
use crate::rehearsal::rehearsed;
use crate::report::{Check, Failure, Outcome, Recurrence};
use crate::service::ending;
use crate::spec::Id;
use crate::wire::Simulated;

/// A wrong server that would have answered the same, or several that nothing tells apart.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// Which: one, or few.
    pub mutants: Vec<&'static Mutant>,
    /// The failures that each explains, counted in the order of the report's cases.
    pub explains: BTreeSet<usize>,
}

/// Most wrong servers of a diagnosis: more of them say nothing.
const ALIKE_MAX: usize = 2;

/// The fewest wrong servers that explain all failures which any explains, what explains most first.
pub fn diagnosed(check: &Check, outcomes: &[Outcome]) -> Vec<Diagnosis> {
    let failures: Vec<&Failure> = outcomes.iter().flat_map(|case| &case.failures).collect();
    if failures.is_empty() {
        return Vec::new();
    }
    let evidence = Evidence { check, outcomes, failures };
    let applies = |mutant: &&Mutant| mutant.applies(check.service, check.transport);
    let known = mutant::all().iter().filter(applies);
    let known: Vec<(&Mutant, BTreeSet<usize>)> =
        known.filter_map(|mutant| Some((mutant, evidence.explained_by(mutant)?))).collect();
    let mut open: BTreeSet<usize> = (0..evidence.failures.len()).collect();
    let mut found = Vec::new();
    loop {
        let explained = |by: &BTreeSet<usize>| by.intersection(&open).copied().collect();
        let all = known.iter().map(|(mutant, by)| (*mutant, explained(by)));
        let all: Vec<(&Mutant, BTreeSet<usize>)> = all.collect();
        let most = all.iter().map(|(_, by)| by.len()).max().unwrap_or(0);
        let Some((_, explains)) = all.iter().find(|(_, by)| by.len() == most && most > 0) else {
            return found;
        };
        let alike = all.iter().filter(|(_, by)| by == explains).map(|(mutant, _)| *mutant);
        let mutants = evidence.likely(alike.collect(), explains);
        if mutants.len() <= ALIKE_MAX {
            found.push(Diagnosis { mutants, explains: explains.clone() });
        }
        open.retain(|failure| !explains.contains(failure));
    }
}

/// What was seen of a target.
struct Evidence<'a> {
    check: &'a Check,
    outcomes: &'a [Outcome],
    failures: Vec<&'a Failure>,
}

impl Evidence<'_> {
    /// The failures that a wrong server shows in the same way, if everything that went well goes well with it.
    fn explained_by(&self, mutant: &'static Mutant) -> Option<BTreeSet<usize>> {
        let (service, transport) = (self.check.service, self.check.transport);
        let dialect = self.check.dialect;
        let host = Simulated::new(transport, move || match dialect {
            Some(dialect) => dialect.mutant(mutant),
            None => mutant.server(service),
        });
        let alike = |failure: &Failure| {
            host.restart();
            let fault = rehearsed(&host, &failure.seen.dialogue, transport);
            // How a server at an address ended nobody knows.
            let ends = self.check.command.is_none() || failure.ending.is_some() != host.runs();
            failure.recurrence != Recurrence::Once
                && ends
                && fault.is_some_and(|fault| fault.is_alike(&failure.seen.fault, service))
        };
        let explains: BTreeSet<usize> =
            (0..self.failures.len()).filter(|&at| alike(self.failures[at])).collect();
        host.restart();
        let explained = !explains.is_empty() && self.whole(&explains) && self.held(&host);
        explained.then_some(explains)
    }

    /// Whether of what is found broken it is all failures or none that are explained.
    fn whole(&self, explains: &BTreeSet<usize>) -> bool {
        let charged = |at: &usize| self.failures[*at].charged;
        let touched: BTreeSet<Id> = explains.iter().map(charged).collect();
        let counts = |at: &usize| self.failures[*at].recurrence != Recurrence::Once;
        let mut all = (0..self.failures.len()).filter(counts);
        all.all(|at| explains.contains(&at) || !touched.contains(&charged(&at)))
    }

    /// Whether what went well with the target goes well with a server.
    fn held(&self, host: &Rc<Simulated>) -> bool {
        let ending = self.ending();
        let mut went_well = self.outcomes.iter().flat_map(|outcome| &outcome.went_well);
        went_well.all(|dialogue| {
            let transport = self.check.transport;
            let dialogue = dialogue.completed(transport, &ending);
            let said = match self.check.dialect {
                Some(dialect) => dialect.speak(&dialogue, transport).map(|it| it.dialogue),
                None => Some(dialogue),
            };
            said.is_none_or(|said| rehearsed(host, &said, transport).is_none())
        })
    }

    /// As far as the target could be expected to close, so is a server.
    fn ending(&self) -> Ending {
        let closes = ["FRAME-11", "FRAME-37"].map(Id::parse);
        if self.failures.iter().any(|failure| closes.contains(&Some(failure.charged))) {
            return Ending::Close;
        }
        ending(self.check.service, self.check.transport)
    }

    /// Those among wrong servers alike which break first what was found broken; all, where none does.
    fn likely(
        &self,
        alike: Vec<&'static Mutant>,
        explains: &BTreeSet<usize>,
    ) -> Vec<&'static Mutant> {
        let charged: BTreeSet<Id> = explains.iter().map(|at| self.failures[*at].charged).collect();
        let first = |mutant: &Mutant| mutant.breaks(self.check.service).first().copied();
        let told = alike.iter().copied();
        let told = told.filter(|it| first(it).is_some_and(|id| charged.contains(&id)));
        let told: Vec<&Mutant> = told.collect();
        if told.is_empty() { alike } else { told }
    }
}
