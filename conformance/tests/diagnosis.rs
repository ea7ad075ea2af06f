//! The zoo explains itself: whoever behaves like a wrong server is told so, and nobody is told something else. In
//! simulation.

use std::collections::BTreeMap;
use std::time::Duration;

use trueline_conformance::case;
use trueline_conformance::diagnosis::Diagnosis;
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::report::Check;
use trueline_conformance::run::{Patience, Selection, run};
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::service::Service;

fn diagnoses(mutant: &'static Mutant, service: Service, transport: Transport) -> Vec<Diagnosis> {
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
    let host = Simulated::new(transport, move || mutant.server(service));
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
    let kinds = Service::ALL.iter().flat_map(|&it| [(it, Transport::Tcp), (it, Transport::Udp)]);
    for (service, transport) in kinds {
        for mutant in mutant::all().iter().filter(|it| it.applies(service, transport)) {
            let diagnoses = diagnoses(mutant, service, transport);
            let told = told(&diagnoses, mutant);
            *counts.entry(told).or_default() += 1;
            let excused = TAKEN_FOR_ANOTHER
                .iter()
                .any(|(name, of, on, _)| (*name, *of, *on) == (mutant.name, service, transport));
            if (told == Told::Wrong) != excused {
                wrong.push(format!("{} of {service} over {transport}: {diagnoses:?}", mutant.name));
            }
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all: usize = counts.values().sum();
    let helpful = counts[&Told::Right] + counts[&Told::AmongTwo];
    assert!(helpful * 4 > all * 3, "{counts:?}");
}
