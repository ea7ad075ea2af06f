//! Chats and bare connections: right servers of habits that are allowed, wrong ones, and wrong clients.

use super::*;

use std::io::Write;

use super::client::check_client;

/// Checks the server of the pages, in which these lines take the place of what is called the same.
fn check_with(service: &str, lines: &str) -> Checked {
    let (file, program) = (Script::new(lines), classroom("page/server.py"));
    let command = ["--", python(), &program, service, "tcp", &free_port(), file.path()];
    check_of(service, &["--strict"], &command)
}

/// A program that ends with its talk, or with its connection, has a right to.
#[test]
fn a_server_may_serve_one_client_and_end() {
    for (service, function, id) in [("chat", "talk", "CHAT-7"), ("connect", "visit", "CONN-3")] {
        let lines = format!(
            "def {function}_on(server):\n    connection, _ = server.accept()\n    with connection:\n        {function}(connection)\n"
        );
        let checked = check_with(service, &lines);
        assert_eq!((checked.exit, checked.with("fail")), (0, vec![]), "{:#}", checked.report);
        assert_eq!(checked.with("skip"), [id]);
        assert_eq!(checked.with("blocked"), Vec::<&str>::new());
    }
}

/// What asks for input may stand behind what was said.
#[test]
fn a_prompt_may_stand_on_the_line_of_what_was_said() {
    let lines = "\
def show(said):
    print(said, end='; you: ', flush=True)
";
    check_with("chat", lines).conforms();
}

#[test]
fn a_wrong_server_breaks_what_it_breaks() {
    let wrong = [
        // What Python writes of octets.
        ("chat", "CHAT-2", "def show(said):\n    print(said.encode(), flush=True)\n"),
        // Nothing at all.
        ("chat", "CHAT-2", "def show(said):\n    pass\n"),
        ("chat", "CHAT-6", "def heard(line):\n    return line.decode(errors='replace') or '-'\n"),
        ("connect", "CONN-1", "def visit(connection):\n    connection.sendall(b'hello')\n"),
        ("connect", "CONN-2", "def visit(connection):\n    connection.recv(1)\n"),
    ];
    std::thread::scope(|scope| {
        for (service, id, lines) in wrong {
            scope.spawn(move || check_with(service, lines).breaks(&[id]));
        }
    });
}

/// A server that neither waits for its turn nor lets go of a client.
#[test]
fn a_server_that_does_not_take_turns_is_told() {
    let lines = "\
import threading

def talk(connection):
    threading.Thread(target=hear, args=[connection], daemon=True).start()
    while reply := typed():
        say(connection, reply)

def hear(connection):
    for line in lines(connection):
        show(heard(line))
";
    let checked = check_with("chat", lines);
    assert_eq!(checked.exit, 1);
    for (id, verdict) in
        [("CHAT-1", "pass"), ("CHAT-2", "pass"), ("CHAT-3", "fail"), ("CHAT-5", "fail")]
    {
        assert_eq!(checked.verdict(id), verdict, "{id}: {:#}", checked.report);
    }
}

/// Nobody types at an address.
#[test]
fn at_an_address_there_is_no_operator() {
    let server = serve("chat", &["--listen", "127.0.0.1:0"]);
    let checked = check_of("chat", &[], &[&server.address.to_string()]);
    assert_eq!(checked.with("fail"), Vec::<&str>::new());
    assert_eq!(checked.verdict("CHAT-1"), "skip");
    let told = checked.report["cases"]["chat.plain"]["why"].as_str().unwrap_or_default();
    assert!(told.contains("an operator who can be played"), "{told}");
}

#[test]
fn a_chat_has_no_datagrams() {
    for arguments in [
        &["check", "chat", "--transport", "udp", "127.0.0.1:8040"][..],
        &["serve", "connect", "--transport", "both"],
        &["call", "chat", "--transport", "udp", "127.0.0.1:8040"],
    ] {
        let output = trueline(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is spoken over TCP only"), "{said}");
    }
}

#[test]
fn a_wrong_client_breaks_what_it_breaks() {
    let begin = "import socket, sys
sys.excepthook = lambda kind, error, trace: print(error)
server = socket.create_connection(('localhost', 40))
replies = server.makefile()
";
    let wrong = [
        // The empty line is said, too.
        (
            "chat",
            "CHAT-10",
            "for line in sys.stdin:\n  server.sendall(line.encode())\n  reply = replies.readline()\n  if not reply: break\n  print(reply)\n",
        ),
        // What is typed is said at once.
        (
            "chat",
            "CHAT-11",
            "import threading, os
def hear():
  for reply in replies: print(reply, flush=True)
  os._exit(0)
threading.Thread(target=hear).start()
while line := sys.stdin.readline().strip(): server.sendall(line.encode() + b'\\n')
server.shutdown(socket.SHUT_WR)
",
        ),
        ("connect", "CONN-4", "while True: server.recv(1)\n"),
    ];
    std::thread::scope(|scope| {
        for (service, id, lines) in wrong {
            scope.spawn(move || {
                let script = Script::new(&format!("{begin}{lines}"));
                check_client(service, &[], &["--", python(), script.path()]).breaks(&[id]);
            });
        }
    });
}

/// Another chat with the reference, typed at both ends.
#[test]
fn the_classrooms_client_talks_to_the_classrooms_server() {
    let mut server = Command::new(python())
        .args([&classroom("line/chat_server.py"), "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    heard.read_line(&mut line).unwrap();
    let port = line.trim().rsplit_once(':').unwrap().1.to_owned();
    let mut operator = server.stdin.take().unwrap();
    operator.write_all("Grüß dich\nbis bald\n".as_bytes()).unwrap();
    let mut client = Command::new(python())
        .args([&classroom("line/chat_client.py"), "localhost", &port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all("Hallo\nTschüss\n\n".as_bytes()).unwrap();
    let said = client.wait_with_output().unwrap();
    assert!(said.status.success());
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("Grüß dich\n") && said.contains("bis bald\n"), "{said}");
    for due in ["Hallo", "Tschüss", "the talk is over"] {
        line.clear();
        heard.read_line(&mut line).unwrap();
        assert!(line.contains(due), "{line}");
    }
    server.kill().unwrap();
    server.wait().unwrap();
}
