//! Servers that serve their first client and end: that costs them once, and all the rest of them is asked about.

use super::*;

/// A right server, but that it serves so many clients and ends. Its arguments: the classroom's folder, a port, and how many.
const SOME_CLIENTS: &str = "\
import socket, sys
sys.path.insert(0, sys.argv[1])
from arithmetic import reply
from framing import LineReader

def replies(messages):
    return ''.join(reply(message) + '\\n' for message in messages).encode()

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', int(sys.argv[2])))
server.listen(5)
for _ in range(int(sys.argv[3])):
    connection, _ = server.accept()
    reader = LineReader()
    while octets := connection.recv(4096):
        connection.sendall(replies(reader.push(octets)))
    connection.sendall(replies(reader.end()))
    connection.close()
";

/// A right server, but that it answers one datagram.
const ONE_DATAGRAM: &str = "\
import socket, sys
sys.path.insert(0, sys.argv[1])
from arithmetic import reply
from framing import datagram_message

server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(('127.0.0.1', int(sys.argv[2])))
octets, peer = server.recvfrom(65535)
server.sendto(reply(datagram_message(octets)).encode(), peer)
";

fn checked(source: &str, clients: &str, options: &[&str]) -> Checked {
    let script = Script::new(source);
    check(options, &["--", python(), script.path(), &classroom("line"), "40", clients])
}

/// It is charged FRAME-17 alone, and much of the rest was asked about and is kept.
fn costs_once(checked: &Checked, kept: usize) {
    checked.breaks(&["FRAME-17"]);
    let passed = checked.with("pass");
    assert!(passed.len() >= kept, "{passed:?} {:#}", checked.report);
}

/// It does, and a second client shows it each time.
fn is_told_once(checked: &Checked, kept: usize) {
    costs_once(checked, kept);
    let failure = &checked.failures("FRAME-17")[0];
    assert_eq!(failure["recurrence"], "alone", "{failure:#}");
}

#[test]
fn a_server_of_one_client_breaks_frame_17_alone() {
    let checked = checked(SOME_CLIENTS, "1", &[]);
    is_told_once(&checked, 30);
    // Twice it is asked who comes next, once each is asked about what needs no other client.
    assert!(checked.with("blocked").contains(&"FRAME-18"), "{:#}", checked.report);
}

#[test]
fn so_does_one_whose_lifetime_is_stated() {
    is_told_once(&checked(SOME_CLIENTS, "1", &["--lifetime", "once"]), 30);
}

#[test]
fn so_does_one_that_is_not_isolated() {
    let script = Script::new(SOME_CLIENTS);
    let command = ["--", python(), script.path(), &classroom("line"), &free_port(), "1"];
    is_told_once(&check(&["--isolation", "none"], &command), 30);
}

#[test]
fn so_does_a_server_of_one_datagram() {
    is_told_once(&checked(ONE_DATAGRAM, "1", &["--transport", "udp"]), 15);
}

#[test]
fn so_does_a_server_of_a_few_clients() {
    costs_once(&checked(SOME_CLIENTS, "2", &[]), 30);
    costs_once(&checked(SOME_CLIENTS, "5", &[]), 30);
}

#[test]
fn one_that_is_said_to_loop_is_launched_again_when_it_ends() {
    let options = ["--lifetime", "loops", "--only", "FRAME-17,CALC-1"];
    checked(SOME_CLIENTS, "1", &options).breaks(&["FRAME-17"]);
}
