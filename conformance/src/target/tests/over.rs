//! Programs that run, and how they are ended: nothing of them is left.

use std::io::Read;
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::kernel;

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
