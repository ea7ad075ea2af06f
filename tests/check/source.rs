//! Programs from their source: what is found at a path, how it is built, and how it is told its port.

use super::*;

use std::fs;

use super::hostile::told;

/// What the programs of `tests/classroom/source` are built and run with.
const TOOLS: [&str; 9] = ["python3", "node", "java", "javac", "gcc", "g++", "go", "make", "cargo"];

/// A Python program that greets, once it knows its `port`.
const GREET: &str = "
server = socket.create_server(('127.0.0.1', port))
while True:
    with server.accept()[0] as connection:
        connection.sendall(b'Thank you for connecting\\n')
";

fn needs_tools() {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let has = |tool: &&str| std::env::split_paths(&folders).any(|it| it.join(tool).is_file());
    let missing: Vec<_> = TOOLS.iter().filter(|tool| !has(tool)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing: tests/setup installs them");
}

/// A check of what is at a path, of a greeting. Whatever is made for it is gone afterwards.
fn checked(path: impl AsRef<Path>, options: &[&str]) -> Checked {
    needs_tools();
    let temporary = tempfile::tempdir().unwrap();
    let first = ["check", "greeting", "--only", "GREET-1", "--format", "json"];
    let mut command = trueline(&[&first, options].concat());
    command.arg(path.as_ref()).env("TMPDIR", temporary.path());
    // Wherever cargo puts what others build, it puts this where it is looked for.
    command.env("CARGO_TARGET_DIR", temporary.path().join("elsewhere"));
    let checked = told(&mut command);
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    checked
}

/// A folder with these files, below one of its own: where everybody's files are, only one of them is taken.
struct Submission {
    folder: tempfile::TempDir,
}

impl Submission {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("ada")).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join("ada").join(name), text).unwrap();
        }
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ada")
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Checked {
    #[track_caller]
    fn greets_at(&self, port: u16) {
        assert_eq!(self.exit, 0, "{:#}", self.report);
        assert_eq!(self.verdict("GREET-1"), "pass");
        let address = self.report["target"]["address"].as_str().unwrap();
        assert!(address.ends_with(&format!(":{port}")), "{address}");
    }

    /// It did not come up by its own fault, for this reason, and said this last.
    #[track_caller]
    fn fails(&self, why: &str, last_words: &str) {
        let failure = &self.report["launch_failure"];
        assert_eq!((self.exit, &failure["blame"]), (3, &"target".into()), "{:#}", self.report);
        let told = self.report["why"].as_str().unwrap();
        assert!(told.contains(why), "{told}");
        let words = failure["last_words"].to_string();
        assert!(words.contains(last_words), "{words}");
    }
}

#[test]
fn every_kind_of_source_is_built_and_run() {
    for (kind, command) in [
        ("c", "gcc -O1 -pthread -o server.out greeting.c server.c -lm && ./server.out"),
        ("cpp", "g++ -O1 -pthread -o main.out main.cpp -lm && ./main.out"),
        ("go", "go build -o server.out greeting.go server.go && ./server.out"),
        (
            "java",
            "javac -encoding UTF-8 -d . -sourcepath . Greeting.java Server.java && java -cp . line.Server",
        ),
        ("node", "node greeting.js"),
        ("notebook", "python3 greeting.ipynb.py"),
        ("make", "make && ./build/greeting_server"),
        ("cargo", "cargo build --release --offline && ./target/release/greeting-server"),
    ] {
        let path = classroom(&format!("source/{kind}"));
        let checked = checked(&path, &["--isolation", "full"]);
        checked.greets_at(8043);
        assert_eq!(checked.report["isolation"]["level"], "full");
        assert_eq!(checked.report["target"]["path"], *path);
        assert_eq!(checked.report["target"]["command"], format!("cd {path} && {command}"));
    }
}

/// Whoever is not isolated is built in a copy all the same.
#[test]
fn without_isolation_a_folder_stays_as_it_is() {
    for kind in ["c", "go", "java", "make", "cargo"] {
        let path = classroom(&format!("source/{kind}"));
        let files = || fs::read_dir(&path).unwrap().count();
        let before = files();
        let checked = checked(&path, &["--isolation", "none", "--arg", "{port}"]);
        assert_eq!((checked.exit, checked.verdict("GREET-1")), (0, "pass"), "{:#}", checked.report);
        assert_eq!(files(), before, "{kind}");
    }
}

#[test]
fn a_file_of_a_folder_is_built_with_its_parts() {
    checked(classroom("source/c/server.c"), &["--arg", "{port}"]).greets_at(8040);
    checked(classroom("source/make/Makefile"), &[]).greets_at(8043);
}

#[test]
fn what_is_built_already_is_run() {
    needs_tools();
    let submission = Submission::new(&[]);
    let done = |command: &mut Command| assert!(command.status().unwrap().success());
    let (classes, jar) = (submission.folder.path(), submission.path().join("greeting server.jar"));
    done(
        Command::new("javac")
            .arg("-d")
            .arg(classes)
            .args(["Server.java", "Greeting.java"].map(|file| classroom("source/java/") + file)),
    );
    let mut pack = Command::new("jar");
    pack.arg("--create").arg("--file").arg(&jar).args(["--main-class", "line.Server", "-C"]);
    done(pack.arg(classes).arg("line"));
    checked(submission.path(), &[]).greets_at(8043);
    fs::remove_file(jar).unwrap();

    let program = submission.path().join("server (1)");
    let files = ["server.c", "greeting.c"].map(|file| classroom("source/c/") + file);
    done(Command::new("cc").arg("-o").arg(&program).args(files));
    checked(&program, &["--arg=8044"]).greets_at(8044);
    checked(submission.path(), &[]).greets_at(8043);
}

#[test]
fn a_name_may_be_of_any_script() {
    let source = format!("import socket\nport = 8043\n{GREET}").replace('\n', "\r\n");
    let script = format!("#!/usr/bin/env python3\r\n{source}");
    let submission = Submission::new(&[]);
    let folder = submission.path().join("واجب (2) 作业");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("خادم 服务器 (1).py"), source).unwrap();
    checked(&folder, &[]).greets_at(8043);
    checked(folder.join("خادم 服务器 (1).py"), &[]).greets_at(8043);
    fs::write(folder.join("server"), script).unwrap();
    checked(folder.join("server"), &[]).greets_at(8043);
}

/// A program finds the files that lie beside it.
#[test]
fn a_program_runs_in_its_folder() {
    let source = "import socket\nport = int(open('port.txt').read())\n".to_owned() + GREET;
    let submission = Submission::new(&[("server.py", &source), ("port.txt", "8055")]);
    checked(submission.path(), &[]).greets_at(8055);
    checked(submission.path().join("server.py"), &["--isolation", "none"]).greets_at(8055);
    for around in ["", "../ada", "../ada/./server.py"] {
        checked(submission.path().join(around), &["--isolation", "full"]).greets_at(8055);
    }
}

#[test]
fn a_build_that_fails_is_the_programs_fault() {
    let submission = Submission::new(&[("server.c", "int main(void) {\n    return nothing;\n}\n")]);
    let why =
        "the build failed: `gcc -O1 -pthread -o server.out server.c -lm` ended with exit code 1.";
    checked(submission.path(), &[]).fails(why, "server.c:2:12: error: ");
    let java = "class Server { public static void main(String[] a) { nothing(); } }";
    let submission = Submission::new(&[("Server.java", java)]);
    checked(submission.path(), &[]).fails("the build failed", "Server.java:1: error: ");
    let go = Submission::new(&[("a.go", "package main\n\nfunc main() {\n\tnothing()\n}\n")]);
    checked(go.path(), &[]).fails("the build failed", "./a.go:4:2: ");
    let made = Submission::new(&[("Makefile", "all:\n\ttouch server\n")]);
    checked(made.path(), &[]).fails("`make` made no program that could be told: no new file", "");
}

#[test]
fn a_missing_compiler_is_the_machines_fault() {
    let submission = Submission::new(&[("server.c", "int main(void) { return 0; }\n")]);
    for isolation in ["full", "none"] {
        let options = ["--format", "json", "--isolation", isolation];
        let mut command = trueline(&[&["check", "greeting"], &options[..]].concat());
        let checked = told(command.arg(submission.path()).env("PATH", submission.folder.path()));
        assert_eq!((checked.exit, &checked.report["conclusion"]), (4, &"inconclusive".into()));
        let why = checked.report["why"].as_str().unwrap();
        assert!(why.ends_with("needs gcc, which this machine does not have"), "{why}");
        assert_eq!(checked.report["launch_failure"]["advice"], "install gcc");
    }
}

/// How a Makefile that does this is checked.
fn made_by(recipe: &str, options: &[&str]) -> Checked {
    let submission = Submission::new(&[("Makefile", &format!("all:\n\t{recipe}\n"))]);
    let checked = checked(submission.path(), &[&["--isolation", "full"], options].concat());
    assert_eq!(submission.files().len(), 1, "it has written to its own folder");
    checked
}

#[test]
fn a_build_that_never_ends_has_its_limit() {
    let checked = made_by("while :; do :; done", &["--build-timeout", "1"]);
    checked.fails("the build took longer than 1 s: `make`.", "");
    assert!(
        checked.report["launch_failure"]["advice"].as_str().unwrap().contains("--build-timeout")
    );
}

#[test]
fn a_build_that_writes_without_end_is_bounded() {
    made_by("cat /dev/zero > zeros", &[]).fails("the build failed", "File size limit exceeded");
    let many = "i=0; while head -c 100000000 /dev/zero > $$i; do i=$$((i+1)); done; exit 1";
    made_by(many, &[]).fails("the build failed", "No space left on device");
}

#[test]
fn a_build_cannot_reach_what_is_not_its_own() {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("written");
    made_by(&format!("echo > {}", file.display()), &[]).fails("the build failed", "");
    assert!(!file.exists());
    made_by("echo > /usr/written", &[]).fails("the build failed", "");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    made_by(&format!("bash -c 'echo > /dev/tcp/127.0.0.1/{port}'"), &[])
        .fails("the build failed", "");
    // A link that it leaves is nothing that is read or run.
    made_by("ln -s /bin/true server", &[]).fails("made no program", "");
}

#[test]
fn a_program_is_told_its_port() {
    for (reads, option, missing) in [
        ("port = int(sys.argv[1])", ["--arg", "{port}"], "--arg"),
        (
            "a = argparse.ArgumentParser(); a.add_argument('--port', type=int, required=True)\nport = a.parse_args().port",
            ["--arg", "--port={port}"],
            "--arg",
        ),
        ("port = int(os.environ['PORT'])", ["--env", "PORT={port}"], "--env"),
        // Whoever closes its standard input ends it.
        (
            "port = int(input('port? '))\nthreading.Thread(target=lambda: (sys.stdin.read(), os._exit(9))).start()",
            ["--input", "{port}"],
            "--input",
        ),
    ] {
        let source = format!("import argparse, os, socket, sys, threading\n{reads}\n{GREET}");
        let submission = Submission::new(&[("server.py", &source)]);
        checked(submission.path(), &option).greets_at(8040);
        checked(submission.path(), &[&option[..], &["--expect-port", "40"]].concat()).greets_at(40);
        let here = checked(submission.path(), &[&option[..], &["--isolation", "none"]].concat());
        assert_eq!(here.exit, 0, "{:#}", here.report);
        let without = checked(submission.path(), &[]);
        without.fails("before it listened", "");
        let advice = without.report["launch_failure"]["advice"].as_str().unwrap();
        assert!(advice.contains(missing) && advice.contains("{port}"), "{advice}");
    }
}

/// With what a check says of it, and in the other commands that launch.
#[test]
fn a_path_stands_for_its_program_elsewhere_too() {
    needs_tools();
    let path = classroom("source/c");
    let compared =
        trueline(&["diff", "greeting", &path, "reference", "--only", "GREET-1"]).output();
    assert_eq!(compared.unwrap().status.code(), Some(0));
    let case = "case greeting.mine\ncovers GREET-1\nservice greeting\n! open\n< Thank you for connecting\n";
    let submission = Submission::new(&[("mine.transcript", case)]);
    let file = submission.path().join("mine.transcript");
    let mut replay = trueline(&["replay", "--arg", "{port}"]);
    let replayed = replay.arg(file).arg(path).output().unwrap();
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
}
