//! The zoo explains itself: whoever behaves like a wrong server is told so, and nobody is told something else. In
//! simulation.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use trueline_conformance::case;
use trueline_conformance::diagnosis::Diagnosis;
use trueline_conformance::dialect::Dialect;
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::report::{Check, Verdict};
use trueline_conformance::run::{Patience, Selection, run};
use trueline_conformance::side_by_side::side_by_side;
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::responder::{Action, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

fn diagnoses(
    service: Service,
    transport: Transport,
    start: impl Fn() -> Box<dyn Server> + 'static,
) -> Vec<Diagnosis> {
    let check = Check {
        seed: 1,
        cases: 32,
        // Somebody knows how it ends.
        command: Some("simulation".to_owned()),
        ..Check::of(service, transport, "simulation")
    };
    let cases: Vec<_> = case::of(service).iter().collect();
    let selection = Selection::new(&cases, service, transport, &[], &[]).expect("cases");
    let patience = Patience { budget: Duration::MAX, shrinks: false, ..Patience::default() };
    let host = Simulated::new(transport, start);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(&host, check, patience, &selection, &mut |_| {})).diagnoses
}

/// Whose failures another wrong server explains as well, and better.
const TAKEN_FOR_ANOTHER: [(&str, Service, Transport, &str); 4] = [
    ("splits-lines", Service::Calculator, Transport::Tcp, "a CR is one of what it splits at"),
    ("single-digits", Service::Calculator, Transport::Udp, "few of its failures are tried again"),
    ("one-line-behind", Service::Message, Transport::Tcp, "all thanks are alike"),
    ("receives-1000", Service::Message, Transport::Udp, "a message that is cut off is thanked for"),
];

/// What is told of one that behaves like a wrong server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Right,
    AmongTwo,
    Nothing,
    Wrong,
}

fn told(diagnoses: &[Diagnosis], mutant: &Mutant) -> Told {
    let is_it = |other: &&Mutant| other.name == mutant.name;
    match diagnoses.first().map(|first| first.mutants.as_slice()) {
        None => Told::Nothing,
        Some([one]) if is_it(one) => Told::Right,
        Some(several) if several.iter().any(is_it) => Told::AmongTwo,
        Some(_) => Told::Wrong,
    }
}

#[test]
fn the_zoo_explains_itself() {
    let (mut counts, mut wrong) = (BTreeMap::<Told, usize>::new(), Vec::new());
    let of = |mutant: &'static Mutant| {
        Transport::kinds().filter(move |it| mutant.applies(it.0, it.1)).map(move |it| (mutant, it))
    };
    let all: Vec<_> = mutant::all().iter().flat_map(of).collect();
    let told = side_by_side(&all, |&(mutant, (service, transport))| {
        let diagnoses = diagnoses(service, transport, move || mutant.server(service));
        let told = told(&diagnoses, mutant);
        let excused = TAKEN_FOR_ANOTHER
            .iter()
            .any(|(name, of, on, _)| (*name, *of, *on) == (mutant.name, service, transport));
        let what = format!("{} of {service} over {transport}: {diagnoses:?}", mutant.name);
        (told, ((told == Told::Wrong) != excused).then_some(what))
    });
    for (told, what) in told {
        *counts.entry(told).or_default() += 1;
        wrong.extend(what);
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all: usize = counts.values().sum();
    let helpful = counts[&Told::Right] + counts[&Told::AmongTwo];
    assert!(helpful * 4 > all * 3, "{counts:?}");
}

/// Two faults in one server: where the first shows, it shows; elsewhere the other does, where it does.
struct Both {
    right: Responder,
    faults: [Box<dyn Server>; 2],
}

impl Server for Both {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        let told = |server: &mut dyn Server| {
            let mut told = Vec::new();
            server.on(now, event, &mut told);
            told
        };
        let right = told(&mut self.right);
        let [one, other] = self.faults.each_mut().map(|fault| told(fault.as_mut()));
        actions.extend(if one == right { other } else { one });
    }
}

/// Every so many of the pairs.
const PAIRS: usize = 97;

#[test]
fn of_two_faults_each_is_told_and_none_besides() {
    let (service, transport) = (Service::Calculator, Transport::Tcp);
    // What the host does wrong depends on what else it does.
    let seams = ["framing", "meaning", "spelling"];
    let zoo = mutant::all().iter().filter(|it| it.applies(service, transport));
    let zoo: Vec<&Mutant> = zoo.filter(|it| seams.contains(&it.seam)).collect();
    let pairs =
        zoo.iter().enumerate().flat_map(|(at, one)| zoo[..at].iter().map(move |it| [*one, *it]));
    let (mut pairs_told, mut both, mut first, mut wrong) = (0, 0, 0, Vec::new());
    for pair in pairs.step_by(PAIRS) {
        let start = move || -> Box<dyn Server> {
            let faults = pair.map(|it| it.server(service));
            Box::new(Both { right: Responder::of(service), faults })
        };
        let diagnoses = diagnoses(service, transport, start);
        let names =
            |it: &Diagnosis, name: &str| it.mutants.iter().any(|mutant| mutant.name == name);
        let told = |it: &Diagnosis| pair.iter().any(|one| names(it, one.name));
        pairs_told += 1;
        first += usize::from(diagnoses.first().is_some_and(told));
        both += usize::from(pair.iter().all(|one| diagnoses.iter().any(|it| names(it, one.name))));
        if !diagnoses.iter().all(told) {
            wrong.push(format!("{pair:?}: {diagnoses:?}"));
        }
    }
    println!("{pairs_told} pairs: {first} told first, {both} both, {} wrong", wrong.len());
    println!("{}", wrong.join("\n"));
    assert!(wrong.len() * 10 < pairs_told);
}

/// Where a reply says nothing of its request, that to a part of one is not taken for a wrong result.
#[test]
fn in_a_dialect_a_cut_request_is_told_from_a_wrong_result() {
    let (service, transport) = (Service::Calculator, Transport::Tcp);
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/classroom/dialects/hash/hash.toml");
    let dialect = Dialect::find(file.to_str().expect("a path in UTF-8"), service);
    let dialect = dialect.expect("a dialect file").expect("another dialect than `line`");
    for (name, first) in [("recv-is-message", "FRAME-5"), ("floor-division", "CALC-12")] {
        let mutant = mutant::find(name).expect("a mutant");
        let check = Check {
            cases: 16,
            command: Some("simulation".to_owned()),
            dialect: Some(dialect),
            ..Check::of(service, transport, "simulation")
        };
        let cases: Vec<_> = case::of(service).iter().chain(dialect.cases()).collect();
        let selection = Selection::held_to(dialect.spec(), &cases, service, transport, &[], &[])
            .expect("cases");
        let patience = Patience { budget: Duration::MAX, shrinks: false, ..Patience::default() };
        let host = Simulated::new(transport, move || dialect.mutant(mutant));
        let report = run(&host, check, patience, &selection, &mut |_| {}).now_or_never();
        let report = report.expect("an end");
        let failed = report.requirements.iter().filter(|it| it.verdict == Verdict::Fail);
        let failed: Vec<String> = failed.map(|it| it.requirement.id.to_string()).collect();
        assert_eq!(failed.first().map(String::as_str), Some(first), "{name}: {failed:?}");
        assert!(failed.iter().all(|id| id[..4] == first[..4]), "{name}: {failed:?}");
    }
}
