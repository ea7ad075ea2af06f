//! Whatever is wrong with a server is a difference to the right one, and nothing is a difference to itself. In simulation.

use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use trueline_conformance::case;
use trueline_conformance::diff::{Asked, Comparison, Conclusion, Side, Stop, diff};
use trueline_conformance::foil::ODD;
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::run::{Patience, Selection};
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::responder::{Responder, Server};
use trueline_protocol::service::Service;

fn compared(
    service: Service,
    transport: Transport,
    [left, right]: [Rc<Simulated>; 2],
) -> Comparison {
    let all: Vec<_> = case::of(service).iter().collect();
    let cases = Selection::new(&all, service, transport, &[], &[]).expect("cases").cases;
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    let asked = Asked { service, dialect: None, transport, seed: 1, cases: 8, patience };
    let [left, right] = [left, right].map(Side::simulated);
    // A simulation never waits.
    diff([&left, &right], &asked, &cases, &mut |_| {}).now_or_never().expect("an end")
}

fn right(service: Service, transport: Transport) -> Rc<Simulated> {
    simulated(transport, move || Box::new(Responder::of(service)))
}

fn simulated(transport: Transport, start: impl Fn() -> Box<dyn Server> + 'static) -> Rc<Simulated> {
    Simulated::new(transport, start)
}

/// What can be compared: where a server answers by itself.
fn kinds() -> impl Iterator<Item = (Service, Transport)> {
    Transport::kinds().filter(|(service, _)| service.manner().answers())
}

fn mutants() -> impl Iterator<Item = (&'static Mutant, Service, Transport)> {
    let applies = |mutant: &'static Mutant| {
        kinds()
            .filter(|kind| mutant.applies(kind.0, kind.1))
            .map(move |kind| (mutant, kind.0, kind.1))
    };
    mutant::all().iter().flat_map(applies)
}

/// What a mutant of each kind is found to be.
fn all(found: impl Fn(&Mutant, Service, Transport) -> Option<String> + Sync) -> String {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let mutants: Vec<_> = mutants().collect();
    let work = || {
        while let Some((mutant, service, transport)) =
            mutants.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let found = found(mutant, *service, *transport);
            let told =
                found.map(|it| format!("{} of {service} over {transport}: {it}", mutant.name));
            wrong.lock().expect("a lock").extend(told);
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    wrong.into_inner().expect("a lock").join("\n")
}

/// Mutants that a comparison does not tell from the right server, and why.
const ALIKE: [(&str, &str); 7] = [
    ("minutes-for-months", "the time itself is not compared"),
    ("another-zone", "the time itself is not compared"),
    ("twelve-hours", "the time itself is not compared"),
    ("stopped-clock", "the time itself is not compared"),
    ("last-time", "the time itself is not compared"),
    ("rounds-now-and-then", "the time itself is not compared"),
    ("prints-behind", "of two messages that are alike, it prints the right one after the second"),
];

#[test]
fn each_mutant_differs() {
    let wrong = all(|mutant, service, transport| {
        let (name, mutant) = (mutant.name, *mutant);
        let wrong = simulated(transport, move || mutant.server(service));
        let found = compared(service, transport, [wrong, right(service, transport)]);
        let differs = found.conclusion() == Conclusion::Differ;
        let alike = ALIKE.iter().any(|(alike, _)| *alike == name);
        (differs == alike).then(|| format!("{:?}, {:?}", found.conclusion(), found.stopped))
    });
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Where both say nothing, nobody can tell; in no case is a difference seen, or imagined.
#[test]
fn each_mutant_is_like_itself() {
    let wrong = all(|mutant, service, transport| {
        let both = [(); 2].map(|()| {
            let mutant = *mutant;
            simulated(transport, move || mutant.server(service))
        });
        let found = compared(service, transport, both);
        let told = found.smallest.as_ref().map(|(it, _)| it.dialogue.to_string());
        let alike = match found.conclusion() {
            Conclusion::Alike => found.once.is_empty(),
            Conclusion::Inconclusive => {
                found.replies == 0 || matches!(found.stopped, Some(Stop::Silent(_)))
            }
            _ => false,
        };
        (!alike).then(|| format!("{:?} {told:?}, once {:?}", found.conclusion(), found.once))
    });
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn odd_servers_are_like_the_right_one() {
    for (service, transport) in kinds() {
        for foil in ODD.iter().filter(|foil| foil.applies(service, transport)) {
            let odd = simulated(transport, move || foil.server(service));
            let found = compared(service, transport, [odd, right(service, transport)]);
            let name = foil.name;
            assert_eq!(
                found.conclusion(),
                Conclusion::Alike,
                "{name} of {service} over {transport}"
            );
        }
    }
}

/// Same seed, same servers, same dialogue.
#[test]
fn a_comparison_repeats() {
    let shown = || {
        let mutant = mutant::find("wraps-at-64-bits").expect("a mutant");
        let wrong = simulated(Transport::Tcp, || mutant.server(Service::Calculator));
        let right = right(Service::Calculator, Transport::Tcp);
        let found = compared(Service::Calculator, Transport::Tcp, [wrong, right]);
        let (smallest, exhausted) = found.smallest.expect("a difference");
        let cases: Vec<_> = found.differences.into_iter().map(|it| it.case).collect();
        (smallest.dialogue, exhausted, cases)
    };
    let (dialogue, exhausted, cases) = shown();
    assert!(exhausted && dialogue.steps.len() == 4, "{dialogue}");
    assert_eq!(shown(), (dialogue, exhausted, cases));
}
