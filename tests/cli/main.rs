//! What people read: help, reports, lists and error messages, word for word, each with its exit code.
//!
//! The snapshots stand in `snapshots/`; `INSTA_UPDATE=always cargo test --test cli` writes them anew, and the difference
//! wants to be read. They depend on nothing of the machine: the environment is set, the program runs in a folder of its
//! own under the name `trueline`, and ports, times and counts of exchanges are left out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
// Elsewhere nobody tells where a launched program listens.
#![cfg(target_os = "linux")]

mod action;
mod dialects;
mod diffs;
mod errors;
mod help;
mod launches;
mod outputs;
mod reports;

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use trueline_protocol::service::Service;

/// A folder to call `trueline` in.
struct Shell {
    folder: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        std::fs::create_dir_all(folder.path().join("work")).expect("a folder");
        std::fs::create_dir(&bin).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_trueline"), bin.join("trueline")).expect("a link");
        Self { folder }
    }

    /// Where commands are called.
    fn here(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.here().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let words = words(line);
        let mut command = Command::new(&words[0]);
        let bin = self.folder.path().join("bin").into_os_string();
        let system = std::env::var_os("PATH").unwrap_or_default();
        let path = [bin, OsString::from(":"), system].into_iter().collect::<OsString>();
        command
            .args(&words[1..])
            .current_dir(self.here())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", path)
            // What the frames of messages are drawn with follows from it.
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// What a command prints, and its exit code, as a snapshot has it.
    fn run(&self, line: &str) -> (i32, String) {
        let output = self.command(line).output().unwrap();
        let exit = output.status.code().expect("an exit code");
        let mut told = format!("$ {line}\n");
        let streams = [("", output.stdout), ("--- standard error\n", output.stderr)];
        for (head, octets) in streams {
            let text = String::from_utf8(octets).expect("text");
            assert!(!text.contains('\x1b'), "escapes without a terminal: {text:?}");
            if !text.is_empty() {
                told += &format!("{head}{text}");
            }
        }
        (exit, told + &format!("--- exit code {exit}"))
    }
}

/// Words as a shell takes them, as far as the tests need: quotes are single.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    let words = quoted.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Holds what a command prints to the snapshot of this name, and its end to an exit code.
#[track_caller]
fn told(shell: &Shell, name: &str, line: &str, exit: i32) {
    let (code, told) = shell.run(line);
    assert_eq!(code, exit, "{told}");
    held(shell.folder.path(), name, &told);
}

fn held(folder: &Path, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Ports that the system chose: of five digits, on Linux from 32768.
    settings.add_filter(r"(127\.0\.0\.1|\[::1\]):[3-6]\d{4}\b", "$1:[PORT]");
    settings.add_filter(r"listens on [3-6]\d{4}, expected", "listens on [PORT], expected");
    settings.add_filter(r"[\d,]+ exchanges in [\d.]+ m?s\b", "[N] exchanges in [TIME]");
    // Of two that are compared; the words may be broken into lines anywhere.
    let compared = r"[\d,]+ dialogues?,\s+[\d,]+\s+repl(y|ies)\s+compared";
    settings.add_filter(compared, "[N] dialogues, [N] replies compared");
    settings.add_filter(r"(compared,\s+|no difference\s+\()[\d.]+\s+m?s\)", "$1[TIME])");
    settings.add_filter(r"(pairs? works? )\([\d.]+ m?s\)", "$1([TIME])");
    settings.add_filter(r"(came|close) within [\d.]+ m?s\b", "$1 within [TIME]");
    // Where nothing can be isolated that is said.
    settings.add_filter(r"\n.*it is not isolated: .*", "");
    let folder = folder.to_str().expect("a path in UTF-8");
    assert!(!text.contains(folder), "a path of this machine is shown:\n{text}");
    // Of a list: how many there are is not the point.
    settings.add_filter(r"\d+ cases?, \d+ mutants? *", "[N] cases, [N] mutants  ");
    settings.add_filter(r"(os error|Errno) \d+", "$1 [N]");
    // Nor which services there are: however they are separated, and wherever a line is broken.
    let services: Vec<&str> = Service::ALL.iter().map(|service| service.as_str()).collect();
    settings.add_filter(&services.join(r"(?:,?\s+)(?:- )?"), "[SERVICES]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Holds a JSON report to the schema.
#[track_caller]
fn valid(report: &serde_json::Value) {
    let schema = serde_json::from_str(trueline_conformance::report::SCHEMA).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(report).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().unwrap().port()
}

/// Fails where there is no Python.
fn needs_python() {
    let found = Command::new("python3").arg("--version").output();
    assert!(
        found.is_ok_and(|it| it.status.success()),
        "these tests launch programs in Python: tests/setup installs python3"
    );
}
