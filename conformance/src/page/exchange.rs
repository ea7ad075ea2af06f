//! A right exchange, which SPEC.md has, and a wrong one, which a wrong server is asked for in simulation.

use trueline_protocol::service::Service;

use super::Usual;
use crate::case::{Body, Case};
use crate::client::{self, ClientCase};
use crate::judge::Kind;
use crate::matrix::{IDLE, asked};
use crate::mutant::{self, Mutant};
use crate::rehearsal::counterexample;
use crate::report::words::{Measured, said};
use crate::report::{Colours, Counterexample, DEFAULT_SEED, Extent, exchange};
use crate::service::ending;
use crate::spec::{Id, Spec};
use crate::transcript::Transcript;
use crate::transport::Transport;
use crate::wire::Simulated;

/// Generated dialogues that are looked through for a wrong exchange.
const TRIED: u32 = 16;

/// The example of a requirement in SPEC.md: the first that shows more than plain requests, of a conversation where there is one.
pub fn right(id: Id) -> Option<&'static Transcript> {
    let name = id.to_string();
    let examples = Spec::current().examples().iter();
    let own = examples.filter(|example| example.covers.first() == Some(&name));
    own.min_by_key(|example| (example.name.ends_with(".plain"), example.service.is_some()))
}

/// The first case for a client that is about a requirement.
pub fn right_of_client(id: Id) -> Option<&'static ClientCase> {
    Transport::kinds()
        .flat_map(|(service, transport)| client::of(service, transport, None))
        .find(|case| case.covers.contains(&id))
}

/// An exchange that breaks a requirement.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The wrong server that it was held with.
    pub mutant: &'static Mutant,
    /// What was spoken.
    pub service: Service,
    /// Over what.
    pub transport: Transport,
    seen: Counterexample,
}

impl Wrong {
    /// What is wrong, in a sentence.
    pub fn said(&self) -> String {
        said(&self.seen, self.transport, Measured::LeftOut)
    }

    /// The exchange up to there, as reports show it.
    pub fn shown(&self, colours: Colours) -> String {
        let shown = exchange(&self.seen, Extent::Ending, colours);
        shown.lines().map(|line| format!("{}\n", line.trim_start())).collect()
    }
}

/// A wrong exchange of a requirement: with the wrong server that makes its usual mistake, or with the first that shows one.
///
/// # Errors
///
/// Why there is none: what it takes is not simulated.
pub fn wrong(id: Id, usual: Option<&Usual>) -> Result<Wrong, &'static str> {
    let like = usual.and_then(|usual| usual.like);
    let told = mutant::all().iter().filter(|it| it.is_told_by(id));
    let others = mutant::all().iter().filter(|it| it.may_break(id));
    let found = like.into_iter().chain(told).chain(others).find_map(|mutant| of(mutant, id));
    let why =
        || IDLE.iter().find(|(case, _)| about(id, case)).map_or("nothing shows it", |it| it.1);
    found.ok_or_else(why)
}

/// Whether a case is about this requirement.
fn about(id: Id, name: &str) -> bool {
    let mut cases = crate::case::all().filter(|case| case.name == name);
    cases.any(|case| case.covers.first() == Some(&id))
}

/// An exchange in which a wrong server breaks a requirement: that of the right one, so that the two can be compared, or the
/// shortest written one, or else the shortest.
fn of(mutant: &'static Mutant, id: Id) -> Option<Wrong> {
    Transport::kinds().filter(|kind| mutant.applies(kind.0, kind.1)).find_map(
        |(service, transport)| {
            let host = Simulated::new(transport, move || mutant.server(service));
            let faults = |case: &'static Case| {
                let host = host.clone();
                case.dialogues(DEFAULT_SEED, TRIED).filter_map(move |dialogue| {
                    host.restart();
                    let ending = ending(service, transport);
                    let seen = counterexample(&host, &dialogue, &ending, transport)?;
                    // An end of the program shows no exchange.
                    (seen.fault.kind != Kind::Ended).then_some(Wrong {
                        mutant,
                        service,
                        transport,
                        seen,
                    })
                })
            };
            let shortest = |cases: Vec<&'static Case>| {
                cases
                    .into_iter()
                    .flat_map(faults)
                    .min_by_key(|wrong| wrong.seen.dialogue.to_string().len())
            };
            let cases = asked(service, transport).filter(|case| case.covers.first() == Some(&id));
            let right = right(id).map(|example| example.name.as_str());
            let (example, cases): (Vec<_>, Vec<_>) =
                cases.partition(|case| Some(case.name.as_str()) == right);
            let (written, others) =
                cases.into_iter().partition(|case| matches!(case.body, Body::Written(_)));
            [example, written, others].into_iter().find_map(shortest)
        },
    )
}
