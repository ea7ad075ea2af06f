//! Servers with faults that only a kernel shows, or that answer nothing at all.

use super::*;

use std::io::Read;
use std::thread;

/// A right server, but for what a test puts after it. Its arguments: the classroom's folder and a port.
const RIGHT: &str = "\
import select, socket, sys, threading
sys.path.insert(0, sys.argv[1])
from arithmetic import reply
from framing import LineReader

def replies(messages):
    return ''.join(reply(message) + '\\n' for message in messages).encode()

server = socket.socket()
";

const WITHOUT_REUSEADDR: &str = "
def converse(connection):
    reader = LineReader()
    try:
        with connection:
            while octets := connection.recv(4096):
                connection.sendall(replies(reader.push(octets)))
            connection.sendall(replies(reader.end()))
    except OSError:
        pass

server.bind(('127.0.0.1', int(sys.argv[2])))
server.listen(64)
while True:
    threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()
";

/// One thread for all, whose `sendall` waits for the one client that does not read.
const BLOCKED_BY_ONE: &str = "
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', int(sys.argv[2])))
server.listen(64)
readers = {}
while True:
    for ready in select.select([server, *readers], [], [])[0]:
        if ready is server:
            readers[server.accept()[0]] = LineReader()
            continue
        try:
            octets = ready.recv(4096)
            reader = readers[ready]
            ready.sendall(replies(reader.push(octets) if octets else reader.end()))
        except OSError:
            octets = b''
        if not octets:
            del readers[ready]
            ready.close()
";

fn checked(fault: &str) -> Checked {
    let script = Script::new(&format!("{RIGHT}{fault}"));
    check(&[], &["--", python(), script.path(), &classroom("line"), &free_port()])
}

#[test]
fn a_server_without_reuseaddr_breaks_frame_25() {
    let checked = checked(WITHOUT_REUSEADDR);
    checked.breaks(&["FRAME-25"]);
    let failure = &checked.failures("FRAME-25")[0];
    assert_eq!(failure["kind"], "not-restarted", "{failure:#}");
    assert!(failure["why"].as_str().unwrap().contains("Address already in use"), "{failure:#}");
}

#[test]
fn a_server_blocked_by_a_client_that_does_not_read_breaks_frame_21() {
    checked(BLOCKED_BY_ONE).breaks(&["FRAME-21"]);
}

#[test]
fn a_silent_server_is_told_by_frame_1() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut held = Vec::new();
        held.extend(listener.incoming());
    });
    let checked = check(&[], &[&address]);
    checked.breaks(&["FRAME-1"]);
    assert_eq!(checked.failures("FRAME-1")[0]["kind"], "silence");
    assert_eq!(checked.with("pass"), Vec::<&str>::new());
}

#[test]
fn a_server_that_closes_at_once_is_told_by_frame_1() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().for_each(drop));
    let checked = check(&[], &[&address]);
    checked.breaks(&["FRAME-1"]);
    assert_eq!(checked.with("pass"), Vec::<&str>::new());
}

#[test]
fn a_silent_udp_server_is_told_by_frame_1() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let checked = check(&["--transport", "udp"], &[&address]);
    checked.breaks(&["FRAME-1"]);
    assert_eq!(checked.with("pass"), Vec::<&str>::new());
}

/// Whoever sends back what comes passes nothing that is about a calculator.
#[test]
fn an_echo_passes_nothing_of_the_calculator() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut octets = [0; 4096];
                while let Ok(count @ 1..) = connection.read(&mut octets) {
                    if std::io::Write::write_all(&mut connection, &octets[..count]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    let checked = check(&[], &[&address]);
    assert_eq!(checked.exit, 1);
    let passed = checked.with("pass");
    assert!(!passed.iter().any(|id| id.starts_with("CALC") || id.starts_with("ERR")), "{passed:?}");
}

/// Nothing listens: that is no failure of a server, and has an exit code of its own.
#[test]
fn where_nothing_listens_nothing_is_said_to_fail() {
    for transport in ["tcp", "udp"] {
        let address = format!("127.0.0.1:{}", free_port());
        let checked = check(&["--transport", transport], &[&address]);
        assert_eq!(checked.exit, 3, "{:#}", checked.report);
        assert_eq!(checked.report["conclusion"], "nothing-answers");
        assert_eq!(checked.with("fail"), Vec::<&str>::new());
        assert_eq!(checked.with("pass"), Vec::<&str>::new());
    }
}
