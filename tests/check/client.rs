//! Clients: the classroom's conform, wrong ones break what they break, and what is nobody's business is nobody's fault.

use super::*;

/// Checks a client: `options`, then what follows `--client`. SHOULD counts.
pub(super) fn check_client(service: &str, options: &[&str], target: &[&str]) -> Checked {
    let client = ["check", service, "--client", "--strict", "--format", "json"];
    let output = trueline(&[&client, options, target].concat()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}), but {said}"));
    valid(&report);
    assert_eq!(report["target"]["role"], "client");
    Checked { exit: output.status.code().expect("an exit code"), report }
}

/// Checks a calculator's client in Python: `talk` is a function of a connection, or of a socket and an address.
fn check_script(options: &[&str], source: &str) -> Checked {
    let script = Script::new(source);
    check_client("calculator", options, &["--", python(), script.path()])
}

/// What goes wrong is told in words, whatever it is.
const HANDLED: &str =
    "import socket, sys\nsys.excepthook = lambda kind, error, trace: print(error)\n";

/// A client on TCP whose lines stand below the connection.
fn on_tcp(lines: &str) -> Checked {
    let begin = "server = socket.create_connection(('localhost', 8040))\n";
    check_script(&[], &format!("{HANDLED}{begin}{lines}"))
}

/// A client on UDP whose lines stand below the socket.
fn on_udp(lines: &str) -> Checked {
    let begin = "server = socket.socket(type=socket.SOCK_DGRAM)\naddress = ('127.0.0.1', 40)\n";
    check_script(&["--transport", "udp"], &format!("{HANDLED}{begin}{lines}"))
}

impl Checked {
    /// It conforms; of what it was not asked there is only this.
    fn conforms_but_for(&self, skipped: &[&str]) {
        let untested = "FRAME-28";
        assert_eq!(self.with("fail"), Vec::<&str>::new(), "{:#}", self.report);
        assert_eq!((self.exit, &self.report["conclusion"]), (0, &"conforms".into()));
        let open: Vec<&str> = self.with("skip").into_iter().filter(|id| *id != untested).collect();
        assert_eq!(open, skipped, "{:#}", self.report);
    }
}

#[test]
fn the_classrooms_clients_conform() {
    let conforms = |service: &str| {
        for (transport, file) in [("tcp", "client"), ("udp", "udp_client")] {
            let file = format!("line/{}_{file}.py", service.replace('-', "_"));
            let command = ["--", python(), &classroom(&file), "localhost", "40"];
            let checked = check_client(service, &["--transport", transport], &command);
            checked.conforms_but_for(&[]);
            assert_eq!(checked.report["target"]["address"], "40", "{file}");
        }
    };
    std::thread::scope(|scope| {
        for service in ["calculator", "word-length", "message", "greeting", "time"] {
            scope.spawn(|| conforms(service));
        }
        for service in ["chat", "connect"] {
            scope.spawn(move || {
                let file = classroom(&format!("line/{service}_client.py"));
                let command = ["--", python(), &file, "localhost", "40"];
                check_client(service, &[], &command).conforms_but_for(&[]);
            });
        }
    });
}

#[test]
fn a_client_at_a_path_is_told_its_port() {
    let file = classroom("line/calculator_client.py");
    let told = ["--arg", "localhost", "--arg", "{port}"];
    check_client("calculator", &told, &[&file]).conforms_but_for(&[]);
    let without = [&["--isolation", "none", "--only", "CLIENT-2"], &told[..]].concat();
    let checked = check_client("calculator", &without, &[&file]);
    assert_eq!((checked.exit, checked.with("pass")), (0, vec!["CLIENT-2"]));
}

#[test]
fn what_is_left_to_a_client_is_no_fault() {
    // One request, and its end; no prompt, and a reply on the line of a label, without an end.
    let once = "server.sendall(input().encode())
server.sendall(b'\\n')
with server.makefile() as lines: print('Reply:', lines.readline().rstrip(), end='')
";
    on_tcp(once).conforms_but_for(&["CLIENT-4"]);
    // A connection for each request, CRLF, an end of its own half, and output that is kept back until its end.
    let each = "import io
sys.stdout = io.TextIOWrapper(open(1, 'wb', 65536))
for line in sys.stdin:
    with socket.create_connection(('127.0.0.1', 40)) as server:
        server.sendall(line.rstrip().encode() + b'\\r\\n')
        server.shutdown(socket.SHUT_WR)
        print(*server.makefile())
";
    check_script(&[], &format!("{HANDLED}{each}")).conforms_but_for(&[]);
    // The request in its words.
    let words = "server = socket.create_connection(('localhost', 40))
server.sendall(sys.argv[1].encode() + b'\\n')
print(server.makefile().readline())
";
    let script = Script::new(&format!("{HANDLED}{words}"));
    let command = ["--", python(), script.path(), "{message}"];
    check_client("calculator", &[], &command).conforms_but_for(&["CLIENT-4"]);
}

#[test]
fn a_wrong_client_on_tcp_breaks_what_it_breaks() {
    let ask = "def ask(line):\n    server.sendall(line.strip().encode() + b'\\n')\n";
    let lines = "for line in sys.stdin:\n    ask(line)\n";
    let read = "with server.makefile() as replies:\n  for line in sys.stdin:\n    ask(line)\n    reply = replies.readline().rstrip()\n";
    let wrong = [
        // One recv is taken for one reply.
        ("CLIENT-3", format!("{ask}{lines}    print(server.recv(1024).decode())\n")),
        // What Python writes of octets.
        ("CLIENT-2", format!("{ask}{lines}    print(server.makefile('rb').readline())\n")),
        // No terminator: nobody replies.
        (
            "FRAME-27",
            format!("{lines}    print(server.recv(1024).decode())\n")
                .replace("ask(line)", "server.sendall(line.strip().encode())"),
        ),
        // Another request than was typed.
        (
            "CLIENT-1",
            format!("{ask}{read}    print(reply)\n")
                .replace("    ask(line)", "    ask(repr(line))"),
        ),
        // Only what is no error is shown.
        ("CLIENT-5", format!("{ask}{read}    if 'ERR' not in reply: print(reply)\n")),
        // The reply to the second is never read.
        (
            "CLIENT-4",
            format!("{ask}{read}    print(reply)\n    break\nfor line in sys.stdin: ask(line)\n"),
        ),
        // The end of its input is no end.
        (
            "CLIENT-6",
            format!("{ask}{read}    print(reply)\n  import time\n  while True: time.sleep(1)\n"),
        ),
        // The end of the connection is a reply, for ever; and so is its reset.
        (
            "CLIENT-7",
            format!(
                "{ask}{lines}    reply = b''\n    while not reply.endswith(b'\\n'):\n        try: reply += server.recv(1024)\n        except OSError: pass\n    print(reply.decode())\n"
            ),
        ),
        // Nobody handles either.
        (
            "CLIENT-8",
            format!(
                "sys.excepthook = sys.__excepthook__\n{ask}{read}    print(reply.split()[0], reply)\n"
            ),
        ),
    ];
    // Most of it is waiting for what does not come.
    std::thread::scope(|scope| {
        for (id, text) in &wrong {
            scope.spawn(|| on_tcp(text).breaks(&[id]));
        }
    });
}

#[test]
fn a_wrong_client_on_udp_breaks_what_it_breaks() {
    let lines = "for line in sys.stdin:\n    server.sendto(line.strip().encode(), address)\n";
    on_udp(&format!("{lines}    print(server.recv(1024).decode())\n")).breaks(&["CLIENT-9"]);
    let patient = "server.settimeout(1)\n";
    on_udp(&format!("{patient}{lines}    print(server.recv(1024))\n")).breaks(&["CLIENT-2"]);
}

#[test]
fn a_client_that_goes_nowhere_is_not_checked() {
    let nowhere = trueline(&["check", "greeting", "--client", "--", "true"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(3));
    let said = String::from_utf8_lossy(&nowhere.stderr);
    assert!(said.contains("did not connect to any server over TCP"), "{said}");
    let unknown = ["--isolation", "none", "--", "true"];
    let unknown = [&["check", "greeting", "--client"], &unknown[..]].concat();
    let unknown = trueline(&unknown).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(said.contains("name the port with `--port`"), "{said}");
}
