//! What a script may rely on in a JSON report: the schema, and what right and wrong servers look like.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod conclusions;
mod failures;
mod made;
mod schema;
mod simulated;
mod valid;

use serde_json::{Value, json};
use trueline_conformance::transport::Transport::{self, Tcp, Udp};
use trueline_protocol::service::Service;

use simulated::simulated;
use valid::valid;

#[test]
fn a_right_server_conforms() {
    for (service, transport) in Transport::kinds() {
        let report = checked(service, transport, None);
        assert_eq!(report["conclusion"], "conforms");
        assert_eq!(report["why"], Value::Null);
        assert_eq!(failing(&report), Vec::<&str>::new());
        assert_eq!(report["service"], service.as_str());
        assert_eq!(report["transport"], transport.to_string());
        assert_eq!(report["counts"]["fail"], 0);
        assert!(report["counts"]["pass"].as_u64() >= Some(3), "{}", report["counts"]);
        for (name, case) in report["cases"].as_object().unwrap() {
            assert_eq!(
                (&case["verdict"], &case["held"]),
                (&json!("pass"), &case["planned"]),
                "{name}"
            );
        }
    }
}

#[test]
fn wrong_servers_fail_what_they_break() {
    for (transport, mutant, id) in [
        (Tcp, "floor-division", "CALC-12"),
        (Udp, "floor-division", "CALC-12"),
        (Tcp, "one-request", "FRAME-8"),
        (Udp, "other-port", "FRAME-32"),
        (Tcp, "silent", "FRAME-1"),
    ] {
        let report = wrong(transport, mutant);
        assert_eq!(report["conclusion"], "does-not-conform");
        let failing = failing(&report);
        assert!(failing.contains(&id), "{failing:?}");
        // One wrong server may break several requirements, but not what another area is about.
        let area = |id: &str| id.split('-').next().map(str::to_owned);
        assert!(failing.iter().all(|other| area(other) == area(id)), "{failing:?}");
    }
}

#[test]
fn a_silent_server_passes_nothing() {
    for transport in [Tcp, Udp] {
        let report = wrong(transport, "silent");
        assert_eq!(report["counts"]["pass"], 0);
        assert_ne!(report["conclusion"], "conforms");
    }
}

#[test]
fn a_failure_tells_what_was_due_and_what_came() {
    let report = wrong(Tcp, "floor-division");
    let failure = first_failure(&report);
    assert_eq!((&failure["kind"], &failure["recurrence"]), (&json!("wrong"), &json!("alone")));
    let (due, came) = (failure["expected"].as_str(), failure["observed"]["text"].as_str());
    assert!(due.is_some() && came.is_some() && due != came, "{failure}");
    assert_eq!(failure["observed"]["octets"], came.unwrap().len());
    let case = failure["case"].as_str().unwrap();
    let again = format!("trueline check calculator --seed 1 --only {case} simulation");
    assert_eq!(failure["again"], again);

    let report = wrong(Tcp, "silent");
    let failure = first_failure(&report);
    assert_eq!(failure["kind"], "silence");
    assert_eq!(failure["message"], "No reply came in time.");
    let nothing = json!({ "text": "", "hex": "", "octets": 0, "truncated": false });
    assert_eq!(failure["observed"], nothing);
}

#[test]
fn the_same_check_gives_the_same_report() {
    for (transport, mutant) in [
        (Tcp, None),
        (Udp, None),
        (Tcp, Some("floor-division")),
        (Tcp, Some("one-request")),
        (Udp, Some("other-port")),
    ] {
        let [mut one, mut two] = [(); 2].map(|()| checked(Service::Calculator, transport, mutant));
        for report in [&mut one, &mut two] {
            let timing = report.as_object_mut().unwrap().shift_remove("timing");
            assert!(timing.is_some_and(|timing| timing["elapsed_ms"].as_f64() > Some(0.0)));
        }
        // As text, for the order of the members is part of it.
        assert_eq!(one.to_string(), two.to_string());
    }
}

/// The whole suite against a calculator with this fault.
fn wrong(transport: Transport, mutant: &str) -> Value {
    checked(Service::Calculator, transport, Some(mutant))
}

/// The whole suite against a server in simulation, which has this fault, or none.
fn checked(service: Service, transport: Transport, mutant: Option<&str>) -> Value {
    valid(&simulated(service, transport, mutant))
}

fn failing(report: &Value) -> Vec<&str> {
    let requirements = report["requirements"].as_array().unwrap().iter();
    requirements.filter(|it| it["verdict"] == "fail").filter_map(|it| it["id"].as_str()).collect()
}

fn first_failure(report: &Value) -> &Value {
    let requirements = report["requirements"].as_array().unwrap().iter();
    requirements.flat_map(|it| it["failures"].as_array().unwrap()).next().unwrap()
}
