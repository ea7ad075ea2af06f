//! Programs that do not come up: each is told why.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use miette::Diagnostic;
use tempfile::TempDir;

use super::*;
use crate::blame::Blame;

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
    assert!(
        message.contains("did not listen on TCP within 50 ms: nothing is bound. "),
        "{message}"
    );

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
fn a_taken_port_is_the_machines_fault() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let error =
        refused(&python(&format!("import socket\nsocket.socket().bind(('127.0.0.1', {port}))")));
    assert!(matches!(error, LaunchError::PortTaken { .. }), "{error}");
    assert_eq!(error.blame(), Blame::Machine);
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

fn script(folder: &TempDir, name: &str, text: &str) -> PathBuf {
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
    script(&folder, "bare", "import socket\n");

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

    expect(
        &at("bare"),
        Blame::User,
        "bare is no program: it does not start with #!",
        "name its interpreter before it",
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
