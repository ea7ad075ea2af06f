//! `trueline serve` as a program: its lines, its signals, its files.

use super::*;

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const TRUELINE: &str = env!("CARGO_BIN_EXE_trueline");

struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn serve(arguments: &[&str]) -> Self {
        let mut child = Command::new(TRUELINE)
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it runs");
        let stdout = child.stdout.take().expect("a pipe");
        Self { child, lines: BufReader::new(stdout).lines() }
    }

    /// The next line: who listens, where, and for what.
    async fn listening(&mut self) -> Option<(String, SocketAddr, String)> {
        let line = self.lines.next_line().await.expect("text")?;
        let (who, place) = line.split_once("listening on ").expect("where it listens");
        let (address, transport) = place.split_once(' ').expect("a transport");
        Some((
            who.trim_end().to_owned(),
            address.parse().expect("an address"),
            transport.to_owned(),
        ))
    }

    async fn stop(mut self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        kill_process(pid.expect("it runs"), Signal::TERM).expect("signalled");
        assert_eq!(self.child.wait().await.expect("an end").code(), Some(0));
    }

    /// Its exit code, and what it complained of.
    async fn refused(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().await.expect("an end");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    }
}

#[tokio::test(flavor = "local")]
async fn one_service_says_where_it_listens() {
    let mut program = Program::serve(&[Service::ALL[0].as_str(), "--listen", "127.0.0.1:0"]);
    let (who, address, transport) = program.listening().await.expect("a line");
    assert_eq!((&*who, &*transport), ("", "(tcp)"));
    TcpStream::connect(address).await.expect("a connection");
    program.stop().await;
}

#[tokio::test(flavor = "local")]
async fn all_services_say_where_they_listen() {
    let mut program = Program::serve(&["all", "--listen", "127.0.0.1:0", "--transport", "both"]);
    for service in Service::ALL {
        let (who, address, transport) = program.listening().await.expect("a line");
        assert_eq!((&*who, &*transport), (service.as_str(), "(tcp)"));
        if service.manner().answers() {
            assert_eq!(
                program.listening().await,
                Some((service.as_str().to_owned(), address, "(udp)".to_owned()))
            );
        }
        TcpStream::connect(address).await.expect("a connection");
    }
    program.stop().await;
}

/// As many ports in a row, free a moment ago.
fn row(count: usize) -> u16 {
    loop {
        let first = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = first.local_addr().expect("an address").port();
        let next = |n: u16| {
            port.checked_add(n)
                .is_some_and(|port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok())
        };
        if (1..count).all(|n| u16::try_from(n).is_ok_and(next)) {
            return port;
        }
    }
}

#[tokio::test(flavor = "local")]
async fn all_services_take_ports_in_a_row() {
    let port = row(Service::ALL.len());
    let mut program = Program::serve(&["all", "--listen", &format!("127.0.0.1:{port}")]);
    for (n, service) in (port..).zip(Service::ALL) {
        let (who, address, _) = program.listening().await.expect("a line");
        assert_eq!((&*who, address.port()), (service.as_str(), n));
    }
    program.stop().await;
}

#[tokio::test(flavor = "local")]
async fn a_file_says_who_listens_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("services.toml");
    let (first, last) = (Service::ALL[0], Service::ALL[Service::ALL.len() - 1]);
    let text = format!(
        "[{last}]\nlisten = [\"127.0.0.1:0\", \"127.0.0.2:0\"]\n[{first}]\nlisten = \"127.0.0.1:0\"\ntransport = \"udp\"\n"
    );
    std::fs::write(&file, text).expect("written");
    let mut program = Program::serve(&["all", "--config", file.to_str().expect("UTF-8")]);
    for (service, ip, transport) in
        [(first, "127.0.0.1", "(udp)"), (last, "127.0.0.1", "(tcp)"), (last, "127.0.0.2", "(tcp)")]
    {
        let (who, address, on) = program.listening().await.expect("a line");
        assert_eq!((&*who, &*address.ip().to_string(), &*on), (service.as_str(), ip, transport));
        if on == "(tcp)" {
            TcpStream::connect(address).await.expect("a connection");
        }
    }
    program.stop().await;
}

/// Nothing is said to listen where not all do.
#[tokio::test(flavor = "local")]
async fn a_port_in_use_is_told_with_its_service() {
    let held = tcp().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("services.toml");
    let (first, second) = (Service::ALL[0], Service::ALL[1]);
    let text = format!(
        "[{first}]\nlisten = \"127.0.0.1:0\"\n[{second}]\nlisten = \"{}\"\n",
        held.address()
    );
    std::fs::write(&file, text).expect("written");
    let mut program = Program::serve(&["all", "--config", file.to_str().expect("UTF-8")]);
    assert_eq!(program.listening().await, None);
    let (code, told) = program.refused().await;
    assert_eq!(code, Some(2));
    assert!(told.contains(&format!("{second} cannot be served")), "{told}");
    assert!(told.contains(&format!("{} (tcp)", held.address())), "{told}");
}
