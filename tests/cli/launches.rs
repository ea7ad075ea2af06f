//! What is said when a program does not come up: what happened, and what mends it.

use super::*;

use std::os::unix::fs::PermissionsExt;

/// Launches a command that does not come up; the message is the snapshot of this name.
fn launched(shell: &Shell, name: &str, command: &str, exit: i32) {
    told(shell, name, &format!("trueline check calculator {command}"), exit);
}

#[test]
fn not_on_path() {
    launched(&Shell::new(), "launch-not-on-path", "-- no-such-interpreter server.py", 4);
}

#[test]
fn not_on_path_but_here() {
    let shell = Shell::new();
    shell.file("my-own-server.py", "");
    launched(&shell, "launch-needs-path", "-- my-own-server.py", 2);
}

#[test]
fn missing() {
    launched(&Shell::new(), "launch-missing", "-- ./server.py", 2);
}

#[test]
fn a_folder() {
    let shell = Shell::new();
    std::fs::create_dir(shell.here().join("submission")).unwrap();
    launched(&shell, "launch-folder", "-- ./submission", 2);
}

#[test]
fn not_executable() {
    let shell = Shell::new();
    shell.file("server.py", "");
    launched(&shell, "launch-not-executable", "-- ./server.py", 2);
    shell.file("server", "");
    launched(&shell, "launch-not-executable-either", "-- ./server", 2);
}

#[test]
fn a_script_without_its_interpreter() {
    let shell = Shell::new();
    shell.file("server", "#!/nowhere/python9\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(shell.here().join("server"), executable).unwrap();
    launched(&shell, "launch-no-interpreter", "-- ./server", 4);
}

#[test]
fn ends_at_once_with_a_traceback() {
    needs_python();
    let shell = Shell::new();
    shell.file("server.py", "def main():\n    raise ValueError('no such luck')\n\nmain()\n");
    launched(&shell, "launch-traceback", "-- python3 server.py", 3);
}

/// What it seems to have waited for is suggested, not guessed.
#[test]
fn ends_for_want_of_a_port() {
    needs_python();
    let shell = Shell::new();
    shell.file("server.py", "import sys\nport = int(sys.argv[1])\n");
    launched(&shell, "path-wants-argument", "server.py", 3);
    shell.file("prompt.py", "port = int(input())\n");
    launched(&shell, "path-wants-line", "prompt.py", 3);
}

#[test]
fn a_build_that_fails() {
    let shell = Shell::new();
    shell.file(
        "server/Makefile",
        "server:\n\t@echo 'server.c:3:5: error: of its own' >&2; exit 1\n",
    );
    launched(&shell, "path-build-fails", "server", 3);
    shell.file("endless/Makefile", "all:\n\t@while :; do :; done\n");
    launched(&shell, "path-build-late", "--build-timeout 0.5 endless", 3);
    shell.file("nothing/Makefile", "all:\n\t@echo nothing\n");
    launched(&shell, "path-build-nothing", "nothing", 3);
}

#[test]
fn ends_at_once_and_says_why() {
    launched(&Shell::new(), "launch-ends", "-- sh -c 'echo the dog ate my server >&2; exit 7'", 3);
    launched(&Shell::new(), "launch-ends-silently", "-- true", 3);
    launched(&Shell::new(), "launch-killed", "-- sh -c 'kill -SEGV $$'", 3);
}

#[test]
fn never_listens() {
    let shell = Shell::new();
    launched(
        &shell,
        "launch-never-listens",
        "--timeout 0.3 -- sh -c 'echo ready; exec sleep 1000'",
        3,
    );
}

/// The port is another program's.
#[test]
fn the_port_is_taken() {
    needs_python();
    let shell = Shell::new();
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    let server = format!("import socket; socket.socket().bind(('127.0.0.1', {}))", address.port());
    shell.file("server.py", server);
    launched(&shell, "launch-port-taken", "--isolation none -- python3 server.py", 4);
}

/// Two seconds are enough for any machine to have it bind, so that it can be told.
#[test]
fn binds_for_the_other_transport() {
    let serve = "trueline serve calculator --listen 127.0.0.1:0";
    launched(
        &Shell::new(),
        "launch-udp-for-tcp",
        &format!("--timeout 2 -- {serve} --transport udp"),
        3,
    );
    launched(
        &Shell::new(),
        "launch-tcp-for-udp",
        &format!("--transport udp --timeout 2 -- {serve}"),
        3,
    );
}
