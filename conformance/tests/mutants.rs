//! The suite bites: each mutant fails the requirement that it breaks, and the right server fails nothing. In simulation.

use std::collections::HashSet;
use std::time::Duration;

use trueline_conformance::case;
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::report::{Check, Conclusion, Report, Verdict};
use trueline_conformance::run::{Patience, Selection, run};
use trueline_conformance::side_by_side::side_by_side;
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

fn check(
    service: Service,
    transport: Transport,
    start: impl Fn() -> Box<dyn Server> + 'static,
) -> Report {
    let check = Check { seed: 1, cases: 32, ..Check::of(service, transport, "simulation") };
    let selection =
        Selection::new(&case::of(service).iter().collect::<Vec<_>>(), service, transport, &[], &[])
            .expect("cases");
    let patience = Patience { budget: Duration::MAX, shrinks: false, ..Patience::default() };
    let host = Simulated::new(transport, start);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(&host, check, patience, &selection, &mut |_| {}))
}

fn told(report: &Report) -> String {
    let failed = report.requirements.iter().filter(|it| it.verdict == Verdict::Fail);
    failed.map(|it| it.requirement.id.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_right_server_fails_nothing() {
    for (service, transport) in Transport::kinds() {
        let report = check(service, transport, move || Box::new(Responder::of(service)));
        assert_eq!(told(&report), "", "{service} over {transport}");
        assert_eq!(report.conclusion(), Conclusion::Conforms, "{service} over {transport}");
        let open = report.requirements.iter().filter(|it| it.verdict != Verdict::Pass);
        for finding in open {
            assert!(
                finding.requirement.untested.is_some(),
                "{} was not asked about of {service} over {transport}: {:?}",
                finding.requirement.id,
                finding.why
            );
        }
    }
}

/// Ends because a client has reset its connection, but only when another has been served: as a busy machine lets it.
struct EndsLate {
    right: Responder,
    ended: HashSet<Connection>,
    is_struck: bool,
}

impl Server for EndsLate {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        self.right.on(now, event, actions);
        match event {
            Event::Ended(connection) => {
                self.ended.insert(connection);
                actions.extend(self.is_struck.then_some(Action::Stop));
            }
            Event::Gone(connection) => self.is_struck |= !self.ended.remove(&connection),
            _ => {}
        }
    }
}

#[test]
fn an_end_that_is_seen_late_is_charged_to_what_brought_it_about() {
    let start = || -> Box<dyn Server> {
        let right = Responder::of(Service::Calculator);
        Box::new(EndsLate { right, ended: HashSet::new(), is_struck: false })
    };
    assert_eq!(told(&check(Service::Calculator, Transport::Tcp, start)), "FRAME-22");
}

#[test]
fn each_mutant_fails_what_it_breaks() {
    let of = |mutant: &'static Mutant| {
        Transport::kinds().filter(move |it| mutant.applies(it.0, it.1)).map(move |it| (mutant, it))
    };
    let all: Vec<_> = mutant::all().iter().flat_map(of).collect();
    let survivors =
        side_by_side(&all, |&(mutant, (service, transport))| surviving(mutant, service, transport));
    let survivors: Vec<String> = survivors.into_iter().flatten().collect();
    assert!(survivors.is_empty(), "\n{}", survivors.join("\n"));
}

/// Of which services the first requirement that a mutant breaks does not tell it, and why.
const TOLD_OTHERWISE: [(&str, Service, &str); 6] = [
    ("splits-lines", Service::Message, "a separator of lines is text like any other"),
    ("last-comer", Service::Greeting, "three of four clients are told nothing"),
    ("last-comer", Service::Time, "three of four clients are told nothing"),
    ("receives-1000", Service::Message, "a message that is cut off gets the same thanks"),
    ("one-buffer", Service::Message, "a message that is mixed up gets the same thanks"),
    ("one-line-behind", Service::Message, "the message before got the same thanks"),
];

/// What is wrong with what a mutant is told.
fn surviving(mutant: &'static Mutant, service: Service, transport: Transport) -> Option<String> {
    let report = check(service, transport, move || mutant.server(service));
    let breaks = mutant.breaks(service);
    let failed = |id| report.failures(id).next().is_some();
    let others: Vec<String> = report
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Fail && !breaks.contains(&it.requirement.id))
        .map(|it| it.requirement.id.to_string())
        .collect();
    let otherwise = TOLD_OTHERWISE.iter().any(|it| it.0 == mutant.name && it.1 == service);
    let is_told = if otherwise {
        !failed(breaks[0]) && breaks.iter().any(|id| failed(*id))
    } else {
        failed(breaks[0])
    };
    (!is_told || !others.is_empty()).then(|| {
        format!(
            "{} of {service} over {transport}: breaks {breaks:?}, fails {}",
            mutant.name,
            told(&report)
        )
    })
}
