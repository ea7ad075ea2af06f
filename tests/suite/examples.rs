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
use trueline_protocol::service::Service;

use crate::TRANSPORTS;

/// The cases that are examples.
fn examples() -> Vec<&'static Case> {
    let names: BTreeSet<&str> =
        Spec::current().examples().iter().map(|example| example.name.as_str()).collect();
    case::all().iter().filter(|case| names.contains(case.name.as_str())).collect()
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
    for name in &written {
        let found = case::all().iter().filter(|case| case.name == *name).count();
        assert_eq!(found, 1, "{name}");
    }
    let cases = examples();
    assert_eq!(cases.len(), written.len());
    for example in Spec::current().examples() {
        let case = cases.iter().find(|case| case.name == example.name).unwrap();
        let Body::Written(dialogue) = &case.body else { panic!("{} is generated", case.name) };
        assert_eq!(*dialogue, example.dialogue, "{}", case.name);
        assert_eq!(case.covers.len(), example.covers.len(), "{}", case.name);
    }
}

#[test]
fn every_testable_must_has_an_example() {
    let shown: BTreeSet<_> = examples().iter().flat_map(|case| case.covers.clone()).collect();
    for transport in TRANSPORTS {
        for requirement in Spec::current().binding(Service::Calculator, transport) {
            let due = requirement.level == Level::Must && requirement.untested.is_none();
            assert!(!due || shown.contains(&requirement.id), "{} has no example", requirement.id);
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
    for transport in TRANSPORTS {
        let host = Simulated::new(transport, || Box::new(Responder::of(Service::Calculator)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        holds(&runtime.block_on(perform(&host, transport)), transport);
    }
}

/// Launched, so that those are performed, too, that start it again.
#[cfg(target_os = "linux")]
#[test]
fn every_example_holds_over_sockets() {
    use trueline_conformance::run::Live;
    use trueline_conformance::target::{Recipe, Target};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for transport in TRANSPORTS {
        let on = transport.to_string();
        let free = free().to_string();
        let serve = [env!("CARGO_BIN_EXE_trueline"), "serve", "calculator", "--transport", &on];
        let recipe = Recipe::new(serve.into_iter().chain(["--listen", &free]), transport);
        let report = runtime.block_on(async {
            let host = Live::start(Target::Command(recipe), transport).await.unwrap();
            let report = perform(&host, transport).await;
            host.stop().await;
            report
        });
        holds(&report, transport);
    }
}

/// A port that was free a moment ago, so that a server can be started on it twice.
#[cfg(target_os = "linux")]
fn free() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap()
}

async fn perform<H: Host>(host: &H, transport: Transport) -> Report {
    let check = Check { seed: 1, cases: 1, ..Check::of(Service::Calculator, transport, "test") };
    let selection =
        Selection::new(&examples(), Service::Calculator, transport, &[], &[]).expect("examples");
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    run(host, check, patience, &selection, &mut |_| {}).await
}

/// Each example of the transport was performed, whole, and held.
fn holds(report: &Report, transport: Transport) {
    let due = examples().iter().filter(|it| it.transport.is_none_or(|on| on == transport)).count();
    assert_eq!(report.cases.len(), due, "{transport}");
    for case in &report.cases {
        let told = (&case.why, &case.failures, &case.notes);
        assert_eq!(case.verdict, Verdict::Pass, "{} over {transport}: {told:?}", case.name);
        assert_eq!(case.held, case.planned, "{} over {transport}: {told:?}", case.name);
        assert!(case.held > 0, "{} over {transport}", case.name);
    }
}
