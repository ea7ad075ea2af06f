//! JSON reports repeat: two checks of the same target with the same seed differ in `timing` alone. That each keeps its
//! schema, every check of these tests shows.

use super::*;

/// A report without what the clock says.
fn steady(options: &[&str], target: &[&str]) -> String {
    let Checked { exit, mut report } = check(options, target);
    let timing = report.as_object_mut().unwrap().shift_remove("timing").unwrap();
    assert!(timing["elapsed_ms"].as_f64() > Some(0.0), "{timing:#}");
    assert!(timing["began"].is_string(), "{timing:#}");
    assert_eq!(report["exit_code"], exit);
    // As text, for the order of the members is part of it.
    format!("{exit} {report:#}")
}

#[test]
fn passing_reports_repeat() {
    for transport in ["tcp", "udp"] {
        let server = serve("calculator", &["--listen", "127.0.0.1:0", "--transport", transport]);
        let address = server.address.to_string();
        let options = ["--transport", transport, "--seed", "12"];
        let [one, two] = [(); 2].map(|()| steady(&options, &[&address]));
        assert_eq!(one, two);
        assert!(one.starts_with("0 "), "{one}");
    }
}

#[test]
fn failing_reports_repeat() {
    for mutant in ["recv-is-message", "stale-after-error"] {
        let server = serve("calculator", &["--listen", "127.0.0.1:0", "--mutant", mutant]);
        let address = server.address.to_string();
        let [one, two] = [(); 2].map(|()| steady(&[], &[&address]));
        assert_eq!(one, two, "{mutant}");
        assert!(one.starts_with("1 "), "{mutant}: {one}");
    }
}

#[test]
fn reports_of_a_launched_mutant_repeat_but_for_its_ports() {
    let mutant = ["--mutant", "one-request"];
    let serve = ["--", TRUELINE, "serve", "calculator", "--listen", "127.0.0.1:0"];
    let command = [&serve[..], &mutant].concat();
    let [one, two] = [(); 2].map(|()| {
        let report = steady(&[], &command);
        let address = report.split("\"address\": \"").nth(1).unwrap().split('"').next().unwrap();
        report.replace(address, "ADDRESS")
    });
    assert_eq!(one, two);
    assert!(one.starts_with("1 "), "{one}");
}

#[test]
fn reports_of_nothing_repeat() {
    for transport in ["tcp", "udp"] {
        let address = format!("127.0.0.1:{}", free_port());
        let [one, two] = [(); 2].map(|()| steady(&["--transport", transport], &[&address]));
        assert_eq!(one, two);
        assert!(one.starts_with("3 "), "{one}");
    }
}

#[test]
fn reports_of_programs_that_do_not_come_up_repeat() {
    let command = ["--", "sh", "-c", "echo what a day >&2; exit 7"];
    let [one, two] = [(); 2].map(|()| steady(&["--timeout", "4"], &command));
    assert_eq!(one, two);
    assert!(one.starts_with("3 ") && one.contains("never-came-up"), "{one}");
}

/// What of the suite was asked about, and how, stands in the report.
#[test]
fn a_report_of_a_part_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let own = "case my.sum\ncovers CALC-4\n> 1 2 +\n< Sum of 1 and 2 is 3\n\n\
               case my.datagram\ncovers CALC-4\ntransport udp\n> 1 2 +\n< Sum of 1 and 2 is 3\n";
    std::fs::write(folder.path().join("own.transcript"), own).unwrap();
    let server = serve("calculator", &["--listen", "127.0.0.1:0"]);
    let address = server.address.to_string();
    let own = ["--cases-from", folder.path().to_str().unwrap()];
    let Checked { report, .. } = check(&own, &[&address]);
    let selection = &report["selection"];
    assert_eq!((&selection["whole"], &selection["only"]), (&true.into(), &Value::Array(vec![])));
    assert_eq!(selection["own_cases"]["asked"], serde_json::json!(["my.sum"]));
    assert_eq!(selection["own_cases"]["unasked"], serde_json::json!(["my.datagram"]));
    assert_eq!(report["cases"]["my.sum"]["held"], 1);
    assert_eq!(report["target"]["notes"], Value::Array(vec![]));

    let part = [&own[..], &["--only", "FRAME-1, ,CALC-4", "--skip", "my.sum"]].concat();
    let Checked { report, .. } = check(&part, &[&address]);
    let selection = &report["selection"];
    assert_eq!(selection["whole"], false);
    assert_eq!(selection["only"], serde_json::json!(["FRAME-1", "CALC-4"]));
    assert_eq!(selection["skip"], serde_json::json!(["my.sum"]));
    assert_eq!(selection["own_cases"]["unasked"], serde_json::json!(["my.sum", "my.datagram"]));
    assert_eq!(report["options"], serde_json::json!([own.join(" ")]));
}

/// The transcript of a failure is a case that shows it again.
#[test]
fn a_failure_is_a_case() {
    let server = serve("calculator", &["--listen", "127.0.0.1:0", "--mutant", "floor-division"]);
    let address = server.address.to_string();
    let failed = check(&["--only", "CALC-12"], &[&address]);
    let folder = tempfile::tempdir().unwrap();
    let transcript = failed.failures("CALC-12")[0]["transcript"].as_str().unwrap();
    let case = format!("case again\ncovers CALC-12\n{transcript}");
    std::fs::write(folder.path().join("again.transcript"), case).unwrap();
    let own = ["--cases-from", folder.path().to_str().unwrap(), "--only", "again"];
    check(&own, &[&address]).breaks(&["CALC-12"]);
}

#[test]
fn another_seed_asks_other_things() {
    // What is shown of a failure is what was asked.
    let server = serve("calculator", &["--listen", "127.0.0.1:0", "--mutant", "wraps-at-32-bits"]);
    let address = server.address.to_string();
    let only = ["--only", "calculator.exact.any"];
    let [one, two] =
        ["1", "2"].map(|seed| steady(&[&only[..], &["--seed", seed]].concat(), &[&address]));
    let asked = |report: &str| report.split("\"transcript\": ").nth(1).map(str::to_owned);
    assert!(asked(&one).is_some());
    assert_ne!(asked(&one), asked(&two));
}

/// Both reports of one check tell the same, each where it was asked for.
#[test]
fn a_report_goes_where_it_is_asked_for() {
    let server = serve("calculator", &["--listen", "127.0.0.1:0", "--mutant", "crlf"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let address = server.address.to_string();
    let arguments = ["check", "calculator", &address, "--format", "human", "--format", "json"];
    let output =
        trueline(&[&arguments[..], &["--output", file.to_str().unwrap()]].concat()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let human = String::from_utf8(output.stdout).unwrap();
    assert!(human.contains("✗ FRAME-3") && !human.contains('\x1b'), "{human}");
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    valid(&report);
    assert_eq!(report["counts"]["fail"], 1);
}
