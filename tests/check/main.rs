//! Whole checks, as a user has them performed: the built program, real sockets, real targets.
//!
//! Nothing here sleeps or counts seconds: what is awaited is a line, an end, or an exit code. Where the generated cases
//! are not the point there are few of them.
// Elsewhere nobody tells where a launched program listens.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod baseline;
mod classroom;
mod client;
mod conduct;
mod dialect_files;
mod dialects;
mod diff;
mod faulty;
mod hostile;
mod isolated;
mod json;
mod leftovers;
mod mutants;
mod once;
mod pages;
mod pairs;
mod pcap;
mod reference;
mod replay;
mod source;
mod talks;

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use trueline_conformance::report::SCHEMA;

const TRUELINE: &str = env!("CARGO_BIN_EXE_trueline");

fn trueline(arguments: &[&str]) -> Command {
    let mut command = Command::new(TRUELINE);
    command.args(arguments).stdin(Stdio::null()).env_remove("TRUELINE_LOG");
    command.env("PATH", &*PATH);
    command
}

/// Where programs are found, first of all the interpreter that `python3` is in the end: what stands for it, as pyenv does,
/// takes longer to start than that itself, and these tests launch it some thousand times.
static PATH: LazyLock<OsString> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let which = ["-c", "import os, sys; print(os.path.dirname(sys.executable))"];
    let found = Command::new("python3").args(which).output().map(|it| it.stdout);
    let folder = String::from_utf8(found.unwrap_or_default()).expect("a path in UTF-8");
    let first = Some(folder.trim_end()).filter(|it| !it.is_empty()).map(PathBuf::from);
    std::env::join_paths(first.into_iter().chain(std::env::split_paths(&path))).expect("a PATH")
});

/// What came of a check.
struct Checked {
    exit: i32,
    report: Value,
}

impl Checked {
    /// The requirements with a verdict.
    fn with(&self, verdict: &str) -> Vec<&str> {
        let all = self.report["requirements"].as_array().unwrap().iter();
        let told = all.filter(|it| it["verdict"] == verdict);
        told.map(|it| it["id"].as_str().unwrap()).collect()
    }

    /// The verdict of a requirement.
    fn verdict(&self, id: &str) -> &str {
        let mut all = self.report["requirements"].as_array().unwrap().iter();
        all.find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id}"))["verdict"]
            .as_str()
            .unwrap()
    }

    /// The failures of a requirement.
    fn failures(&self, id: &str) -> &[Value] {
        let mut all = self.report["requirements"].as_array().unwrap().iter();
        let found = all.find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id}"));
        found["failures"].as_array().unwrap()
    }

    /// It conforms, and nothing was left out but what nobody can test.
    fn conforms(&self) {
        let failed = self.with("fail");
        let told = failed.iter().map(|id| format!("{id}: {:#?}", self.failures(id)));
        assert_eq!(failed.len(), 0, "{}", told.collect::<Vec<_>>().join("\n"));
        assert_eq!((self.exit, &self.report["conclusion"]), (0, &"conforms".into()));
        assert_eq!(self.open(), Vec::<&str>::new(), "{:#}", self.report);
    }

    /// What should have been asked about and did not pass.
    fn open(&self) -> Vec<&str> {
        let untested = ["FRAME-23", "FRAME-24", "FRAME-26", "FRAME-36"];
        let all = self.report["requirements"].as_array().unwrap().iter();
        let open = all.filter(|it| it["verdict"] != "pass").map(|it| it["id"].as_str().unwrap());
        open.filter(|id| !untested.contains(id)).collect()
    }

    /// It does not, and exactly these requirements are broken.
    fn breaks(&self, ids: &[&str]) {
        assert_eq!(self.with("fail"), ids, "{:#}", self.report);
        assert_eq!((self.exit, &self.report["conclusion"]), (1, &"does-not-conform".into()));
    }
}

/// Checks a calculator: `options`, then an address, or `--` and a command.
fn check(options: &[&str], target: &[&str]) -> Checked {
    check_of("calculator", options, target)
}

/// Checks a server of a service. The report keeps its schema, always.
fn check_of(service: &str, options: &[&str], target: &[&str]) -> Checked {
    let few = ["--cases", "16"];
    let few = if options.contains(&"--cases") { &[][..] } else { &few };
    let arguments = [&["check", service, "--format", "json"], few, options, target].concat();
    let output = trueline(&arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}), but {said}"));
    valid(&report);
    for (name, case) in report["cases"].as_object().unwrap() {
        // What went wrong once and well when it was tried again has its note.
        let noted = case["notes"].as_array().is_some_and(|notes| !notes.is_empty());
        let held = case["held"].as_u64() > Some(0) || noted;
        assert!(held || case["verdict"] != "pass", "{name} passes, and nothing of it held");
    }
    Checked { exit: output.status.code().expect("an exit code"), report }
}

/// Holds a report to the schema.
fn valid(report: &Value) {
    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is one")
    });
    let errors = VALIDATOR.iter_errors(report);
    let errors: Vec<_> = errors.map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// The reference server, or a mutant, in a process of its own; it ends with the test.
struct Served {
    child: Child,
    address: SocketAddr,
}

/// Runs `trueline serve` and reads where it listens from the first line of its output.
fn serve(service: &str, options: &[&str]) -> Served {
    let arguments = [&["serve", service], options].concat();
    let mut child = trueline(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next());
    let address = address.and_then(|address| address.parse().ok());
    let address = address.unwrap_or_else(|| panic!("its first line is {line:?}"));
    Served { child, address }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago. A target that is given it can be started again where it was: FRAME-25.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().unwrap().port().to_string()
}

/// A program of `tests/classroom`.
fn classroom(program: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/classroom");
    folder.join(program).to_str().expect("a path in UTF-8").to_owned()
}

/// The name of a Python that runs the classroom's programs.
fn python() -> &'static str {
    static FOUND: LazyLock<bool> = LazyLock::new(|| {
        let version = "import sys; sys.exit(sys.version_info < (3, 9))";
        let found = Command::new("python3").args(["-c", version]).status();
        found.is_ok_and(|status| status.success())
    });
    assert!(
        *FOUND,
        "these tests run the classroom's programs: tests/setup installs python3; 3.9 or newer it must be"
    );
    "python3"
}

/// A folder with a Python program.
struct Script {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Script {
    fn new(source: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.py");
        std::fs::write(&path, source).expect("a file");
        Self { _folder: folder, path }
    }

    fn path(&self) -> &str {
        self.path.to_str().expect("a path in UTF-8")
    }
}
