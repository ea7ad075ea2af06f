//! The kill matrix: every case against every mutant, in simulation. Nothing is blocked and nothing is tried again, so that
//! each case shows by itself what it tells.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use trueline_protocol::responder::{Responder, Server};
use trueline_protocol::service::Service;

use crate::case::{self, Case};
use crate::dialect::{Dialect, spec_of};
use crate::dialogue::Ending;
use crate::foil::{Foil, NULL, ODD};
use crate::mutant::{self, Mutant};
use crate::rehearsal::rehearsed;
use crate::report::{Check, Verdict};
use crate::run::{Patience, Selection, run};
use crate::service::ending;
use crate::side_by_side::side_by_side;
use crate::spec::{Id, Level};
use crate::transcript::Dialogue;
use crate::transport::Transport;
use crate::wire::Simulated;

/// A wrong server of one service on one transport, and the cases that tell it from a right one.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What it speaks.
    pub service: Service,
    /// Over what.
    pub transport: Transport,
    /// The names of the cases that it fails.
    pub killed_by: BTreeSet<&'static str>,
}

/// How much is asked of each.
#[derive(Clone, Copy, Debug)]
pub struct Extent<'a> {
    /// Where generated dialogues begin, one after the other.
    pub seeds: &'a [u64],
    /// Generated dialogues of each property, for each seed.
    pub cases: u32,
}

/// Cases that no mutant fails, and why.
pub const IDLE: [(&str, &str); 5] = [
    ("frame.restart", "only a kernel shows who may bind a port again"),
    ("frame.announced.restart", "only a kernel shows who may bind a port again"),
    ("frame.unread-neighbour", "only a kernel has buffers that are full"),
    ("message.unheard", "only a kernel closes what is printed to"),
    ("message.unread", "only a kernel has pipes that are full"),
];

/// What the matrix shows.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// A row for each mutant, service and transport.
    pub rows: Vec<Row>,
    /// What breaks its rules, in words; it should be empty.
    pub broken: Vec<String>,
}

/// Performs the matrix, on as many threads as the machine has cores, and holds it to its rules: each mutant is killed by a
/// case of a requirement that it breaks, each case kills a mutant of a requirement that it covers, odd servers fail no case,
/// and null servers pass no requirement.
pub fn matrix(extent: Extent<'_>) -> Matrix {
    let rows = side_by_side(&mutants(), |(mutant, service, transport)| {
        let (mutant, service, transport) = (*mutant, *service, *transport);
        let killed_by = failed(service, transport, extent, move || mutant.server(service));
        Row { name: mutant.name, service, transport, killed_by }
    });
    let odd = side_by_side(&foils(&ODD), |(foil, service, transport)| {
        let (foil, service, transport) = (**foil, *service, *transport);
        let failed = failed(service, transport, extent, move || foil.server(service));
        let accused = (!failed.is_empty())
            .then(|| format!("{} of {service} over {transport} fails {failed:?}", foil.name));
        accused.into_iter().collect::<Vec<_>>()
    });
    let null = side_by_side(&foils(&NULL), |(foil, service, transport)| {
        let (foil, service, transport) = (**foil, *service, *transport);
        let passed = passed(service, transport, extent, move || foil.server(service));
        let fooled = (!passed.is_empty()).then(|| {
            format!("{} of {service} over {transport} passes {}", foil.name, passed.join(", "))
        });
        fooled.into_iter().collect::<Vec<_>>()
    });
    let mut broken = survivors(&rows);
    broken.extend(idle(&rows));
    broken.extend([odd, null].into_iter().flatten().flatten());
    Matrix { rows, broken }
}

/// The wrong servers of a dialect, and the cases that tell each: those that break first what holds there, as far as a server of
/// that dialect can be wrong so. A right server is told by none.
///
/// # Errors
///
/// The cases that the reference fails: the dialect contradicts itself.
pub fn matrix_in(
    dialect: &'static Dialect,
    extent: Extent<'_>,
) -> Result<Vec<Row>, BTreeSet<&'static str>> {
    let service = dialect.service();
    let all = dialect.transports().iter().flat_map(|&transport| {
        let holds = move |it: &&Mutant| {
            let first = it.breaks(service).first().copied();
            let first = first.and_then(|id| dialect.spec().get(id));
            it.applies(service, transport) && first.is_some_and(|it| it.level == Level::Must)
        };
        mutant::all().iter().filter(holds).map(move |mutant| (mutant, transport))
    });
    for &transport in dialect.transports() {
        let right = move || dialect.server(Box::new(Responder::of(service)));
        let failed = failed_in(Some(dialect), service, transport, extent, right);
        if !failed.is_empty() {
            return Err(failed);
        }
    }
    Ok(side_by_side(&all.collect::<Vec<_>>(), |&(mutant, transport)| {
        let wrong = move || dialect.mutant(mutant);
        let killed_by = failed_in(Some(dialect), service, transport, extent, wrong);
        Row { name: mutant.name, service, transport, killed_by }
    }))
}

fn mutants() -> Vec<(&'static Mutant, Service, Transport)> {
    let of = |mutant: &'static Mutant| {
        let applies = move |kind: &(Service, Transport)| mutant.applies(kind.0, kind.1);
        Transport::kinds()
            .filter(applies)
            .map(move |(service, transport)| (mutant, service, transport))
    };
    mutant::all().iter().flat_map(of).collect()
}

fn foils(all: &'static [Foil]) -> Vec<(&'static Foil, Service, Transport)> {
    let of = |foil: &'static Foil| {
        let applies = move |kind: &(Service, Transport)| foil.applies(kind.0, kind.1);
        Transport::kinds()
            .filter(applies)
            .map(move |(service, transport)| (foil, service, transport))
    };
    all.iter().flat_map(of).collect()
}

/// Mutants that no case of what they break tells from a right server.
fn survivors(rows: &[Row]) -> Vec<String> {
    let survives = |row: &&Row| !killers(row).any(|case| row.killed_by.contains(&*case.name));
    let told = |row: &Row| {
        let Row { name, service, transport, killed_by } = row;
        format!("{name} of {service} over {transport} survives; what it fails is {killed_by:?}")
    };
    rows.iter().filter(survives).map(told).collect()
}

/// Cases that kill no mutant of what they cover, without a reason, or with one that holds no more.
fn idle(rows: &[Row]) -> Vec<String> {
    let killing: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| killers(row).filter(|case| row.killed_by.contains(&*case.name)))
        .map(|case| case.name.as_str())
        .collect();
    let all: BTreeSet<&str> = case::all().map(|case| case.name.as_str()).collect();
    let told = |name: &&str| match IDLE.iter().find(|(idle, _)| idle == name) {
        None if !killing.contains(name) => Some(format!("{name} kills no mutant")),
        Some((_, why)) if killing.contains(name) => {
            Some(format!("{name} kills a mutant, and it is said that {why}"))
        }
        _ => None,
    };
    all.iter().filter_map(told).collect()
}

/// The cases of what a mutant breaks.
fn killers(row: &Row) -> impl Iterator<Item = &'static Case> {
    let breaks = mutant::find(row.name).map(|it| it.breaks(row.service)).unwrap_or_default();
    asked(row.service, row.transport)
        .filter(move |case| case.covers.iter().any(|id| breaks.contains(id)))
}

/// The cases that a server fails, each by itself.
pub fn failed(
    service: Service,
    transport: Transport,
    extent: Extent<'_>,
    start: impl Fn() -> Box<dyn Server> + 'static,
) -> BTreeSet<&'static str> {
    failed_in(None, service, transport, extent, start)
}

/// The cases that a server of a dialect fails, each by itself.
fn failed_in(
    dialect: Option<&'static Dialect>,
    service: Service,
    transport: Transport,
    extent: Extent<'_>,
    start: impl Fn() -> Box<dyn Server> + 'static,
) -> BTreeSet<&'static str> {
    let host = Simulated::new(transport, start);
    let counts = |case: &&Case| {
        let counts = |id: &Id| spec_of(dialect).get(*id).is_some_and(|it| it.level == Level::Must);
        dialect.is_none() || case.covers.iter().all(counts)
    };
    let declared = dialect.map_or(&[][..], Dialect::cases);
    asked(service, transport)
        .chain(declared)
        .filter(counts)
        .filter(|case| !holds(dialect, &host, case, transport, extent))
        .map(|case| case.name.as_str())
        .collect()
}

/// The cases of a service that are asked over a transport.
pub fn asked(service: Service, transport: Transport) -> impl Iterator<Item = &'static Case> {
    case::of(service).iter().filter(move |case| case.transport.is_none_or(|it| it == transport))
}

/// The requirements that a server keeps, in a check like any other.
fn passed(
    service: Service,
    transport: Transport,
    extent: Extent<'_>,
    start: impl Fn() -> Box<dyn Server> + 'static,
) -> Vec<String> {
    let seed = extent.seeds.first().copied().unwrap_or_default();
    let check = Check { seed, cases: extent.cases, ..Check::of(service, transport, "simulation") };
    let cases: Vec<&Case> = case::of(service).iter().collect();
    let Ok(selection) = Selection::new(&cases, service, transport, &[], &[]) else {
        return Vec::new();
    };
    let patience = Patience { budget: Duration::MAX, shrinks: false, ..Patience::default() };
    let host = Simulated::new(transport, start);
    // A simulation never waits.
    let report = run(&host, check, patience, &selection, &mut |_| {}).now_or_never();
    let findings = report.into_iter().flat_map(|report| report.requirements);
    let passed = findings.filter(|finding| finding.verdict == Verdict::Pass);
    passed.map(|finding| finding.requirement.id.to_string()).collect()
}

fn holds(
    dialect: Option<&'static Dialect>,
    host: &Rc<Simulated>,
    case: &Case,
    transport: Transport,
    extent: Extent<'_>,
) -> bool {
    let ending = match (dialect, ending(case.service, transport)) {
        // Of these some may have no words.
        (Some(dialect), Ending::Ask(questions)) => Ending::Ask(dialect.sayable(questions)),
        (_, ending) => ending,
    };
    let about = case.covers.first().copied();
    let said = |dialogue: Dialogue| {
        let dialogue = dialogue.completed(transport, &ending);
        match dialect {
            Some(dialect) => dialect.speak_of(about, &dialogue, transport).map(|it| it.dialogue),
            None => Some(dialogue),
        }
    };
    extent.seeds.iter().all(|&seed| {
        let mut dialogues = case.dialogues(seed, extent.cases).filter_map(said);
        dialogues.all(|it| rehearsed(host, &it, transport).is_none())
    })
}
