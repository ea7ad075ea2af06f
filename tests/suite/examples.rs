//! Every example of SPEC.md runs, in simulation and over sockets, and the examples leave nothing out.

use std::collections::BTreeSet;
use std::time::Duration;

use trueline_conformance::case::{self, Body, Case};
use trueline_conformance::relies::asked;
use trueline_conformance::report::{Check, Report, Verdict};
use trueline_conformance::run::{Host, Patience, Selection, run};
use trueline_conformance::spec::{Level, Spec, TEXT};
use trueline_conformance::transcript::Client;
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_protocol::calculator::{Notation, Operator, parse};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::responder::Responder;
use trueline_protocol::service::{Manner, Service};

use crate::kinds;

/// The cases of a service that are examples.
fn examples(service: Service) -> Vec<&'static Case> {
    let names: BTreeSet<&str> =
        Spec::current().examples().iter().map(|example| example.name.as_str()).collect();
    case::of(service).iter().filter(|case| names.contains(case.name.as_str())).collect()
}

#[test]
fn every_example_is_a_case() {
    // Read without the suite's reader: a block that it overlooks would be missing here.
    let mut fenced = false;
    let mut written = Vec::new();
    for line in TEXT.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if let (true, Some(name)) = (fenced, line.strip_prefix("case ")) {
            written.push(name);
        }
    }
    assert!(written.len() > 50, "{}", written.len());
    let examples = Spec::current().examples();
    assert_eq!(examples.len(), written.len());
    for example in examples {
        // As it stands there it is asked of the service in whose words it is written.
        let owner = match (&example.service, example.name.split_once('.')) {
            (Some(service), _) => service.parse(),
            (None, Some(("frame" | "err", _))) => Ok(Service::Calculator),
            (None, named) => named.map_or("", |it| it.0).parse(),
        };
        let owner: Service = owner.unwrap_or_else(|error| panic!("{}: {error}", example.name));
        let found: Vec<&Case> =
            case::of(owner).iter().filter(|case| case.name == example.name).collect();
        let [case] = found[..] else { panic!("{} cases are {}", found.len(), example.name) };
        let Body::Written(dialogue) = &case.body else { panic!("{} is generated", case.name) };
        assert_eq!(*dialogue, example.dialogue, "{}", case.name);
        assert_eq!(case.covers.len(), example.covers.len(), "{}", case.name);
    }
}

#[test]
fn every_testable_must_has_an_example() {
    for (service, transport) in kinds() {
        let cases = examples(service).into_iter();
        let cases = cases.filter(|case| case.transport.is_none_or(|only| only == transport));
        let shown: BTreeSet<_> = cases.flat_map(|case| case.covers.clone()).collect();
        for requirement in Spec::current().binding(service, transport) {
            let due = requirement.level == Level::Must && requirement.untested.is_none();
            let id = requirement.id;
            assert!(!due || shown.contains(&id), "{service} over {transport}: no example for {id}");
        }
    }
}

#[test]
fn every_notation_operator_and_error_code_has_an_example() {
    let mut requests = Vec::new();
    let mut replies = Vec::new();
    for example in Spec::current().examples() {
        for (request, reply) in asked(&example.dialogue, Client::A, Transport::Tcp) {
            requests.extend(String::from_utf8(request));
            replies.push(reply.to_string());
        }
    }
    for notation in Notation::ALL {
        for operator in Operator::ALL {
            let shows = |text: &String| {
                parse(text).is_ok_and(|it| it.notation == notation && it.operator == operator)
            };
            assert!(requests.iter().any(shows), "{notation:?} with {operator:?}");
        }
    }
    for code in ErrorCode::ALL {
        let due = format!(r"ERR {code}\{{detail}}");
        assert!(replies.contains(&due), "{code}");
    }
}

#[test]
fn every_example_holds_in_simulation() {
    for (service, transport) in kinds() {
        let host = Simulated::new(transport, move || Box::new(Responder::of(service)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        holds(&runtime.block_on(perform(&host, service, transport)), service, transport);
    }
}

/// Launched, so that those are performed, too, that start it again.
#[cfg(target_os = "linux")]
#[test]
fn every_example_holds_over_sockets() {
    use trueline_conformance::run::Live;
    use trueline_conformance::target::{Recipe, Target};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (service, transport) in kinds() {
        let on = transport.to_string();
        let free = free().to_string();
        let trueline = env!("CARGO_BIN_EXE_trueline");
        let serve = [trueline, "serve", service.as_str(), "--transport", &on];
        let recipe = Recipe::new(serve.into_iter().chain(["--listen", &free]), transport);
        let types = service.manner() == Manner::Talk;
        let recipe = Recipe { types, ..recipe };
        let report = runtime.block_on(async {
            let host = Live::start(Target::Command(recipe), transport).await.unwrap();
            let report = perform(&host, service, transport).await;
            host.stop().await;
            report
        });
        holds(&report, service, transport);
    }
}

/// A port that was free a moment ago, so that a server can be started on it twice.
#[cfg(target_os = "linux")]
fn free() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap()
}

async fn perform<H: Host>(host: &H, service: Service, transport: Transport) -> Report {
    let check = Check { seed: 1, cases: 1, ..Check::of(service, transport, "test") };
    let selection =
        Selection::new(&examples(service), service, transport, &[], &[]).expect("examples");
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    run(host, check, patience, &selection, &mut |_| {}).await
}

/// Each example of the transport was performed, whole, and held.
fn holds(report: &Report, service: Service, transport: Transport) {
    let examples = examples(service);
    let due = examples.iter().filter(|it| it.transport.is_none_or(|on| on == transport)).count();
    assert_eq!(report.cases.len(), due, "{transport}");
    // What fails is told before what is left out because of it.
    let failed = report.cases.iter().filter(|case| case.verdict == Verdict::Fail);
    let others = report.cases.iter().filter(|case| case.verdict != Verdict::Fail);
    for case in failed.chain(others) {
        let told = (&case.why, &case.failures, &case.notes);
        assert_eq!(
            case.verdict,
            Verdict::Pass,
            "{} of {service} over {transport}: {told:?}",
            case.name
        );
        assert_eq!(
            case.held, case.planned,
            "{} of {service} over {transport}: {told:?}",
            case.name
        );
        assert!(case.held > 0, "{} of {service} over {transport}", case.name);
    }
}
