//! Reports that are made up, without a run.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use trueline_conformance::judge::{Fault, Kind, Untimely};
use trueline_conformance::report::{
    Check, Conduct, Counterexample, Ended, Failure, Finding, Outcome, Printed, Recurrence, Report,
    Unlaunched, Verdict,
};
use trueline_conformance::spec::{Level, Spec};
use trueline_conformance::target::{Ending, LastWords, LaunchError, Output};
use trueline_conformance::transcript::{Client, Dialogue, Text};
use trueline_conformance::transport::Transport::Tcp;
use trueline_protocol::service::Service;

pub(crate) fn check() -> Check {
    Check { seed: 1, cases: 24, ..Check::of(Service::Calculator, Tcp, "127.0.0.1:8040") }
}

/// Every kind of fault, with this in the place of whatever the clock or the system decides.
pub(crate) fn kinds(measured: u16) -> Vec<Kind> {
    let octets = || b"30".to_vec();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, measured));
    let waited = Duration::from_millis(measured.into());
    let kinds = vec![
        Kind::Refused,
        Kind::Silence(waited, octets()),
        Kind::Late(octets()),
        Kind::Wrong(octets()),
        Kind::NotText(octets()),
        Kind::Unterminated(octets()),
        Kind::Terminator(octets()),
        Kind::Closed(octets()),
        Kind::Reset(octets()),
        Kind::Extra(octets()),
        Kind::StaysOpen(waited),
        Kind::Stray(address, octets()),
        Kind::NotQuiet(octets()),
        Kind::Stuck(measured.into()),
        Kind::NotRestarted("it is gone".to_owned()),
        Kind::Elsewhere(address),
        Kind::Unprinted(waited),
        Kind::Clock(octets(), Untimely::Off(measured.into())),
        Kind::Ended,
        Kind::Unasked(waited, octets()),
        Kind::RunsOn(waited),
        Kind::Crashed,
        Kind::Unable("too many open files".to_owned()),
    ];
    // Whoever adds a kind adds it above, and its word to the schema.
    for kind in &kinds {
        match kind {
            Kind::Refused | Kind::Silence(..) | Kind::Late(_) | Kind::Wrong(_) => {}
            Kind::NotText(_) | Kind::Unterminated(_) | Kind::Terminator(_) | Kind::Closed(_) => {}
            Kind::Reset(_) | Kind::Extra(_) | Kind::StaysOpen(_) | Kind::Stray(..) => {}
            Kind::NotQuiet(_) | Kind::Stuck(_) | Kind::NotRestarted(_) | Kind::Elsewhere(_) => {}
            Kind::Unprinted(_) | Kind::Clock(..) | Kind::Ended | Kind::Unable(_) => {}
            Kind::Unasked(..) | Kind::RunsOn(_) | Kind::Crashed => {}
        }
    }
    kinds
}

/// A report whose only case, of FRAME-1, failed in these ways.
pub(crate) fn failing(check: Check, kinds: Vec<Kind>) -> Report {
    let verdict = if kinds.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let mut report = found(check, Level::Must, verdict, None);
    let charged = report.requirements[0].requirement.id;
    let failure = |kind| Failure {
        charged,
        seen: Counterexample {
            dialogue: Dialogue::pair("1 2 +", Text::octets("Sum of 1 and 2 is 3")),
            written: 2,
            exchange: vec![],
            fault: Fault { step: 1, client: Client::A, kind },
            frames: None,
            spoken: None,
        },
        smallest: None,
        recurrence: Recurrence::Alone,
        ending: None,
    };
    report.cases[0].failures = kinds.into_iter().map(failure).collect();
    report
}

/// A report of one requirement of this level and one case, with this verdict.
pub(crate) fn found(check: Check, level: Level, verdict: Verdict, why: Option<&str>) -> Report {
    let mut all = Spec::current().requirements();
    let requirement = all.find(|it| it.level == level).unwrap().clone();
    let why = why.map(str::to_owned);
    let case = Outcome {
        name: "made.up".to_owned(),
        covers: vec![requirement.id],
        verdict,
        why: why.clone(),
        failures: vec![],
        notes: vec![],
        held: 0,
        went_well: vec![],
        known: 0,
        planned: 1,
        hurried: false,
        exchanges: 0,
        elapsed: Duration::from_micros(1500),
    };
    Report {
        check,
        requirements: vec![Finding { requirement, verdict, why }],
        cases: vec![case],
        diagnoses: vec![],
        baseline: None,
        program: None,
        exchanges: 0,
        elapsed: Duration::from_micros(2500),
        reached: true,
        lifetime: None,
    }
}

/// What a program did that ended by itself.
pub(crate) fn conduct() -> Conduct {
    let output = Output::default();
    let ended = Ended {
        ending: Ending::Exited(3),
        case: Some("made.up".to_owned()),
        last_words: LastWords::default(),
    };
    let printed = |text: &str| Printed { text: text.to_owned(), octets: text.len() as u64 };
    Conduct {
        stdout: printed("ready <b>&\n"),
        stderr: printed("what a day\n"),
        complaint: vec!["what a day".to_owned()],
        ..Conduct::of(2, Some(ended), &output, 5)
    }
}

/// A check that did not take place.
pub(crate) fn unlaunched(error: LaunchError) -> Unlaunched {
    let check = Check { command: Some("./server".to_owned()), ..check() };
    Unlaunched { check, error, elapsed: Duration::from_micros(2500) }
}
