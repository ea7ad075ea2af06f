//! The classroom's programs: servers that keep the protocol, one that does not, and clients.

use super::*;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Mutex;
use std::thread;

use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

/// How the classroom's servers are written, and what they speak over.
const STYLES: [(&str, &str); 6] = [
    ("threaded", "tcp"),
    ("select", "tcp"),
    ("asyncio", "tcp"),
    ("socketserver", "tcp"),
    ("udp", "udp"),
    ("server", "tcp"),
];

/// A server of the folder: its service, what it speaks over, and its file.
pub(super) struct Server {
    pub(super) service: Service,
    pub(super) transport: &'static str,
    pub(super) file: String,
}

/// Every server in Python: `word_length_select.py` is one of word-length.
pub(super) fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for entry in std::fs::read_dir(classroom("line")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let named = file.strip_suffix(".py").and_then(|name| name.rsplit_once('_'));
        let Some((service, style)) = named else { continue };
        let style = STYLES.iter().find(|(known, _)| *known == style);
        if let (Ok(service), Some((_, transport))) = (service.replace('_', "-").parse(), style) {
            servers.push(Server { service, transport, file: format!("line/{file}") });
        }
    }
    servers
}

#[test]
fn there_are_servers_of_every_service_and_style() {
    let servers = servers();
    for service in Service::ALL {
        let own = servers.iter().filter(|server| server.service == *service);
        let transports: BTreeSet<&str> = own.map(|server| server.transport).collect();
        let due = Transport::of(*service).len();
        assert_eq!(transports.len(), due, "{service} has servers over {transports:?}");
    }
    for (style, _) in STYLES {
        let suffix = format!("_{style}.py");
        assert!(servers.iter().any(|server| server.file.ends_with(&suffix)), "{style}");
    }
}

#[test]
fn the_servers_in_python_conform() {
    let (servers, wrong) = (Mutex::new(servers()), Mutex::new(Vec::new()));
    let work = || loop {
        let next = servers.lock().unwrap().pop();
        let Some(Server { service, transport, file }) = next else { return };
        let command = ["--", python(), &classroom(&file), &free_port()];
        let checked = check_of(service.as_str(), &["--transport", transport], &command);
        if (checked.exit, checked.open()) != (0, Vec::new()) {
            let told = (checked.with("fail"), checked.open());
            wrong.lock().unwrap().push(format!("{file}: exit code {}, {told:?}", checked.exit));
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_server_in_node_conforms() {
    let version = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    assert!(
        version.is_ok_and(|it| it.success()),
        "this test runs a program of JavaScript: tests/setup installs node"
    );
    for transport in ["tcp", "udp"] {
        let program = classroom("line/word_length.js");
        let command = ["--", "node", &program, transport, &free_port()];
        check_of("word-length", &["--transport", transport], &command).conforms();
    }
}

/// The linker of Rust is a compiler of C.
#[test]
fn the_server_in_c_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("word_length");
    let program = program.to_str().unwrap();
    let built = Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-o", program])
        .arg(classroom("line/word_length.c"))
        .status();
    assert!(
        built.is_ok_and(|it| it.success()),
        "this test runs a program of C: tests/setup installs a C compiler"
    );
    for transport in ["tcp", "udp"] {
        let command = ["--", program, transport, &free_port()];
        check_of("word-length", &["--transport", transport], &command).conforms();
    }
}

/// The original sends its reply without LF. The report names that, shows the reply, and does not blame the sum.
#[test]
fn the_original_fails_with_its_reply_shown() {
    let program = classroom("original/calculator_server.py");
    let folder = tempfile::tempdir().unwrap();
    let human = folder.path().join("report.txt");
    let both = ["--format", "human", "--output", human.to_str().unwrap()];
    let checked = check(&both, &["--", python(), &program]);
    checked.breaks(&["FRAME-3"]);
    let failure = &checked.failures("FRAME-3")[0];
    assert_eq!(failure["kind"], "unterminated", "{failure:#}");
    assert_eq!(failure["observed"]["text"], "Sum of 10 and 20 is 30");

    let told = std::fs::read_to_string(human).unwrap();
    let (before, reply) = told.split_once("✗ FRAME-3 (MUST)").expect(&told);
    assert!(!before.contains("MUST"), "{told}");
    assert!(reply.contains("< Sum of 10 and 20 is 30"), "{told}");
}

/// What a client prints when a person types this, talking to the reference server.
fn typed(service: &str, transport: &str, client: &str, typed: &str) -> String {
    let server = serve(service, &["--listen", "127.0.0.1:0", "--transport", transport]);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    let mut client = Command::new(python())
        .args([&classroom(client), &host, &port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_calculator_client_talks_to_the_reference() {
    let asked = "10 20 +\n5 / 2\n(*, -003, +4)\n1 0 /\nwhat?\n\n";
    let printed = typed("calculator", "tcp", "line/calculator_client.py", asked);
    let replies: Vec<&str> = printed.split("Enter Command ").map(str::trim_end).collect();
    assert_eq!(replies[..4], ["", "Sum of 10 and 20 is 30", "5/2 = 2.5", "-003*+4 = -12"]);
    assert!(replies[4].starts_with("ERR division-by-zero"), "{replies:?}");
    assert!(replies[5].starts_with("ERR syntax"), "{replies:?}");
    assert_eq!(replies[6..], [""]);
}

#[test]
fn word_length_clients_talk_to_the_reference() {
    for (transport, client) in
        [("tcp", "line/word_length_client.py"), ("udp", "line/word_length_udp_client.py")]
    {
        let printed = typed("word-length", transport, client, "hello wörld\n \nx\n\n");
        let replies: Vec<&str> = printed.split("Enter Words ").map(str::trim_end).collect();
        assert_eq!(replies, ["", "5 h, 5 w", "ERR empty", "1 x", ""], "{transport}");
    }
}

#[test]
fn a_message_client_talks_to_the_reference() {
    let printed = typed("message", "tcp", "line/message_client.py", "Hello Server HBD\n\n");
    let replies: Vec<&str> = printed.split("Enter Message ").map(str::trim_end).collect();
    assert_eq!(replies, ["", "Thanks...", ""]);
}

#[test]
fn a_time_client_talks_to_the_reference() {
    let printed = typed("time", "tcp", "line/time_client.py", "");
    let told = printed.trim_end();
    let told = told.rsplit_once(": ").map_or(told, |it| it.1);
    assert!(trueline_protocol::time::date_time(told).is_some(), "{printed}");
}

#[test]
fn a_greeting_client_talks_to_the_reference() {
    let printed = typed("greeting", "tcp", "line/greeting_client.py", "");
    assert!(printed.contains("Thank you for connecting"), "{printed}");
}
