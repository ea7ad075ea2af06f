//! Nothing is left running: neither when a check is over, nor when it is interrupted.
//!
//! Each launched program connects to the test and has a descendant in a session of its own that keeps that connection,
//! too. Its end is the end of them all, without a look at any clock.

use super::*;

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Tells the test its process id, and leaves a descendant behind. Its argument: the test's port.
const FAMILY: &str = "\
import os, signal, socket, sys
watch = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
os.set_inheritable(watch.fileno(), True)
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
def tell():
    watch.sendall(b'%d\\n' % os.getpid())
";

/// Takes one for all: whatever it is asked, it says the same.
const ANSWERS: &str = "
server = socket.create_server(('127.0.0.1', 0))
tell()
while True:
    connection, _ = server.accept()
    with connection:
        if connection.recv(4096):
            connection.sendall(b'what?\\n')
";

/// Says who it is when somebody has come, and no more.
const HEARS_AND_SAYS_NOTHING: &str = "
server = socket.create_server(('127.0.0.1', 0))
held = [server.accept()]
tell()
while True:
    held.append(server.accept())
";

const NEVER_LISTENS: &str = "
tell()
while True:
    signal.pause()
";

/// A program that was launched by a check.
struct Family {
    root: Pid,
    watch: TcpStream,
}

/// A check under way, and where its programs report to.
struct UnderWay {
    check: Child,
    reports: TcpListener,
    _script: Script,
}

fn start(rest: &str, options: &[&str]) -> UnderWay {
    let reports = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = reports.local_addr().unwrap().port().to_string();
    let script = Script::new(&format!("{FAMILY}{rest}"));
    let command = ["--", python(), script.path(), &port];
    // These report to the test, which no isolated program can; those are in `hostile`.
    let first = ["check", "calculator", "--isolation", "none"];
    let arguments = [&first, options, &command].concat();
    let mut check = trueline(&arguments);
    check.stdout(Stdio::piped()).stderr(Stdio::piped());
    UnderWay { check: check.spawn().unwrap(), reports, _script: script }
}

impl UnderWay {
    /// Waits until a program has told who it is.
    fn family(&self) -> Family {
        let (watch, _) = self.reports.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&watch).read_line(&mut line).unwrap();
        let root = line.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
        Family { root, watch }
    }
}

impl Family {
    fn must_be_gone(mut self) {
        assert!(test_kill_process(self.root).is_err(), "the program runs");
        // Long enough for any machine; a descendant would stay for ever.
        self.watch.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        match self.watch.read(&mut [0]) {
            Ok(0) => {}
            other => panic!("a descendant runs: {other:?}"),
        }
    }
}

#[test]
fn when_a_check_is_over() {
    let under_way = start(ANSWERS, &["--cases", "1"]);
    let family = under_way.family();
    let output = under_way.check.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    family.must_be_gone();
}

#[test]
fn when_a_check_is_interrupted() {
    for signal in [Signal::TERM, Signal::INT] {
        // Patient enough not to be over before it is interrupted.
        interrupted(start(HEARS_AND_SAYS_NOTHING, &["--timeout", "600"]), signal);
    }
}

#[test]
fn when_a_launch_is_interrupted() {
    interrupted(start(NEVER_LISTENS, &["--timeout", "600"]), Signal::TERM);
}

fn interrupted(under_way: UnderWay, signal: Signal) {
    let family = under_way.family();
    let check = Pid::from_child(&under_way.check);
    kill_process(check, signal).unwrap();
    let output = under_way.check.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    family.must_be_gone();
}

#[test]
fn when_a_program_never_listens() {
    // The test takes the connection from the backlog only afterwards.
    let under_way = start(NEVER_LISTENS, &["--timeout", "2"]);
    let family = under_way.family();
    let output = under_way.check.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    family.must_be_gone();
}
