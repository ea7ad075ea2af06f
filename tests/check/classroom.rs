//! The classroom's Python programs: three servers that keep the protocol, one that does not, and a client.

use super::*;

use std::io::Write;

#[test]
fn the_threaded_server_conforms() {
    check(&[], &["--", python(), &classroom("line/calculator_threaded.py"), &free_port()])
        .conforms();
}

#[test]
fn the_asyncio_server_conforms() {
    check(&[], &["--", python(), &classroom("line/calculator_asyncio.py"), &free_port()])
        .conforms();
}

#[test]
fn the_datagram_server_conforms() {
    let command = ["--", python(), &classroom("line/calculator_udp.py"), "0"];
    check(&["--transport", "udp"], &command).conforms();
}

/// The original sends its reply without LF. The report names that, shows the reply, and does not blame the sum.
#[test]
fn the_original_fails_with_its_reply_shown() {
    let program = classroom("original/calculator.py");
    let folder = tempfile::tempdir().unwrap();
    let human = folder.path().join("report.txt");
    let both = ["--format", "human", "--output", human.to_str().unwrap()];
    let checked = check(&both, &["--", python(), &program, "0"]);
    checked.breaks(&["FRAME-3"]);
    let failure = &checked.failures("FRAME-3")[0];
    assert_eq!(failure["kind"], "unterminated", "{failure:#}");
    assert_eq!(failure["observed"]["text"], "Sum of 10 and 20 is 30");

    let told = std::fs::read_to_string(human).unwrap();
    let (before, reply) = told.split_once("✗ FRAME-3 (MUST)").expect(&told);
    assert!(!before.contains("MUST"), "{told}");
    assert!(reply.contains("< Sum of 10 and 20 is 30"), "{told}");
}

#[test]
fn the_client_talks_to_the_reference() {
    let server = serve(&["--listen", "127.0.0.1:0"]);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    let mut client = Command::new(python())
        .args([&classroom("line/calculator_client.py"), &host, &port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let typed = "10 20 +\n5 / 2\n(*, -003, +4)\n1 0 /\nwhat?\n\n";
    client.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let replies: Vec<&str> = printed.split("Enter Command ").map(str::trim_end).collect();
    assert_eq!(replies[..4], ["", "Sum of 10 and 20 is 30", "5/2 = 2.5", "-003*+4 = -12"]);
    assert!(replies[4].starts_with("ERR division-by-zero"), "{replies:?}");
    assert!(replies[5].starts_with("ERR syntax"), "{replies:?}");
    assert_eq!(replies[6..], [""]);
}
