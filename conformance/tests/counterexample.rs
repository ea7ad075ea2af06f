//! The smallest counterexamples of wrong servers, in simulation: they are true, small, and the same each time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use futures_util::FutureExt;
use trueline_conformance::case::{self, Case};
use trueline_conformance::mutant;
use trueline_conformance::rehearsal::rehearsed;
use trueline_conformance::report::{Check, Counterexample, Report};
use trueline_conformance::run::{Patience, Selection, run};
use trueline_conformance::side_by_side::side_by_side;
use trueline_conformance::transcript::Act;
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::responder::Responder;
use trueline_protocol::service::Service;

/// Few cases: it is not their number that a counterexample depends on.
const CASES: u32 = 16;

/// What a check of a wrong server finds when it asks these cases.
fn checked(service: Service, transport: Transport, name: &str, only: &[&str]) -> Report {
    let mutant = mutant::find(name).unwrap_or_else(|| panic!("no mutant is called {name}"));
    let host = Simulated::new(transport, move || mutant.server(service));
    let cases: Vec<&Case> = case::of(service).iter().collect();
    let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
    let selection = Selection::new(&cases, service, transport, &only, &[]).unwrap();
    let check = Check { cases: CASES, ..Check::of(service, transport, "simulation") };
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    run(&host, check, patience, &selection, &mut |_| {}).now_or_never().unwrap()
}

fn smallest(report: &Report) -> Vec<&Counterexample> {
    report.all_failures().filter_map(|(_, failure)| failure.smallest.as_ref()).collect()
}

/// The steps that were written, as a transcript has them.
fn steps(counterexample: &Counterexample) -> String {
    let steps = &counterexample.dialogue.steps[..counterexample.written];
    steps.iter().map(|step| format!("{step}\n")).collect()
}

/// Whoever is given a counterexample sees the fault again, and nobody who keeps SPEC.md shows it.
#[test]
fn counterexamples_are_true_and_no_longer_than_what_was_seen() {
    let kinds = [(Service::Calculator, Transport::Tcp), (Service::WordLength, Transport::Udp)];
    let of = |(service, transport): (Service, Transport)| {
        let zoo = mutant::all().iter().filter(move |it| it.applies(service, transport));
        zoo.map(move |mutant| (mutant, service, transport))
    };
    let all: Vec<_> = kinds.into_iter().flat_map(of).collect();
    let found = side_by_side(&all, |&(mutant, service, transport)| {
        let right = Simulated::new(transport, move || Box::new(Responder::of(service)));
        let report = checked(service, transport, mutant.name, &[]);
        let mut found = 0;
        for (_, failure) in report.all_failures() {
            let Some(smallest) = &failure.smallest else { continue };
            let wrong = Simulated::new(transport, move || mutant.server(service));
            let told =
                format!("{} of {service} over {transport}: {}", mutant.name, steps(smallest));
            let again = rehearsed(&wrong, &smallest.dialogue, transport);
            assert!(again.is_some_and(|it| it.is_alike(&smallest.fault, service)), "{told}");
            assert_eq!(rehearsed(&right, &smallest.dialogue, transport), None, "{told}");
            assert!(sent(smallest) <= sent(&failure.seen), "{told}");
            found += 1;
        }
        found
    });
    let found: usize = found.into_iter().sum();
    assert!(found > 50, "{found}");
}

#[test]
fn the_same_seed_leads_to_the_same_counterexample() {
    let all = || {
        let report = checked(Service::Calculator, Transport::Tcp, "recv-is-message", &[]);
        smallest(&report).into_iter().map(steps).collect::<Vec<_>>()
    };
    assert_eq!(all(), all());
}

/// Octets that the client sends.
fn sent(counterexample: &Counterexample) -> usize {
    let steps = &counterexample.dialogue.steps;
    let octets = steps.iter().map(|step| match &step.act {
        Act::Send { text, .. } => text.literal().map_or(0, <[u8]>::len),
        _ => 0,
    });
    octets.sum()
}

#[test]
fn what_is_found_small_is_what_an_author_needs() {
    for (name, only, expected) in [
        (
            "floats-for-products",
            "CALC-10",
            "> 1 9999999999999999 *\n< Product of 1 and 9999999999999999 is 9999999999999999\n",
        ),
        ("two-negatives", "CALC-10", "> -1 -1 *\n< Product of -1 and -1 is 1\n"),
        (
            "one-request",
            "FRAME-8",
            "> 0 0 +\n< Sum of 0 and 0 is 0\n> 0 0 *\n< Product of 0 and 0 is 0\n",
        ),
        ("encoding-first", "err.order.any", "> \\{\\xf0*1024}\n< ERR too-long\\{detail}\n"),
    ] {
        let report = checked(Service::Calculator, Transport::Tcp, name, &[only]);
        let found: Vec<String> = smallest(&report).into_iter().map(steps).collect();
        assert_eq!(found, [expected], "{name}");
    }
}
