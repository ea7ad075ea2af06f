//! The classroom's dialects: right servers and clients conform in theirs, wrong ones do not, and the originals pass as they are.

use super::*;

use std::thread;

/// The dialects of `tests/classroom/dialects`, each with the service that it is about.
const DIALECTS: [(&str, &str); 10] = [
    ("end-of-file", "message"),
    ("fixed", "calculator"),
    ("greeting", "calculator"),
    ("hash", "calculator"),
    ("infix", "calculator"),
    ("length", "calculator"),
    ("two-sends", "calculator"),
    ("udp-infix", "calculator"),
    ("udp-pair", "message"),
    ("words", "calculator"),
];

fn file(dialect: &str) -> String {
    classroom(&format!("dialects/{dialect}/{dialect}.toml"))
}

/// Does something for each of several, two at a time.
fn two_at_a_time<T: Sync>(all: &[T], each: impl Fn(&T) + Sync) {
    let (one, other) = all.split_at(all.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| other.iter().for_each(&each));
        one.iter().for_each(&each);
    });
}

fn keeps(what: &str, checked: &Checked) {
    let told: Vec<_> = checked.with("fail").into_iter().map(|id| checked.failures(id)).collect();
    assert_eq!(
        (checked.exit, &checked.report["conclusion"]),
        (0, &"conforms".into()),
        "{what}: {told:#?}"
    );
}

#[test]
fn a_right_server_conforms_in_its_dialect() {
    two_at_a_time(&DIALECTS, |(dialect, service)| {
        let server = classroom(&format!("dialects/{dialect}/server.py"));
        let checked = check_of(service, &["--strict", "--dialect", &file(dialect)], &[&server]);
        keeps(dialect, &checked);
        assert_eq!(checked.report["dialect"]["name"], *dialect);
        let kept = checked.with("pass").len();
        assert!(kept > 12, "{dialect}: {kept} requirements were asked about");
    });
}

#[test]
fn a_right_client_conforms_in_its_dialect() {
    two_at_a_time(&DIALECTS, |(dialect, service)| {
        let client = classroom(&format!("dialects/{dialect}/client.py"));
        let command = ["--", python(), &client, "localhost", "{port}"];
        let options =
            ["check", service, "--client", "--format", "json", "--dialect", &file(dialect)];
        let output = trueline(&[&options[..], &command].concat()).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        valid(&report);
        let checked = Checked { exit: output.status.code().unwrap(), report };
        keeps(dialect, &checked);
    });
}

/// Those whose messages are no lines.
#[test]
fn the_reference_conforms_in_dialects() {
    let unlike_lines = ["end-of-file", "fixed", "length", "two-sends", "udp-infix"];
    let dialects: Vec<_> = DIALECTS.into_iter().filter(|it| unlike_lines.contains(&it.0)).collect();
    assert_eq!(dialects.len(), unlike_lines.len());
    two_at_a_time(&dialects, |(dialect, service)| {
        let udp = dialect.starts_with("udp");
        let transport = ["--transport", if udp { "udp" } else { "tcp" }];
        let options = ["--listen", "127.0.0.1:0", "--dialect", &file(dialect)];
        let served = serve(service, &[&options[..], &transport].concat());
        let address = served.address.to_string();
        keeps(dialect, &check_of(service, &["--dialect", &file(dialect)], &[&address]));
    });
}

/// A right server with some words changed, and the requirement that it breaks first.
const WRONG: [(&str, &str, &str, &str); 16] = [
    ("words", "{left + right}", "{left + right + 1}", "CALC-10"),
    ("words", "\"OK {left", "\"OK: {left", "CALC-4"),
    (
        "words",
        "(answer(line.decode(errors=\"replace\")) + \"\\r\\n\")",
        "(answer(line.decode(errors=\"replace\")) + \"\\n\")",
        "FRAME-3",
    ),
    ("words", "ERR division", "NO division", "CALC-19"),
    (
        "hash",
        "if operator == \"-\":\n        return str(left - right)",
        "if operator == \"-\":\n        return str(right - left)",
        "CALC-10",
    ),
    (
        "hash",
        "while octets := connection.recv(1024):",
        "while octets := connection.recv(1024):\n            received = \"\"",
        "FRAME-5",
    ),
    ("length", "struct.pack(\">H\", len(reply))", "struct.pack(\"<H\", len(reply))", "FRAME-1"),
    ("length", "+ reply)", "+ reply + b\"\\n\")", "FRAME-3"),
    ("two-sends", "connection.sendall(b\"OK\")\n", "connection.sendall(b\"ok\")\n", "DIALECT-3"),
    ("greeting", "connection.sendall(b\"Welcome to the calculator\\n\")", "pass", "DIALECT-1"),
    (
        "greeting",
        "connection.sendall(b\"Bye\\n\")\n                break",
        "connection.sendall(b\"Bye\\n\")",
        "DIALECT-2",
    ),
    ("greeting", "Cannot divide by zero", "infinity", "CALC-19"),
    ("fixed", "reply.ljust(SIZE)", "reply", "FRAME-3"),
    ("udp-infix", "{left}{operator}{right} = ", "{right}{operator}{left} = ", "CALC-4"),
    ("udp-pair", "server.sendto(b\"Hello", "server.sendto(b\"hello", "MSG-1"),
    ("infix", "left / right", "left // right", "CALC-12"),
];

#[test]
fn a_wrong_server_breaks_what_its_dialect_says() {
    two_at_a_time(&WRONG, |(dialect, right, wrong, id)| {
        let (_, service) = DIALECTS.iter().find(|(name, _)| name == dialect).unwrap();
        let source =
            std::fs::read_to_string(classroom(&format!("dialects/{dialect}/server.py"))).unwrap();
        let changed = source.replace(right, wrong);
        assert_ne!(changed, source, "{dialect}: {right}");
        let script = Script::new(&changed);
        let checked = check_of(service, &["--dialect", &file(dialect)], &[script.path()]);
        let failed = checked.with("fail");
        assert!(failed.contains(id), "{dialect}, {wrong}: {failed:?} {:#}", checked.report);
        assert_eq!(checked.exit, 1, "{dialect}, {wrong}");
    });
}

#[test]
fn the_originals_pass_as_they_are() {
    let all = [
        ("calculator", "calculator_server.py"),
        ("message", "message_server.py"),
        ("greeting", "greeting_server.py"),
        ("greeting", "greeting_local_server.py"),
        ("chat", "chat_server.py"),
        ("connect", "connect_server.py"),
    ];
    two_at_a_time(&all, |(service, program)| {
        let program = classroom(&format!("original/{program}"));
        keeps(&program, &check_of(service, &["--dialect", "original"], &[&program]));
    });
}

#[test]
fn the_original_clients_pass_as_they_are() {
    two_at_a_time(&["calculator", "message", "greeting", "chat", "connect"], |service| {
        let program = classroom(&format!("original/{service}_client.py"));
        let options = ["check", service, "--client", "--dialect", "original", &program];
        let output = trueline(&options).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{said}");
    });
}

#[test]
fn what_an_original_fails_in_line_is_one_flag_away() {
    let program = classroom("original/calculator_server.py");
    let checked = check_of("calculator", &["--dialect", "line"], &[&program]);
    assert_eq!(checked.exit, 1);
    assert_eq!(checked.verdict("FRAME-3"), "fail");
}

#[test]
fn where_nothing_tells_where_a_message_ends_cutting_is_no_fault() {
    let program = classroom("original/calculator_server.py");
    let checked = check_of("calculator", &["--dialect", "original"], &[&program]);
    let all = checked.report["requirements"].as_array().unwrap();
    let cut = all.iter().find(|it| it["id"] == "FRAME-5").unwrap();
    assert_eq!(
        (&cut["verdict"], &cut["level"], &cut["counted"]),
        (&"fail".into(), &"MAY".into(), &false.into())
    );
    assert_eq!(checked.exit, 0);
}

/// A Python original and the reference in the same dialect: neither does what the other does not.
#[test]
fn an_original_and_its_counterpart_are_alike() {
    two_at_a_time(&["calculator", "message"], |service| {
        let program =
            format!("{} {}", python(), classroom(&format!("original/{service}_server.py")));
        let options =
            ["diff", service, "--dialect", "original", "--cases", "4", &program, "reference"];
        let output = trueline(&options).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{service}: {said}");
    });
}

/// A wrong one is told.
#[test]
fn what_is_not_like_its_counterpart_is_told() {
    let source = std::fs::read_to_string(classroom("dialects/words/server.py")).unwrap();
    let script = Script::new(&source.replace("left - right", "right - left"));
    let program = format!("{} {}", python(), script.path());
    let options =
        ["diff", "calculator", "--dialect", &file("words"), "--cases", "16", &program, "reference"];
    let output = trueline(&options).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("CALC SUB"), "{said}");
}

/// What was kept of a check is performed again in its dialect.
#[test]
fn a_failure_in_a_dialect_can_be_replayed() {
    let source = std::fs::read_to_string(classroom("dialects/hash/server.py")).unwrap();
    let script = Script::new(&source.replace("left - right", "right - left"));
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().to_str().unwrap();
    let options = ["--dialect", &file("hash"), "--failures", kept];
    let checked = check_of("calculator", &options, &[script.path()]);
    assert_eq!(checked.exit, 1);
    let transcript = format!("{kept}/CALC-10.transcript");
    for (options, due) in [(vec!["--dialect", &file("hash")], 1), (vec![], 2)] {
        let replay = [&["replay"], &options[..], &[&transcript, script.path()]].concat();
        let output = trueline(&replay).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(due), "{said}{error}");
    }
    let script_of = Command::new(python()).arg(format!("{kept}/CALC-10.py")).arg("--help").output();
    assert!(script_of.is_ok(), "a Python program is kept, too");
}

/// Clients and servers of a dialect work with each other.
#[test]
fn the_clients_of_a_dialect_work_with_its_servers() {
    let folder = classroom("dialects/words");
    let options = [
        "diff",
        "calculator",
        "--dialect",
        &file("words"),
        "--clients",
        &folder,
        "--servers",
        &folder,
    ];
    let words = ["--client-arg", "{host}", "--client-arg", "{port}", "--server-arg", "{port}"];
    let output = trueline(&[&options[..], &words].concat()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}{error}");
}

/// Who serves one client after the other is right where nothing else is declared, and so is who takes one recv for one message
/// where nothing tells where a message ends.
#[test]
fn a_simple_server_is_right_where_nothing_more_is_declared() {
    const SEQUENTIAL: &str =
        "threading.Thread(target=converse, args=[connection], daemon=True).start()";
    let server = std::fs::read_to_string(classroom("dialects/infix/server.py")).unwrap();
    let declared =
        std::fs::read_to_string(file("infix")).unwrap().replace("clients = \"several\"\n", "");
    let simple = server.replace(SEQUENTIAL, "converse(connection)");
    assert_ne!(simple, server);
    let from = server.find("    with connection, ").unwrap();
    let to = server.find("\n\n\nport").unwrap();
    let body = "    with connection:\n        while octets := connection.recv(1024):\n            connection.sendall(answer(octets.decode(errors=\"replace\")).encode())";
    let unframed = format!("{}{body}{}", &server[..from], &server[to..]);
    let undeclared = declared
        .replace("framing = { ends = \"\\n\" }", "framing = \"none\"")
        .replace("empty = \"error\"\n", "");
    let folder = tempfile::tempdir().unwrap();
    let all = [("one-by-one", declared, simple), ("unframed", undeclared, unframed)];
    two_at_a_time(&all, |(name, dialect, source)| {
        let dialect_file = folder.path().join(format!("{name}.toml"));
        std::fs::write(&dialect_file, dialect).unwrap();
        let script = Script::new(source);
        let options = ["--dialect", dialect_file.to_str().unwrap()];
        keeps(name, &check_of("calculator", &options, &[script.path()]));
    });
}
