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
fn captures_of_what_is_not_apart() {
    let shell = Shell::new();
    shell.file("a-file", "");
    let served = "-- trueline serve calculator --listen 127.0.0.1:0";
    for (name, arguments) in [
        ("pcap-address", format!("--pcap pcaps {ADDRESS}")),
        ("pcap-not-isolated", format!("--pcap pcaps --isolation none {served}")),
        ("pcap-is-a-file", format!("--pcap a-file --isolation full {served}")),
    ] {
        told(&shell, name, &format!("trueline check calculator {arguments}"), 2);
    }
}

#[test]
fn unknown_service() {
    refused("unknown-service", &format!("calculater {ADDRESS}"));
}

#[test]
fn unknown_dialect() {
    refused("unknown-dialect", &format!("calculator --dialect orignal {ADDRESS}"));
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
fn a_list_that_is_no_table() {
    told(&Shell::new(), "markdown-of-cases", "trueline list cases --markdown", 2);
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
fn all_services_at_once() {
    let shell = Shell::new();
    told(&shell, "unknown-service-to-serve", "trueline serve mesage", 2);
    told(&shell, "serve-all-mutant", "trueline serve all --mutant crlf", 2);
    // However many services there are, as a test must be true of the next one, too.
    let (exit, text) = shell.run("trueline serve all --listen 127.0.0.1:65535");
    assert!(exit == 2 && text.contains("is too near to the last port"), "{text}");
}

/// With the place in the file that is wrong.
#[test]
fn files_that_say_where_to_listen() {
    for (name, file) in [
        ("empty", ""),
        ("no-toml", "[message\nlisten = \"127.0.0.1:0\"\n"),
        ("unknown-key", "[message]\nlisten = \"127.0.0.1:0\"\nports = 2\n"),
        ("wrong-type", "[message]\nlisten = 8040\n"),
        ("bad-address", "[message]\nlisten = [\"127.0.0.1:0\", \"example.org:80\"]\n"),
        ("bad-transport", "[message]\nlisten = \"127.0.0.1:0\"\ntransport = \"tpc\"\n"),
        (
            "same-port",
            "[message]\nlisten = \"127.0.0.1:8040\"\n\n[calculator]\nlisten = \"localhost:8040\"\n",
        ),
    ] {
        let shell = Shell::new();
        shell.file("services.toml", file);
        told(&shell, &format!("config-{name}"), "trueline serve all --config services.toml", 2);
    }
    let shell = Shell::new();
    shell.file("services.toml", "[mesage]\nlisten = \"127.0.0.1:0\"\n");
    let (exit, text) = shell.run("trueline serve all --config services.toml");
    assert!(exit == 2 && text.contains("services.toml:1:2") && text.contains("no such service"));
    let serve = "trueline serve";
    told(&shell, "config-missing", &format!("{serve} all --config missing.toml"), 2);
    told(&shell, "config-of-one", &format!("{serve} message --config services.toml"), 2);
    let line = format!("{serve} all --config services.toml --transport both");
    told(&shell, "config-and-transport", &line, 2);
}

#[test]
fn calls_that_ask_too_little_or_too_much() {
    let shell = Shell::new();
    told(&shell, "call-nothing-asked", &format!("trueline call calculator {ADDRESS}"), 2);
    told(&shell, "call-announcement", &format!("trueline call greeting {ADDRESS} hello"), 2);
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
fn neither_an_address_nor_a_path() {
    refused("address-no-file", "calculator ./server.py");
    refused("address-and-arg", &format!("calculator --arg 8040 {ADDRESS}"));
    refused("command-and-arg", "calculator --arg 8040 -- python3 server.py");
    refused("bad-env", &format!("calculator --env PORT {ADDRESS}"));
}

#[test]
fn paths_at_which_no_program_is_told() {
    let shell = Shell::new();
    std::fs::create_dir(shell.here().join("empty")).unwrap();
    told(&shell, "path-empty", "trueline check calculator empty", 2);
    shell.file("notes.txt", "");
    told(&shell, "path-unknown", "trueline check calculator notes.txt", 2);
    for name in ["words.py", "sums.py", "client.py"] {
        shell.file(&format!("several/{name}"), "");
    }
    told(&shell, "path-ambiguous", "trueline check calculator several", 2);
    shell.file("server.ipynb", "{\n  \"cells\": [\n    1\n  ]\n}\n");
    told(&shell, "path-notebook", "trueline check calculator server.ipynb", 2);
    shell.file("maven/pom.xml", "");
    told(&shell, "path-maven", "trueline check calculator maven", 2);
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
fn a_server_that_runs_is_not_isolated() {
    refused("isolation", &format!("calculator --isolation full {ADDRESS}"));
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
