//! What is said of two servers that are compared, and to a comparison that cannot be made.

use super::*;

const SERVE: &str = "trueline serve calculator --listen 127.0.0.1:0";

/// Compares with these arguments; what is said is the snapshot of this name.
fn compared(name: &str, arguments: &str, exit: i32) {
    told(&Shell::new(), name, &format!("trueline diff {arguments}"), exit);
}

#[test]
fn two_that_are_alike() {
    compared("diff-alike", &format!("calculator --cases 4 '{SERVE}' reference"), 0);
}

#[test]
fn two_that_differ() {
    let wrong = format!("{SERVE} --mutant floor-division");
    let line = format!(
        "calculator --only calculator.quotient,calculator.infix.replies reference '{wrong}'"
    );
    compared("diff-floor-division", &line, 1);
    let line = format!("calculator --only frame.reply '{SERVE} --mutant crlf' reference");
    compared("diff-crlf", &line, 1);
}

/// Long replies stand one below the other, with the place where they differ.
#[test]
fn two_that_differ_in_a_long_reply() {
    needs_python();
    let shell = Shell::new();
    shell.file("long.py", LONG);
    let line = "trueline diff message --only message.plain 'python3 long.py x' 'python3 long.py y'";
    told(&shell, "diff-long", line, 1);
}

const LONG: &str = "\
import socket, sys
server = socket.create_server(('127.0.0.1', 0))
while True:
    with server.accept()[0] as connection:
        while connection.recv(4096):
            connection.sendall(('Thanks ' * 20 + sys.argv[1] + '!' * 30 + '\\n').encode())
";

#[test]
fn nothing_to_compare() {
    compared("diff-nothing", &format!("calculator reference 127.0.0.1:{}", free_port()), 3);
    compared("diff-ends", "calculator 'sh -c \"echo no luck; exit 7\"' reference", 3);
}

#[test]
fn wrong_arguments() {
    compared("diff-one", "calculator reference", 2);
    compared("diff-quotes", "calculator reference 'python3 \"my server.py'", 2);
    compared("diff-empty", "calculator reference ''", 2);
    compared("diff-remote", "calculator reference 192.0.2.1:80", 2);
    compared("diff-no-port", "calculator localhost reference", 2);
    compared("diff-only", "calculator --only frame.cutt reference reference", 2);
    let shell = Shell::new();
    shell.file("server.txt", "");
    told(&shell, "diff-file", "trueline diff calculator server.txt reference", 2);
}

/// A message server for every client, and one that says something else.
const THANKS: &str = "\
import socket, threading
def converse(connection):
    for _ in connection.makefile():
        connection.sendall(b'Thanks...\\n')
server = socket.create_server(('', 5000))
while True:
    threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()
";

const ASKS: &str = "\
import socket, sys
server = socket.create_connection(('localhost', 4000))
for line in sys.stdin:
    server.sendall(line.encode())
    print(server.makefile().readline())
";

#[test]
fn clients_with_servers() {
    needs_python();
    let shell = Shell::new();
    shell.file("class/ada/server.py", THANKS);
    shell.file("class/ada/client.py", ASKS);
    shell.file("class/bob/server.py", THANKS.replace("Thanks", "Welcome"));
    shell.file("class/the-server-of-carl.py", "import nothing");
    shell.file("class/notes.txt", "");
    let line = "trueline diff message --clients class --servers class";
    told(&shell, "diff-pairs", line, 1);
    shell.file("right/server.py", THANKS);
    shell.file("right/client.py", ASKS);
    told(&shell, "diff-pairs-work", "trueline diff message --clients right --servers right", 0);
}

#[test]
fn no_clients_and_no_servers() {
    compared("diff-clients-only", "calculator --clients .", 2);
    compared("diff-pairs-and-targets", "calculator --clients . --servers . reference reference", 2);
    compared("diff-pairs-cases", "calculator --clients . --servers . --cases 3", 2);
    compared("diff-no-clients", "calculator --clients . --servers .", 2);
    compared("diff-no-folder", "calculator --clients nowhere --servers .", 2);
}
