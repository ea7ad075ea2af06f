//! Launching small real programs.

use std::fs;
use std::io::Read;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use miette::Diagnostic;
use tempfile::TempDir;

use super::*;
use crate::blame::Blame;
use crate::kernel;
use crate::transport::Transport;

/// A TCP server that listens, then does what follows.
const LISTEN: &str = "import socket, os, sys, time, signal\n\
                      s = socket.create_server(('127.0.0.1', 0))\n";

fn python(script: &str) -> Recipe {
    Recipe::new(["python3", "-c", script], Transport::Tcp)
}

fn shell(script: &str) -> Recipe {
    Recipe::new(["sh", "-c", script], Transport::Tcp)
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test)
}

fn refused(recipe: &Recipe) -> LaunchError {
    run(recipe.launch()).expect_err("it came up")
}

/// Says when a program, and all who have inherited this from it, have ended: they hold one end of it.
struct Lifeline {
    listener: UnixListener,
    folder: TempDir,
}

impl Lifeline {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        Self { listener, folder }
    }

    /// Lines of Python that take hold of it, as `life`, inherited by who is forked.
    fn hold(&self) -> String {
        let path = self.folder.path().join("socket");
        format!(
            "import socket\nlife = socket.socket(socket.AF_UNIX)\nlife.connect({:?})\n",
            path.display().to_string()
        )
    }

    fn held(&self) -> UnixStream {
        self.listener.accept().unwrap().0
    }

    /// Returns once nobody holds it.
    fn ends(mut held: UnixStream) {
        assert_eq!(held.read_to_end(&mut Vec::new()).unwrap(), 0);
    }
}

#[test]
fn a_listening_socket_is_found_wherever_it_is_bound() {
    for (family, host, at) in [
        ("AF_INET", "127.0.0.1", "127.0.0.1"),
        ("AF_INET", "127.0.1.1", "127.0.1.1"),
        ("AF_INET", "", "127.0.0.1"),
        ("AF_INET6", "::1", "::1"),
    ] {
        let script = format!(
            "import socket\ns = socket.socket(socket.{family})\ns.bind(('{host}', 0))\ns.listen()\n\
             s.accept()[0].send(b'hi')"
        );
        run(async {
            let mut running = python(&script).launch().await.unwrap();
            let address = running.endpoint().address;
            assert_eq!(address.ip().to_string(), at);
            assert_eq!(running.bound().port(), address.port());
            assert_eq!(running.bound().ip().is_unspecified(), host.is_empty());
            assert!(running.start().is_some());
            assert!(running.others().is_empty());

            // It serves one client only, and that is us.
            let mut said = String::new();
            let mut client = TcpStream::connect(address).unwrap();
            client.read_to_string(&mut said).unwrap();
            assert_eq!(said, "hi");
            assert_eq!(running.exited().await, Ending::Exited(0));
            assert_eq!(running.has_exited(), Some(Ending::Exited(0)));
            assert_eq!(running.stop().await.ending, Ending::Exited(0));
        });
    }
}

#[test]
fn an_ipv6_wildcard_is_spoken_to_over_ipv4_if_it_listens() {
    for (only, at) in [(0, "127.0.0.1"), (1, "::1")] {
        let script = format!(
            "import socket\ns = socket.socket(socket.AF_INET6)\n\
             s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only})\n\
             s.bind(('::', 0))\ns.listen()\ns.accept()"
        );
        run(async {
            let running = python(&script).launch().await.unwrap();
            assert_eq!(running.bound().ip().to_string(), "::");
            assert_eq!(running.endpoint().address.ip().to_string(), at);
            TcpStream::connect(running.endpoint().address).unwrap();
        });
    }
}

#[test]
fn a_udp_socket_is_found() {
    let mut recipe = python(
        "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.bind(('', 0))\n\
         s.sendto(b'hi', s.recvfrom(9)[1])\ns.recv(9)",
    );
    recipe.transport = Transport::Udp;
    run(async {
        let running = recipe.launch().await.unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.connect(running.endpoint().address).unwrap();
        client.send(b"10 20 +").unwrap();
        let mut said = [0; 9];
        assert_eq!(client.recv(&mut said).unwrap(), 2);
        assert_eq!(running.udp_drops(), Some(0));
        assert_eq!(running.stop().await.ending, Ending::Killed);
    });
}

#[test]
fn the_first_socket_that_fits_is_taken_and_the_others_are_told() {
    let script = "import socket, time\n\
                  a = socket.socket(); a.bind(('127.0.0.1', 0))\n\
                  b = socket.socket(); b.bind(('127.0.0.1', 0))\n\
                  print(a.getsockname()[1], b.getsockname()[1])\n\
                  high, low = sorted((a, b), key=lambda s: -s.getsockname()[1])\n";
    // The second to listen does so only after the first has been found, so nothing is left to chance.
    let one_after_another =
        format!("{script}high.listen(); high.accept(); low.listen(); low.accept()");
    run(async {
        let running = python(&one_after_another).launch().await.unwrap();
        assert!(running.others().is_empty(), "the first that fits is taken");
        let ports = running.output().stdout.text();
        let highest = ports.split_whitespace().map(|p| p.parse::<u16>().unwrap()).max();
        assert_eq!(Some(running.bound().port()), highest);
    });

    let mut recipe = python(
        "import socket, time\na = socket.create_server(('127.0.0.1', 0))\n\
         u = socket.socket(type=socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0)); u.recv(1)",
    );
    recipe.transport = Transport::Udp;
    run(async {
        let running = recipe.launch().await.unwrap();
        assert_eq!(running.endpoint().transport, Transport::Udp);
        let others = running.others();
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].transport, Transport::Tcp);
    });
}

#[test]
fn a_traceback_is_told_by_its_last_line() {
    let error = refused(&python("import socket\nprint('starting')\nraise OSError('no\\nway')"));
    assert_eq!(error.blame(), Blame::Target);
    let message = error.to_string();
    assert!(
        message.ends_with(
            "ended with exit code 1 before it listened. Its last words:\n  \
             OSError: no"
        ),
        "{message}"
    );
    let error = refused(&python("print('a'"));
    assert!(error.to_string().ends_with("\n  SyntaxError: '(' was never closed"));
    assert!(error.help().unwrap().to_string().contains("by hand"));
}

#[test]
fn an_end_by_a_signal_is_named_and_silence_too() {
    let message = refused(&shell("kill -SEGV $$")).to_string();
    assert_eq!(
        message,
        "sh -c 'kill -SEGV $$' was ended by SIGSEGV before it listened. It printed nothing."
    );
}

#[test]
fn who_never_listens_is_told_from_who_binds_something_else() {
    let mut recipe = shell("echo ready; exec cat /dev/zero > /dev/null");
    recipe.start_limit = Duration::from_millis(50);
    let error = refused(&recipe);
    assert_eq!(error.blame(), Blame::Target);
    let message = error.to_string();
    assert!(message.contains("did not listen on TCP within 50ms: nothing is bound. "), "{message}");

    let udp = python(
        "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 0))\ns.recv(9)",
    );
    let message = at_length(udp, |message| !message.contains("nothing is bound"));
    assert!(message.contains(": it bound UDP 127.0.0.1:"), "{message}");
    assert!(message.contains(", expected TCP"), "{message}");

    let mut other = python(&format!("{LISTEN}s.accept()"));
    other.port = Some(1);
    let message = at_length(other, |message| !message.contains("nothing is bound"));
    assert!(message.contains("did not listen on port 1 within"), "{message}");
    assert!(message.contains(": it bound TCP 127.0.0.1:"), "{message}");
}

/// Launches with longer and longer limits until the program had time to do what it is refused for.
fn at_length(mut recipe: Recipe, enough: impl Fn(&str) -> bool) -> String {
    for tenths in [2, 10, 50, 300] {
        recipe.start_limit = Duration::from_millis(tenths * 100);
        let message = refused(&recipe).to_string();
        if enough(&message) {
            return message;
        }
    }
    panic!("30 s were not enough")
}

#[test]
fn an_expected_port_that_is_not_used_is_no_error() {
    let mut recipe = python(&format!("{LISTEN}s.accept()"));
    recipe.expect_port = Some(40);
    run(async {
        let running = recipe.launch().await.unwrap();
        assert_ne!(running.bound().port(), 40);
    });
}

#[test]
fn a_taken_port_is_the_machines_fault() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let error =
        refused(&python(&format!("import socket\nsocket.socket().bind(('127.0.0.1', {port}))")));
    assert!(matches!(error, LaunchError::PortTaken { .. }), "{error}");
    assert_eq!(error.blame(), Blame::Machine);
}

#[test]
fn endless_output_blocks_nobody() {
    let script = format!(
        "{LISTEN}import threading\n\
         def talk(stream):\n    \
             while True: stream.write('x' * 9999 + '\\n')\n\
         for stream in (sys.stdout, sys.stderr):\n    \
             threading.Thread(target=talk, args=(stream,), daemon=True).start()\n\
         s.accept()[0].send(b'hi')\ntime.sleep(99)"
    );
    run(async {
        let running = python(&script).launch().await.unwrap();
        let client = tokio::net::TcpStream::connect(running.endpoint().address).await.unwrap();
        client.readable().await.unwrap();
        while running.output().stderr.left_out() == 0 {
            tokio::task::yield_now().await;
        }
        let stopped = running.stop().await;
        assert_eq!(stopped.ending, Ending::Killed);
        assert!(stopped.output.stderr.text().len() < 200_000);
    });
}

/// A server that is a daemon by the book, holding the lifeline.
fn daemon(lifeline: &Lifeline) -> Recipe {
    python(&format!(
        "import os, time\n{}\
         if os.fork(): os._exit(0)\n\
         os.setsid()\n\
         if os.fork(): os._exit(0)\n\
         s = socket.create_server(('127.0.0.1', 0))\n\
         while True: s.accept()",
        lifeline.hold()
    ))
}

#[test]
fn a_daemon_is_found_and_killed() {
    let lifeline = Lifeline::new();
    run(async {
        let mut running = daemon(&lifeline).launch().await.unwrap();
        let held = lifeline.held();
        assert_eq!(running.has_exited(), None, "the daemon lives");
        TcpStream::connect(running.endpoint().address).unwrap();
        let stopped = running.stop().await;
        assert_eq!(stopped.ending, Ending::Exited(0), "the root had ended before");
        Lifeline::ends(held);
    });
}

#[test]
fn a_dropped_program_is_killed_with_its_daemons() {
    let lifeline = Lifeline::new();
    let root = run(async {
        let running = daemon(&lifeline).launch().await.unwrap();
        running.pid()
    });
    Lifeline::ends(lifeline.held());
    assert_eq!(kernel::descendants(root), Some(vec![]), "no zombie is left");
}

#[test]
fn a_launch_that_is_given_up_leaves_nothing() {
    let lifeline = Lifeline::new();
    let script = format!("{}import time\nprint('up')\ntime.sleep(99)", lifeline.hold());
    let held = run(async {
        let recipe = python(&script);
        let listener = lifeline.listener.try_clone().unwrap();
        let held = tokio::task::spawn_blocking(move || listener.accept().unwrap().0);
        tokio::select! {
            _ = recipe.launch() => unreachable!("it never listens"),
            held = held => held.unwrap(),
        }
    });
    Lifeline::ends(held);
}

#[test]
fn a_whole_tree_is_killed() {
    let lifeline = Lifeline::new();
    let script = format!(
        "import os, time\n{}\
         for depth in range(5):\n    \
             if os.fork(): break\n    \
             if depth % 2: os.setsid()\n    \
             else: os.setpgid(0, 0)\n\
         if depth == 4: s = socket.create_server(('127.0.0.1', 0))\n\
         time.sleep(99)",
        lifeline.hold()
    );
    run(async {
        let running = python(&script).launch().await.unwrap();
        let held = lifeline.held();
        assert_eq!(running.stop().await.ending, Ending::Killed);
        Lifeline::ends(held);
    });
}

#[test]
fn who_is_stopped_gently_may_say_goodbye() {
    let polite = format!(
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: (print('bye'), exit(7)))\n{LISTEN}s.accept()"
    );
    let deaf =
        format!("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{LISTEN}s.accept()");
    run(async {
        let running = python(&polite).launch().await.unwrap();
        let stopped = running.stop_gently(Duration::from_secs(60)).await;
        assert_eq!(stopped.ending, Ending::Exited(7));
        assert_eq!(stopped.output.stdout.text(), "bye\n");

        let running = python(&deaf).launch().await.unwrap();
        let stopped = running.stop_gently(Duration::from_millis(20)).await;
        assert_eq!(stopped.ending, Ending::Killed);

        let running = python(&format!("{LISTEN}s.accept()")).launch().await.unwrap();
        let stopped = running.stop_gently(Duration::from_secs(60)).await;
        assert_eq!(stopped.ending.to_string(), "was ended by SIGTERM");
    });
}

#[test]
fn a_long_start_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let go = folder.path().join("go");
    let made = std::process::Command::new("mkfifo").arg(&go).status().unwrap();
    assert!(made.success());
    let mut recipe = python(&format!("open({go:?}).read()\n{LISTEN}s.accept()"));
    recipe.start_limit = Duration::from_secs(60);
    run(async {
        // The program waits for this end of the fifo, which waits for the program.
        let open = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(go));
        let launch = async {
            let running = recipe.launch().await.unwrap();
            assert!(running.start().unwrap() > Duration::ZERO);
        };
        let go = async { drop(open.await.unwrap().unwrap()) };
        tokio::join!(launch, go);
    });
}

#[test]
fn a_script_runs_in_its_folder_with_its_environment() {
    let folder = TempDir::new().unwrap();
    script(
        &folder,
        "server",
        "#!/usr/bin/env python3\nimport os\nprint(os.environ['WHO'], os.getcwd())\n",
    );
    let mut recipe = Recipe::new(["./server"], Transport::Tcp);
    recipe.directory = Some(folder.path().to_owned());
    recipe.environment = vec![("WHO".into(), "me".into())];
    let message = refused(&recipe).to_string();
    let place = folder.path().canonicalize().unwrap();
    assert!(message.ends_with(&format!("\n  me {}", place.display())), "{message}");
}

fn script(folder: &TempDir, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The message and the mend for a command that cannot be started, the folder's name left out.
fn told(command: &Path, folder: &TempDir) -> (Blame, String, String) {
    let error = refused(&Recipe::new([command], Transport::Tcp));
    let bare = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    (error.blame(), bare(error.to_string()), bare(error.mend()))
}

#[test]
fn what_cannot_be_started_is_told_with_its_mend() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("plain.py"), "print()").unwrap();
    fs::create_dir(at("folder")).unwrap();
    script(&folder, "perl9", "#!/usr/bin/perl9 -w\n");
    script(&folder, "env9", "#!/usr/bin/env python9\n");
    script(&folder, "crlf", "#!/usr/bin/env python3\r\nprint()\r\n");
    script(&folder, "crlf2", "#!/usr/bin/python3\r\nprint()\r\n");
    script(&folder, "foreign", "MZ\x00\x01\x02");

    let expect = |command: &Path, blame, message: &str, mend: &str| {
        let told = told(command, &folder);
        assert_eq!(told, (blame, message.to_owned(), mend.to_owned()));
    };
    let spelling = "check how it is spelled, and from which folder it is reached";
    expect(&at("none"), Blame::User, "none does not exist", spelling);
    expect(
        &at("folder"),
        Blame::User,
        "folder is a folder, not a program",
        "name the program in it",
    );
    expect(
        &at("plain.py"),
        Blame::User,
        "plain.py is not executable",
        "run it with `python3 plain.py`",
    );
    expect(
        Path::new("python9"),
        Blame::Machine,
        "python9 is not on this machine's PATH",
        "install python9, or give the path of the program",
    );
    expect(
        &at("perl9"),
        Blame::Machine,
        "perl9 is to be run by /usr/bin/perl9, which this machine does not have",
        "install /usr/bin/perl9",
    );
    expect(
        &at("env9"),
        Blame::Machine,
        "env9 is to be run by python9, which this machine does not have",
        "install python9",
    );
    for name in ["crlf", "crlf2"] {
        let message = format!(
            "the first line of {name} ends with a carriage return, so no interpreter is found"
        );
        expect(&at(name), Blame::Target, &message, "save it with Unix line ends (LF)");
    }
    expect(
        &at("foreign"),
        Blame::Machine,
        "foreign was built for another system than this one",
        "build it on this system, from its source",
    );

    let mut recipe = Recipe::new(["plain.py"], Transport::Tcp);
    recipe.directory = Some(folder.path().to_owned());
    let error = refused(&recipe);
    assert_eq!(error.mend(), "run it with `python3 plain.py`");
    assert!(matches!(error, LaunchError::NeedsPath { .. }));
    recipe.directory = Some(at("nowhere"));
    assert!(matches!(refused(&recipe), LaunchError::NoDirectory { .. }));
    let nothing = Recipe::new(Vec::<String>::new(), Transport::Tcp);
    assert!(matches!(refused(&nothing), LaunchError::NoCommand));
}
