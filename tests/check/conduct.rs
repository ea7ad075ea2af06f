//! What a report tells of a program besides its replies: how it ended, what it printed, what it left open.

use super::*;

/// Answers sums, and keeps each connection for ever.
const KEEPS_CONNECTIONS: &str = "\
import socket, threading
kept = []
def talk(connection):
    kept.append(connection)
    for line in connection.makefile('rb'):
        left, right, _ = line.split()
        connection.sendall(b'Sum of %s and %s is %d\\n' % (left, right, int(left) + int(right)))
with socket.create_server(('', 8040)) as server:
    while True:
        threading.Thread(target=talk, args=[server.accept()[0]], daemon=True).start()
";

#[test]
fn a_program_that_forgets_close_is_told() {
    let script = Script::new(KEEPS_CONNECTIONS);
    for isolation in ["auto", "none"] {
        let options = ["--only", "CALC-1,CALC-4,CALC-10,CALC-11", "--isolation", isolation];
        let checked = check(&options, &["--", python(), script.path()]);
        assert_eq!(checked.report["program"]["leaves_connections_open"], true, "{isolation}");
        assert!(checked.report["timing"]["program"]["left_open"].as_u64() > Some(0));
        assert_eq!(checked.report["program"]["ended"], Value::Null);
    }
}

#[test]
fn no_right_server_is_accused() {
    let (python, port) = (python(), free_port());
    let listen = format!("127.0.0.1:{port}");
    let reference = vec![TRUELINE, "serve", "calculator", "--listen", &listen];
    let programs = ["threaded", "select", "asyncio", "socketserver"];
    let programs = programs.map(|style| classroom(&format!("line/calculator_{style}.py")));
    let classroom = programs.iter().map(|program| vec![python, program.as_str(), port.as_str()]);
    for command in classroom.chain([reference]) {
        let options = ["--only", "CALC-1,CALC-4,CALC-10,CALC-11"];
        let checked = check(&options, &[&["--"][..], &command].concat());
        assert_eq!(checked.exit, 0, "{:#}", checked.report);
        let program = &checked.report["program"];
        assert_eq!(program["leaves_connections_open"], false, "{command:?}");
        assert_eq!(program["ended"], Value::Null, "{command:?}");
    }
}

#[test]
fn how_a_program_ended_is_told() {
    for (end, code, signal) in [
        ("raise ValueError('no\\x1b[2J')", Value::from(1), Value::Null),
        ("os.abort()", Value::Null, Value::from("SIGABRT")),
    ] {
        let source = format!(
            "import os, socket, sys\nserver = socket.create_server(('', 8040))\nprint('ready')\n\
             connection, _ = server.accept()\nconnection.recv(99)\n\
             print('going', file=sys.stderr)\n{end}\n"
        );
        let script = Script::new(&source);
        let checked = check(&["--only", "calculator.postfix"], &["--", python(), script.path()]);
        let ended = &checked.report["program"]["ended"];
        assert_eq!((&ended["exit_code"], &ended["signal"]), (&code, &signal), "{ended:#}");
        assert!(ended["case"].is_string());
        let printed = &checked.report["timing"]["program"];
        assert!(printed["launches"].as_u64() > Some(1));
        assert_eq!(printed["standard_output"]["text"], "ready\n");
        let errors = printed["standard_error"]["text"].as_str().unwrap();
        assert!(errors.starts_with("going\n") && !errors.contains('\x1b'), "{errors}");
        if code == 1 {
            assert_eq!(ended["last_words"], serde_json::json!(["ValueError: no\\u{1b}[2J"]));
        }
    }
}

#[test]
fn of_a_server_at_an_address_nothing_is_known() {
    let server = serve("calculator", &["--listen", "127.0.0.1:0"]);
    let checked = check(&["--only", "calculator.postfix"], &[&server.address.to_string()]);
    assert_eq!(checked.report["program"], Value::Null);
    assert_eq!(checked.report["timing"]["program"], Value::Null);
}

/// What is printed without end is kept in part.
#[test]
fn what_is_shown_is_bounded() {
    let script = Script::new(
        "\
import socket
for number in range(100000):
    print(f'line {number}')
server = socket.create_server(('', 8040))
while True:
    server.accept()[0].close()
",
    );
    let checked = check(&["--only", "calculator.postfix"], &["--", python(), script.path()]);
    let printed = &checked.report["timing"]["program"]["standard_output"];
    let text = printed["text"].as_str().unwrap();
    assert!(text.len() <= 4096 && text.starts_with("line "), "{text}");
    assert!(printed["octets"].as_u64() > Some(4096));
}
