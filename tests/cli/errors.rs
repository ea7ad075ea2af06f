//! What is said to a command that cannot be carried out as it was given.

use super::*;

const ADDRESS: &str = "127.0.0.1:8040";

/// Says no to a check with these arguments; the message is the snapshot of this name.
fn refused(name: &str, arguments: &str) {
    told(&Shell::new(), name, &format!("trueline check {arguments}"), 2);
}

#[test]
fn no_target() {
    refused("no-target", "calculator");
}

#[test]
fn both_targets() {
    refused("both-targets", &format!("calculator {ADDRESS} -- trueline serve calculator"));
}

#[test]
fn unknown_service() {
    refused("unknown-service", &format!("calculater {ADDRESS}"));
}

#[test]
fn unknown_dialect() {
    refused("unknown-dialect", &format!("calculator --dialect original {ADDRESS}"));
}

#[test]
fn unknown_selectors() {
    refused("unknown-only", &format!("calculator --only FRAME-5,FRAME-99 {ADDRESS}"));
    refused("unknown-skip", &format!("calculator --skip frame.cutt {ADDRESS}"));
    // It is there, but not on this transport.
    refused("only-elsewhere", &format!("calculator --transport udp --only FRAME-5 {ADDRESS}"));
}

#[test]
fn nothing_selected() {
    refused("nothing-selected", &format!("calculator --only FRAME-5 --skip FRAME {ADDRESS}"));
    // No case covers what nobody can test.
    refused("nothing-testable-selected", &format!("calculator --only FRAME-23 {ADDRESS}"));
}

#[test]
fn unknown_mutant() {
    told(
        &Shell::new(),
        "unknown-mutant",
        "trueline serve calculator --listen 127.0.0.1:0 --mutant crfl",
        2,
    );
}

#[test]
fn nowhere_to_listen() {
    told(&Shell::new(), "bad-listen", "trueline serve calculator --listen example.org:80", 2);
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!("trueline serve calculator --listen {}", held.local_addr().unwrap());
    let shell = Shell::new();
    let (exit, text) = shell.run(&line);
    assert!(exit == 2 || exit == 4, "{text}");
    super::held(shell.folder.path(), "port-in-use", &text);
}

#[test]
fn two_reports_to_standard_output() {
    refused("two-reports", &format!("calculator --format json --format human {ADDRESS}"));
}

#[test]
fn an_output_that_cannot_be_written() {
    refused("unwritable", &format!("calculator --output missing/report.txt {ADDRESS}"));
}

#[test]
fn bad_addresses() {
    for (name, address) in [
        ("no-port", "localhost"),
        ("port-0", "127.0.0.1:0"),
        ("port-too-large", "127.0.0.1:99999"),
        ("port-is-a-name", "localhost:http"),
        ("no-brackets", "::1:8040"),
        ("url", "http://localhost:8040/"),
    ] {
        refused(&format!("address-{name}"), &format!("calculator {address}"));
    }
}

#[test]
fn another_machine() {
    refused("address-remote", "calculator 192.0.2.1:8040");
    refused("address-remote-name", "calculator example.org:8040");
}

#[test]
fn a_file_for_an_address() {
    let shell = Shell::new();
    shell.file("server.py", "");
    told(&shell, "address-is-a-file", "trueline check calculator server.py", 2);
}

#[test]
fn bad_numbers() {
    for (name, option) in [
        ("seed", "--seed yes"),
        ("cases", "--cases 0"),
        ("timeout", "--timeout 0"),
        ("port", "--port 65536"),
    ] {
        refused(&format!("bad-{name}"), &format!("calculator {option} {ADDRESS}"));
    }
}

#[test]
fn isolation_is_not_to_be_had() {
    refused("isolation", "calculator --isolation full -- trueline serve calculator");
}

/// With the place that does not parse.
#[test]
fn own_cases_that_do_not_parse() {
    let shell = Shell::new();
    shell.file("own/a.transcript", "case my.sum\ncovers CALC-4\n> 1 2 +\n< Sum of 1 and 2 is 3\n");
    shell.file("own/b.transcript", "case my.other\ncovers CALC-4\n> 1 2 +\n< Sum \\{of}\n");
    let line = format!("trueline check calculator --cases-from own {ADDRESS}");
    told(&shell, "own-case-unparsable", &line, 2);
}

#[test]
fn own_cases_that_are_not_text() {
    let shell = Shell::new();
    shell.file("own/a.transcript", b"case my.sum\ncovers CALC-4\n> 1 \xff 2 +\n");
    let line = format!("trueline check calculator --cases-from own {ADDRESS}");
    told(&shell, "own-case-not-utf8", &line, 2);
}

#[test]
fn own_cases_that_mean_nothing() {
    for (name, case) in [
        ("unknown-id", "case my.sum\ncovers CALC-99\n> 1 2 +\n< Sum of 1 and 2 is 3\n"),
        ("no-covers", "case my.sum\n> 1 2 +\n< Sum of 1 and 2 is 3\n"),
        ("name-taken", "case frame.cut\ncovers FRAME-5\n> 1 2 +\n< Sum of 1 and 2 is 3\n"),
        ("no-case", "# nothing yet\n"),
    ] {
        let shell = Shell::new();
        shell.file("own/a.transcript", case);
        let line = format!("trueline check calculator --cases-from own {ADDRESS}");
        told(&shell, &format!("own-case-{name}"), &line, 2);
    }
}

#[test]
fn no_own_cases() {
    let shell = Shell::new();
    std::fs::create_dir(shell.here().join("own")).unwrap();
    let check = |folder: &str| format!("trueline check calculator --cases-from {folder} {ADDRESS}");
    told(&shell, "own-cases-none", &check("own"), 2);
    told(&shell, "own-cases-missing", &check("missing"), 2);
}
