//! MSG-3 and MSG-4: what `message` prints, and standard streams that nobody reads. Through the program: a stream is its
//! process's.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use trueline::serve::WAITING_MAX;

const TRUELINE: &str = env!("CARGO_BIN_EXE_trueline");
const THANKS: &str = "Thanks...\n";

/// `trueline serve message`; it ends with the test.
struct Program(Child);

impl Program {
    fn start(log: &str, stdout: PipeWriter, stderr: impl Into<Stdio>) -> Self {
        let mut command = Command::new(TRUELINE);
        Self::started(
            command.args(ARGUMENTS).env("TRUELINE_LOG", log).stdout(stdout).stderr(stderr),
        )
    }

    fn started(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().expect("it runs"))
    }

    /// Asks it to end, and waits until it has.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.0), Signal::TERM).expect("signalled");
        assert_eq!(self.0.wait().expect("an end").code(), Some(0));
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const ARGUMENTS: [&str; 6] = ["serve", "message", "--transport", "both", "--listen", "127.0.0.1:0"];

/// Lines that a program prints.
struct Printed(BufReader<PipeReader>);

impl Printed {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("text");
        assert_eq!(line.pop(), Some('\n'), "the program has ended");
        line
    }

    /// Where the program listens, as its first two lines say.
    fn address(&mut self) -> SocketAddr {
        let line = self.line();
        let address = line.strip_prefix("listening on ").and_then(|it| it.strip_suffix(" (tcp)"));
        let address = address.and_then(|it| it.parse().ok()).expect("an address");
        assert_eq!(self.line(), format!("listening on {address} (udp)"));
        address
    }

    /// Where it listens, as its log says at `info`.
    fn logged_address(&mut self) -> SocketAddr {
        loop {
            let line = self.line();
            if let Some((_, bound)) = line.split_once("listening bound=") {
                let (address, _) = bound.split_once(' ').expect("a transport");
                return address.parse().expect("an address");
            }
        }
    }

    /// Whether something can be read at once.
    fn is_there(&self) -> bool {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut reader = [PollFd::new(self.0.get_ref(), PollFlags::IN)];
        !self.0.buffer().is_empty() || poll(&mut reader, Some(&at_once)) == Ok(1)
    }

    /// What is left when the program has ended.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).expect("text");
        rest
    }
}

fn piped() -> (Printed, PipeWriter) {
    let (reader, writer) = pipe().expect("a pipe");
    (Printed(BufReader::new(reader)), writer)
}

/// A pipe that takes no octet more, and how many it took.
fn full() -> (PipeReader, PipeWriter, usize) {
    let (reader, mut writer) = pipe().expect("a pipe");
    let mut taken = 0;
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // What can be written to takes so many; where it is a little more, the last ones do not fit.
    while poll(&mut [PollFd::new(&writer, PollFlags::OUT)], Some(&at_once)) == Ok(1) {
        taken += writer.write(&[b'.'; 512]).expect("written");
    }
    (reader, writer, taken)
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).expect("a connection")
}

/// Has messages thanked for, all of them sent before the first reply is read.
fn thanked(client: &TcpStream, messages: &[String]) {
    let mut lines = messages.join("\n");
    lines.push('\n');
    thread::scope(|scope| {
        scope.spawn(|| { client }.write_all(lines.as_bytes()).expect("sent"));
        let mut replies = vec![0; THANKS.len() * messages.len()];
        { client }.read_exact(&mut replies).expect("replies");
        assert!(replies == THANKS.repeat(messages.len()).as_bytes());
    });
}

/// Messages of a thousand octets, numbered.
fn messages(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n:06} {}", "x".repeat(993))).collect()
}

fn warnings(log: &str) -> usize {
    log.lines().filter(|line| line.contains(" WARN ")).count()
}

#[test]
fn a_message_is_printed_before_it_is_thanked_for() {
    let (mut printed, stdout) = piped();
    let program = Program::start("warn", stdout, Stdio::inherit());
    let address = printed.address();
    let client = connect(address);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.connect(address).expect("connected");
    let longest = "9".repeat(1023);
    for message in ["Hello Server HBD", " ", "\t-\t", "Größe 😀 שלום", "\\n", &longest] {
        thanked(&client, &[message.to_owned()]);
        assert!(printed.is_there(), "{message:?} is thanked for and not printed");
        assert_eq!(printed.line(), message);
        socket.send(message.as_bytes()).expect("sent");
        let mut reply = [0; 100];
        let length = socket.recv(&mut reply).expect("a reply");
        assert_eq!(&reply[..length], THANKS.trim_end().as_bytes());
        assert!(printed.is_there(), "{message:?} is thanked for and not printed");
        assert_eq!(printed.line(), message);
    }
    // What is refused is not printed.
    for (request, reply) in [("\n", "ERR empty\n"), ("\x1b\n", "ERR encoding\n")] {
        { &client }.write_all(request.as_bytes()).expect("sent");
        let mut received = vec![0; reply.len()];
        { &client }.read_exact(&mut received).expect("a reply");
        assert_eq!(received, reply.as_bytes());
    }
    program.stop();
    assert_eq!(printed.rest(), "");
}

#[test]
fn messages_of_several_clients_are_printed_whole_and_in_order() {
    let (mut printed, stdout) = piped();
    let program = Program::start("warn", stdout, Stdio::inherit());
    let address = printed.address();
    let (clients, count) = (8, 200);
    thread::scope(|scope| {
        for name in 0..clients {
            let message =
                move |n| format!("{name} {n} {}", "x".repeat((name * 131 + n * 7) % 1000));
            scope.spawn(move || {
                thanked(&connect(address), &(0..count).map(message).collect::<Vec<_>>());
            });
        }
        let mut next = vec![0; clients];
        for _ in 0..clients * count {
            let line = printed.line();
            let mut words = line.split(' ').map(str::to_owned);
            let mut number = || words.next().and_then(|it| it.parse::<usize>().ok());
            let (name, n) = (number().expect("a client"), number().expect("a number"));
            assert_eq!(n, next[name]);
            assert_eq!(words.next().map(|it| it.len()), Some((name * 131 + n * 7) % 1000));
            next[name] += 1;
        }
    });
    program.stop();
}

#[test]
fn a_reader_that_is_gone_delays_nobody_and_is_told_once() {
    let (mut printed, stdout) = piped();
    let (log, stderr) = piped();
    let program = Program::start("warn", stdout, stderr);
    let address = printed.address();
    thanked(&connect(address), &messages(1));
    drop(printed);
    let client = connect(address);
    for _ in 0..10 {
        thanked(&client, &messages(100));
    }
    program.stop();
    let log = log.rest();
    assert_eq!(warnings(&log), 1, "{log}");
}

#[test]
fn a_closed_standard_output_delays_nobody() {
    let (mut log, stderr) = piped();
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$@\" >&-", "sh", TRUELINE]).args(ARGUMENTS);
    let program = Program::started(shell.env("TRUELINE_LOG", "info").stderr(stderr));
    drop(shell);
    let address = log.logged_address();
    thanked(&connect(address), &messages(100));
    program.stop();
    assert!(log.rest().contains("stopping"));
}

#[test]
fn lines_wait_for_their_reader_as_far_as_there_is_room() {
    let (mut printed, stdout) = piped();
    let (log, stderr) = piped();
    let program = Program::start("warn", stdout, stderr);
    let client = connect(printed.address());
    let messages = messages(4000);
    assert!(messages.concat().len() > 3 * WAITING_MAX);
    thanked(&client, &messages);

    // Those that were kept come in order. Room for one more is made by reading more than a pipe holds.
    let (mut kept, mut rest) = (0, messages.iter());
    let mut is_kept = |line: &String| {
        kept += line.len() + 1;
        rest.any(|message| message == line)
    };
    for _ in 0..200 {
        assert!(is_kept(&printed.line()));
    }
    thanked(&client, &["again".to_owned()]);
    let after = std::iter::repeat_with(|| printed.line()).find(|line| !is_kept(line));
    assert_eq!(after.as_deref(), Some("again"));
    assert!(kept > WAITING_MAX && kept < 2 * WAITING_MAX, "{kept}");
    program.stop();
    assert_eq!(printed.rest(), "");
    let log = log.rest();
    assert_eq!(warnings(&log), 1, "{log}");
}

/// The first lines, too: a server is there for its clients though nobody reads where it listens.
#[test]
fn a_pipe_that_is_full_from_the_start_delays_nobody() {
    let (reader, stdout, filled) = full();
    let (mut log, stderr) = piped();
    let program = Program::start("info", stdout, stderr);
    let address = log.logged_address();
    let messages = messages(100);
    thanked(&connect(address), &messages);
    let mut printed = Printed(BufReader::new(reader));
    printed.0.read_exact(&mut vec![0; filled]).expect("what it was filled with");
    assert_eq!(printed.address(), address);
    for message in &messages {
        assert_eq!(printed.line(), *message);
    }
    program.stop();
}

#[test]
fn a_program_ends_though_nobody_reads() {
    let (reader, stdout, _) = full();
    let (mut log, stderr) = piped();
    let program = Program::start("info", stdout, stderr);
    let address = log.logged_address();
    thanked(&connect(address), &messages(100));
    program.stop();
    drop(reader);
}

#[test]
fn a_closed_standard_error_ends_nobody() {
    let (mut printed, stdout) = piped();
    let (log, stderr) = piped();
    drop(log);
    let program = Program::start("trace", stdout, stderr);
    let address = printed.address();
    // Which is worth a warning.
    drop(printed);
    thanked(&connect(address), &messages(100));
    program.stop();
}

#[test]
fn an_unread_standard_error_delays_nobody() {
    let (mut printed, stdout) = piped();
    let (_reader, stderr, _) = full();
    let program = Program::start("trace", stdout, stderr);
    let client = connect(printed.address());
    for message in &messages(2000) {
        thanked(&client, std::slice::from_ref(message));
        assert_eq!(printed.line(), *message);
    }
    program.stop();
}

/// Both on one pipe, as after `2>&1 |`: the warning that lines are lost must not be what waits.
#[test]
fn one_unread_pipe_for_both_delays_nobody() {
    let (reader, stdout) = pipe().expect("a pipe");
    let mut printed = Printed(BufReader::new(reader));
    let stderr = stdout.try_clone().expect("a pipe");
    let program = Program::start("warn", stdout, stderr);
    let client = connect(printed.address());
    let messages = messages(4000);
    thanked(&client, &messages);
    // Each line is whole, the warning included.
    let mut next = 0;
    while next < 1000 {
        let line = printed.line();
        if !line.contains(" WARN ") {
            assert_eq!(line, messages[next]);
            next += 1;
        }
    }
    thanked(&client, &["again".to_owned()]);
    program.stop();
}
