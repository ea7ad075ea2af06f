//! The report for people: of a right server, of wrong ones, of none.

use super::*;

const SERVE: &str = "trueline serve calculator --listen 127.0.0.1:0";

#[test]
fn of_a_right_server() {
    let line = format!("trueline check calculator --cases 16 -- {SERVE}");
    told(&Shell::new(), "report-passing", &line, 0);
}

#[test]
fn of_a_right_server_on_udp() {
    let line = format!(
        "trueline check calculator --transport udp --cases 16 --expect-port 40 -- {SERVE} --transport udp"
    );
    told(&Shell::new(), "report-passing-udp", &line, 0);
}

#[test]
fn of_wrong_servers() {
    let shell = Shell::new();
    for (mutant, options) in [
        ("crlf", ""),
        ("floor-division", "--seed 5"),
        ("recv-is-message", ""),
        ("silent", "--only FRAME-1"),
    ] {
        let line =
            format!("trueline check calculator --cases 16 {options} -- {SERVE} --mutant {mutant}");
        told(&shell, &format!("report-{mutant}"), &line.replace("  ", " "), 1);
    }
}

/// With the last words of the program.
#[test]
fn of_a_server_that_dies() {
    needs_python();
    let shell = Shell::new();
    shell.file("server.py", DIES);
    let line = "trueline check calculator --only frame.error.goes-on -- python3 server.py";
    told(&shell, "report-dies", line, 1);
}

const DIES: &str = "\
import socket
server = socket.create_server(('127.0.0.1', 0))
connection, _ = server.accept()
words = connection.recv(4096).decode().split()
raise ValueError(f'what is {words}?')
";

#[test]
fn of_wrong_datagrams() {
    let line = format!(
        "trueline check calculator --cases 16 --transport udp -- {SERVE} --transport udp --mutant keeps-datagram-lf"
    );
    told(&Shell::new(), "report-keeps-datagram-lf", &line, 1);
}

#[test]
fn of_nothing() {
    let shell = Shell::new();
    for transport in ["tcp", "udp"] {
        let line =
            format!("trueline check calculator --transport {transport} 127.0.0.1:{}", free_port());
        told(&shell, &format!("report-nothing-{transport}"), &line, 3);
    }
}

/// What README shows does what it says.
#[test]
fn a_script_reads_a_report() {
    needs_python();
    let readme = include_str!("../../README.md");
    let script = readme.split("<!-- report -->\n```python\n").nth(1).expect("an example");
    let shell = Shell::new();
    shell.file("read.py", script.split("```").next().unwrap());
    let check = "trueline check calculator --cases 16 --format json --output report.json --";
    for (name, command, exit) in [
        ("readme-passing", SERVE.to_owned(), 0),
        ("readme-crlf", format!("{SERVE} --mutant crlf"), 1),
        ("readme-unlaunched", "sh -c 'exit 7'".to_owned(), 3),
    ] {
        let (code, told) = shell.run(&format!("{check} {command}"));
        assert_eq!(code, exit, "{told}");
        self::told(&shell, name, "python3 read.py", 0);
    }
}

#[test]
fn calls() {
    let shell = Shell::new();
    let address = format!("127.0.0.1:{}", free_port());
    told(&shell, "call-nothing", &format!("trueline call calculator {address} '1 2 +'"), 3);
    let line = "trueline call calculator 127.0.0.1 '1 2 +'";
    told(&shell, "call-no-port", line, 2);
}
