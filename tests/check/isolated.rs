//! What isolation gives a program, what it says where it cannot be had, and what a helper that lies brings about: nothing.

use super::*;

use std::fs;
use std::time::Duration;

use trueline_conformance::blame::Blame;
use trueline_conformance::isolation::Isolation;
use trueline_conformance::report::{Check, Conclusion};
use trueline_conformance::run::{Live, Patience, Selection, run as perform};
use trueline_conformance::target::{LaunchError, Place, Recipe, Target};
use trueline_conformance::transport::Transport;

/// Listens on the port of the classroom, which only root may bind outside, and says `{}` to everybody.
const PORT_40: &str = "\
import socket
server = socket.create_server(('', 40))
while True:
    server.accept()[0].close()
";

fn run<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test)
}

/// How a script is launched in isolation, by this helper.
fn recipe(helper: &str, script: &Script) -> Recipe {
    let folder = Path::new(script.path()).parent().unwrap().to_owned();
    Recipe {
        place: Place::Isolated(Isolation::new(helper)),
        directory: Some(folder),
        ..Recipe::new([python(), "server.py"], Transport::Tcp)
    }
}

/// Each has a port 40 of its own, at the same time as all the others.
#[test]
fn many_listen_on_the_same_port() {
    let script = Script::new(PORT_40);
    let recipe = recipe(TRUELINE, &script);
    let launches: u32 = std::env::var("TRUELINE_LAUNCHES").map_or(24, |n| n.parse().unwrap());
    let began = std::time::Instant::now();
    let worker = async || {
        let mut ports = Vec::new();
        for _ in 0..launches / 8 {
            let running = recipe.launch().await.unwrap_or_else(|error| panic!("{error}"));
            ports.push(running.bound().port());
            running.stop().await;
        }
        ports
    };
    let workers = (0..8).map(|_| worker());
    let ports: Vec<u16> = run(futures_util::future::join_all(workers)).concat();
    assert_eq!(ports, vec![40; launches as usize / 8 * 8]);
    println!("{launches} launches, 8 at a time: {:?}", began.elapsed());
}

/// A program finds its machine's name, its folder to write to, and what it prints is told as ever.
#[test]
fn a_program_is_at_home() {
    let script = Script::new(
        "\
import os, socket, sys
open('notes.txt', 'w').write('mine')
open('/tmp/notes.txt', 'w').write('mine')
host = socket.gethostbyname(socket.gethostname())
server = socket.create_server((host, 0))
server.accept()
",
    );
    let recipe = recipe(TRUELINE, &script);
    run(async {
        let running = recipe.launch().await.unwrap_or_else(|error| panic!("{error}"));
        assert!(running.bound().ip().is_loopback());
        running.stop().await;
    });
    let folder = Path::new(script.path()).parent().unwrap();
    assert!(!folder.join("notes.txt").exists(), "what it writes is its own");
}

/// The system's word is told as without isolation.
#[test]
fn a_program_that_cannot_be_started_is_told_as_ever() {
    let script = Script::new("");
    let refused = |command: &[&str]| {
        let recipe = Recipe {
            command: command.iter().map(Into::into).collect(),
            ..recipe(TRUELINE, &script)
        };
        run(recipe.launch()).expect_err("it came up")
    };
    assert!(matches!(refused(&["no-such-program"]), LaunchError::NotOnPath { .. }));
    assert!(matches!(refused(&["./no-such-program"]), LaunchError::NoSuchFile { .. }));
    assert!(matches!(refused(&["./server.py"]), LaunchError::NotExecutable { .. }));
    let ended = refused(&["sh", "-c", "kill -SEGV $$"]).to_string();
    assert!(ended.contains("was ended by SIGSEGV"), "{ended}");
    let ended = refused(&["sh", "-c", "echo sorry >&2; exit 7"]).to_string();
    assert!(ended.contains("ended with exit code 7") && ended.contains("sorry"), "{ended}");
}

/// A helper in Python that reads its plan and then does something else than it should.
fn liar(lie: &str) -> (Script, String) {
    let script = Script::new("");
    let path = Path::new(script.path()).with_file_name("helper");
    let source = format!(
        "#!/usr/bin/env python3
import array, json, os, socket, sys, time
control = socket.socket(fileno=0)
octets, rights, _, _ = control.recvmsg(4, socket.CMSG_SPACE(16))
left = int.from_bytes(octets, sys.byteorder)
while left > 0:
    left -= len(control.recv(left))
told = os.fdopen(array.array('i', rights[0][2][:4])[0], 'w')
def tell(event):
    print(json.dumps(event), file=told, flush=True)
def answer(error, *descriptors):
    socket.send_fds(control, [error.to_bytes(4, sys.byteorder)], list(descriptors))
{lie}
"
    );
    fs::write(&path, source).unwrap();
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (script, path)
}

/// Whatever a helper says while it sets up, the program is not to blame, and nobody waits for ever.
#[test]
fn a_helper_that_lies_is_the_machines_fault() {
    for lie in [
        "",
        "told.write('x' * 100000)",
        "tell('Ended')",
        "tell({'Ended': {'status': 0}})",
        "tell({'Failed': {'step': 'Files', 'at': None, 'errno': 1}})",
        "tell('Apart')\ntime.sleep(1000)",
        // The table is a file, a pipe, a socket of another kind, several at once, or none.
        "tell('Started')\nanswer(0, os.open('/etc/passwd', os.O_RDONLY))\ntime.sleep(1000)",
        "tell('Started')\nanswer(0, socket.socket().fileno())\ntime.sleep(1000)",
        "tell('Started')\nanswer(0, 0, 1)\ntime.sleep(1000)",
        "tell('Started')\nanswer(0, *([0] * 50))\ntime.sleep(1000)",
        "tell('Started')\nanswer(0)\ntime.sleep(1000)",
        "tell('Started')\nanswer(5)\ntime.sleep(1000)",
    ] {
        let (script, helper) = liar(lie);
        let mut recipe = recipe(&helper, &script);
        recipe.start_limit = Duration::from_millis(300);
        let error = run(recipe.launch()).expect_err("it came up");
        assert_eq!(error.blame(), Blame::Machine, "{lie}: {error}");
    }
}

/// A helper that hands over wrong sockets when the program listens already: nothing is charged to the program.
#[test]
fn a_helper_that_hands_over_wrong_sockets_leaves_all_open() {
    // It claims a program that listens: itself, outside of any isolation.
    let (script, helper) = liar(
        "
server = socket.create_server(('127.0.0.1', 0))
if (pid := os.fork()) == 0:
    if os.fork() == 0:
        time.sleep(1000)
    time.sleep(1000)
table = socket.socket(16, socket.SOCK_RAW, 4)
tell('Started')
while asked := control.recv(1):
    if asked == b'k':
        answer(0, table.fileno())
    else:
        answer(0, socket.socket(socket.AF_UNIX).fileno())
",
    );
    let recipe = recipe(&helper, &script);
    let service = trueline_protocol::service::Service::Calculator;
    let cases: Vec<_> = trueline_conformance::case::of(service).iter().collect();
    let selection =
        Selection::new(&cases, service, Transport::Tcp, &["CALC-1".to_owned()], &[]).unwrap();
    let report = run(async {
        let host = Live::start(Target::Command(recipe), Transport::Tcp).await;
        let host = host.unwrap_or_else(|error| panic!("{error}"));
        let check = Check::of(service, Transport::Tcp, host.bound().to_string());
        let patience = Patience::of(Duration::from_secs(5));
        let report = perform(&host, check, patience, &selection, &mut |_| {}).await;
        host.stop().await;
        report
    });
    assert_ne!(report.conclusion(), Conclusion::DoesNotConform);
    assert_ne!(report.conclusion(), Conclusion::Conforms);
    assert_eq!(report.all_failures().count(), 0);
}

/// What this machine offers is tried, and agrees with what a check says. Within isolation there is none: so both are seen.
#[test]
fn a_doctor_tells_what_a_check_has() {
    let output = trueline(&["doctor"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said.starts_with("Launched programs are isolated on this machine"), "{said}");
    assert!(!said.contains('✗'), "{said}");

    let script = Script::new("");
    let within = |command: &str| {
        let recipe = Recipe {
            command: ["sh", "-c", command, TRUELINE].iter().map(Into::into).collect(),
            ..recipe(TRUELINE, &script)
        };
        run(recipe.launch()).expect_err("it came up").to_string()
    };
    let said = within("$0 doctor | grep -A 1 'limited to 0'");
    assert!(
        said.contains("Found here: the number of namespaces of users is limited to 0."),
        "{said}"
    );
    assert!(said.contains("Mend: `sudo sysctl user.max_user_namespaces=10000`."), "{said}");
    let said =
        within("$0 check calculator --isolation full -- $0 serve calculator 2>&1; echo exit $?");
    assert!(said.contains("exit 4"), "{said}");
    // Over UDP, for this one waits for a connection to be possible, and would have found it.
    let auto = "$0 check calculator --transport udp --only CALC-1 --cases 1 \\
                -- $0 serve calculator --transport udp | grep -e isolated -e Conforming";
    let said = within(auto);
    assert!(said.contains("it is not isolated: namespaces of users"), "{said}");
    assert!(said.contains("Conforming"), "{said}");
    let diff = "$0 diff calculator --transport udp --only CALC-1 --cases 1 reference \
                \"$0 serve calculator --transport udp\" | grep isolated";
    let said = within(diff);
    assert!(said.contains("What is launched is not isolated: namespaces of users"), "{said}");
}
