//! The reference server conforms, wherever it listens.

use super::*;

use trueline_conformance::case;

#[test]
fn the_reference_conforms_on_tcp() {
    let listen = format!("127.0.0.1:{}", free_port());
    let command = ["--", TRUELINE, "serve", "calculator", "--listen", &listen];
    let checked = check(&[], &command);
    checked.conforms();
    assert_eq!(checked.report["target"]["address"], listen);
    assert_eq!(checked.verdict("FRAME-25"), "pass");
}

#[test]
fn the_reference_conforms_on_udp() {
    let server = serve("calculator", &["--listen", "127.0.0.1:0", "--transport", "udp"]);
    check(&["--transport", "udp"], &[&server.address.to_string()]).conforms();
}

/// At an address nothing is started again, so FRAME-25 does not apply, and that is no failure.
#[test]
fn the_reference_conforms_at_an_address_of_ipv6() {
    let Ok(probe) = TcpListener::bind("[::1]:0") else {
        panic!("this machine has no IPv6 loopback address, which the test needs");
    };
    drop(probe);
    let server = serve("calculator", &["--listen", "[::1]:0", "--transport", "both"]);
    assert!(server.address.is_ipv6());
    let address = server.address.to_string();

    let checked = check(&[], &[&address]);
    assert_eq!(checked.with("fail"), Vec::<&str>::new());
    assert_eq!((checked.exit, checked.verdict("FRAME-25")), (0, "skip"));
    assert_eq!(checked.report["target"]["address"], address);
    assert_eq!(checked.report["target"]["command"], Value::Null);

    check(&["--transport", "udp"], &[&address]).conforms();
}

/// The suite at its usual size, once.
#[test]
fn the_reference_conforms_with_all_generated_cases() {
    let listen = format!("127.0.0.1:{}", free_port());
    let command = ["--", TRUELINE, "serve", "calculator", "--listen", &listen];
    // A busy machine is given the time for all of them.
    let options = ["--cases", "256", "--seed", "random", "--timeout", "30"];
    let checked = check(&options, &command);
    checked.conforms();
    assert!(checked.report["timing"]["exchanges"].as_u64() > Some(5000));
    for (name, case) in checked.report["cases"].as_object().unwrap() {
        assert_eq!(case["held"], case["planned"], "{name}: {case:#}");
    }
}

/// What is asked of a check is what is checked, and nothing else.
#[test]
fn a_selection_is_kept() {
    let server = serve("calculator", &["--listen", "127.0.0.1:0"]);
    let options = ["--only", "CALC-1,CALC-17,frame.cut", "--skip", "calculator.operator.any"];
    let checked = check(&options, &[&server.address.to_string()]);
    assert_eq!(checked.with("pass"), ["FRAME-5", "CALC-1", "CALC-17"]);
    assert_eq!(checked.exit, 0);
    let cases = checked.report["cases"].as_object().unwrap();
    let selected = |name: &str| {
        let case = case::all().find(|case| case.name == name).unwrap();
        let covers = case.covers.iter().map(ToString::to_string);
        let named = covers.into_iter().any(|id| ["CALC-1", "CALC-17"].contains(&id.as_str()));
        name == "frame.cut" || named && name != "calculator.operator.any"
    };
    for name in cases.keys() {
        assert!(selected(name), "{name}");
    }
    assert!(cases.contains_key("frame.cut") && cases.contains_key("calculator.operator"));
}

/// A case of the user's own is performed besides the suite's, and counts.
#[test]
fn own_cases_count() {
    let folder = tempfile::tempdir().unwrap();
    let case = |name: &str, due: &str| {
        let text = format!("case {name}\ncovers CALC-10\n> 20 22 +\n< {due}\n");
        std::fs::write(folder.path().join(format!("{name}.transcript")), text).unwrap();
    };
    case("my.sum", "Sum of 20 and 22 is 42");
    let server = serve("calculator", &["--listen", "127.0.0.1:0"]);
    let own = folder.path().to_str().unwrap();
    let address = server.address.to_string();
    let options = ["--cases-from", own, "--only", "CALC-10"];
    let checked = check(&options, &[&address]);
    assert_eq!((checked.exit, &checked.report["cases"]["my.sum"]["held"]), (0, &1.into()));

    case("my.wrong", "Sum of 20 and 22 is 43");
    check(&options, &[&address]).breaks(&["CALC-10"]);
}
