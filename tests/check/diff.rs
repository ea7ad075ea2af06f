//! Whole comparisons: what is alike, what differs and on which dialogue, and what cannot be compared.

use super::*;

use std::io::Read;
use std::sync::Mutex;
use std::thread;

use super::classroom::{Server, servers};

/// What came of a comparison.
struct Compared {
    exit: i32,
    told: String,
}

fn compare(service: &str, options: &[&str], [left, right]: [&str; 2]) -> Compared {
    let arguments = [&["diff", service, "--cases", "16"], options, &[left, right]].concat();
    let output = trueline(&arguments).output().unwrap();
    let told = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    Compared { exit: output.status.code().expect("an exit code"), told }
}

impl Compared {
    /// Both differ; what is shown of it, line by line.
    fn shown(&self) -> Vec<&str> {
        assert_eq!(self.exit, 1, "{}", self.told);
        let (_, shown) = self.told.split_once("on which they differ").expect(&self.told);
        let shown = shown.split("Shown by").next().unwrap();
        shown.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    fn is_alike(&self) {
        assert_eq!(self.exit, 0, "{}", self.told);
        assert!(self.told.contains("\nAlike: "), "{}", self.told);
    }
}

/// A command that serves a wrong server, as one argument.
fn mutant(service: &str, options: &str) -> String {
    format!("'{TRUELINE}' serve {service} --listen 127.0.0.1:0 {options}")
}

#[test]
fn the_servers_in_python_are_like_the_reference() {
    // One of each service and transport: that they all conform, another test shows.
    let mut servers = servers();
    servers.sort_by_key(|it| (it.service, it.transport));
    servers.dedup_by_key(|it| (it.service, it.transport));
    let (servers, wrong) = (Mutex::new(servers), Mutex::new(Vec::new()));
    let work = || loop {
        let next = servers.lock().unwrap().pop();
        let Some(Server { service, transport, file }) = next else { return };
        if !service.manner().answers() {
            // They make no replies that could be compared.
            continue;
        }
        let command = format!("{} '{}' 0", python(), classroom(&file));
        let options = ["--transport", transport];
        let Compared { exit, told } = compare(service.as_str(), &options, [&command, "reference"]);
        if exit != 0 {
            wrong.lock().unwrap().push(format!("{file}: exit code {exit}\n{told}"));
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reference_is_like_itself_over_sockets() {
    let served = serve("calculator", &["--listen", "127.0.0.1:0"]);
    let address = served.address.to_string();
    compare("calculator", &[], [&address, &address]).is_alike();
}

/// What is wrong with both is no difference: there is nothing to hold it against.
#[test]
fn two_that_are_wrong_in_the_same_way_are_alike() {
    for wrong in ["crlf", "floor-division"] {
        let wrong = mutant("calculator", &format!("--mutant {wrong}"));
        compare("calculator", &[], [&wrong, &wrong]).is_alike();
    }
}

#[test]
fn another_reply_is_shown_beside_the_right_one() {
    let wrong = mutant("calculator", "--mutant floor-division");
    let only = ["--only", "calculator.infix.replies,calculator.quotient"];
    let compared = compare("calculator", &only, [&wrong, "reference"]);
    let shown = ["> 1/2", "left        | right", "✗ < 1/2 = 0.0 | < 1/2 = 0.5"];
    assert_eq!(compared.shown(), shown);
    assert!(compared.told.contains("calculator.quotient"), "{}", compared.told);
    // Same seed, same targets, same dialogue.
    assert_eq!(compare("calculator", &only, [&wrong, "reference"]).shown(), shown);
}

#[test]
fn another_terminator_and_another_end_are_differences() {
    let crlf = mutant("calculator", "--mutant crlf");
    let compared = compare("calculator", &[], ["reference", &crlf]);
    assert_eq!(compared.shown(), [">", "left        | right", r"✗ < ERR empty | < ERR empty\r"]);
    let open = mutant("calculator", "--mutant never-closes");
    let compared = compare("calculator", &["--timeout", "1"], [&open, "reference"]);
    assert_eq!(compared.shown().last(), Some(&"✗ (stays open) | ? closed"), "{}", compared.told);
}

#[test]
fn a_reply_without_lf_is_shown_with_what_is_missing() {
    let program = format!("{} '{}'", python(), classroom("original/calculator_server.py"));
    let compared =
        compare("calculator", &["--only", "calculator.postfix"], [&program, "reference"]);
    let shown = compared.shown();
    let found = shown.iter().any(|line| line.starts_with('✗') && line.contains("(no LF)"));
    assert!(found && shown[0].starts_with("> 0 0 "), "{}", compared.told);
}

/// A cut is needed to tell this one, and stays in what is shown.
#[test]
fn a_request_in_pieces_stays_in_pieces() {
    let wrong = mutant("calculator", "--mutant recv-is-message");
    let compared = compare("calculator", &["--only", "FRAME-5"], [&wrong, "reference"]);
    let pieces = compared.shown().iter().filter(|line| line.starts_with('>')).count();
    assert_eq!(pieces, 2, "{}", compared.told);
}

/// It ends when it is to divide.
const DIES: &str = "\
import os, socket, sys, threading
sys.path.insert(0, sys.argv[1])
from arithmetic import reply
from framing import LineReader

def converse(connection):
    reader = LineReader()
    while octets := connection.recv(4096):
        for message in reader.push(octets):
            if b'/' in message:
                os._exit(7)
            connection.sendall((reply(message) + '\\n').encode())
    connection.sendall(''.join(reply(message) + '\\n' for message in reader.end()).encode())
    connection.close()

server = socket.create_server(('127.0.0.1', 0))
while True:
    threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()
";

#[test]
fn a_program_that_ends_is_launched_again_until_it_is_known_why() {
    let script = Script::new(DIES);
    let program = format!("{} '{}' '{}'", python(), script.path(), classroom("line"));
    let compared = compare("calculator", &["--only", "CALC"], [&program, "reference"]);
    let shown = compared.shown();
    assert!(shown[0].starts_with("> ") && shown[0].contains('/'), "{}", compared.told);
    assert!(shown[0].len() < 10, "{}", compared.told);
    assert!(shown[2].starts_with("✗ (closed) | < "), "{}", compared.told);
    assert!(
        compared.told.contains("Left: the program ended with exit code 7"),
        "{}",
        compared.told
    );
}

/// Where a server listens that does this with each connection.
fn listening(each: impl Fn(std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(each));
    address
}

#[test]
fn silence_is_a_difference_to_a_reply_and_nothing_to_silence() {
    let silent = || {
        let held = Mutex::new(Vec::new());
        listening(move |connection| held.lock().unwrap().push(connection))
    };
    let options = ["--timeout", "1"];
    let compared = compare("calculator", &options, [&silent(), "reference"]);
    assert_eq!(compared.shown()[2], "✗ (no reply) | < ERR empty", "{}", compared.told);
    let compared = compare("calculator", &options, [&silent(), &silent()]);
    assert_eq!(compared.exit, 4, "{}", compared.told);
    assert!(
        compared.told.contains("\nNeither answers anything. Inconclusive."),
        "{}",
        compared.told
    );
    let compared = compare("calculator", &options, [&listening(drop), &listening(drop)]);
    assert_eq!(compared.exit, 4, "{}", compared.told);
}

#[test]
fn who_does_not_answer_the_same_twice_is_named() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let counting = listening(move |mut connection| {
        let mut octets = [0; 4096];
        while let Ok(1..) = connection.read(&mut octets) {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let _ = std::io::Write::write_all(&mut connection, format!("{number}\n").as_bytes());
        }
    });
    let compared = compare("calculator", &["--only", "frame.reply"], ["reference", &counting]);
    assert_eq!(compared.exit, 1, "{}", compared.told);
    assert!(compared.told.contains("Right does not answer the same twice"), "{}", compared.told);
}

#[test]
fn where_nothing_listens_there_is_nothing_to_compare() {
    for transport in ["tcp", "udp"] {
        let address = format!("127.0.0.1:{}", free_port());
        let compared = compare("calculator", &["--transport", transport], ["reference", &address]);
        assert_eq!(compared.exit, 3, "{}", compared.told);
        assert!(
            compared.told.contains("Nothing answers there, on the right."),
            "{}",
            compared.told
        );
    }
    let compared = compare("calculator", &[], ["reference", "true"]);
    assert_eq!(compared.exit, 3, "{}", compared.told);
}

#[test]
fn two_that_want_the_same_port_are_told_so() {
    let program = classroom("line/greeting_select.py");
    let command = format!("{} '{program}' {}", python(), free_port());
    let compared = compare("greeting", &["--isolation", "none"], [&command, &command]);
    assert_eq!(compared.exit, 4, "{}", compared.told);
    assert!(compared.told.contains("give each one of its own"), "{}", compared.told);
    // In isolation both have it.
    let compared = compare("greeting", &["--isolation", "full"], [&command, &command]);
    assert_eq!(compared.exit, 0, "{}", compared.told);
}
