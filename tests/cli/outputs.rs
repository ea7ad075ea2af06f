//! Where reports go, and what becomes of a check whose report cannot go there.

use super::*;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A check that is soon over: one case of a server that does not conform.
const CHECK: &str = "trueline check calculator --only frame.reply";
const SERVE: &str = "-- trueline serve calculator --listen 127.0.0.1:0 --mutant crlf";

/// What a check with these options prints; it is over with this exit code.
#[track_caller]
fn checked(shell: &Shell, options: &str, exit: i32) -> String {
    let (code, told) = shell.run(&format!("{CHECK} {options} {SERVE}"));
    assert_eq!(code, exit, "{told}");
    told
}

fn read(shell: &Shell, name: &str) -> String {
    fs::read_to_string(shell.here().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn is_json(text: &str) {
    let report: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    valid(&report);
    assert_eq!(
        (&report["conclusion"], &report["exit_code"]),
        (&"does-not-conform".into(), &1.into())
    );
}

#[track_caller]
fn is_human(text: &str) {
    assert!(text.contains("Not conforming.\n") && text.contains("✗ FRAME-3"), "{text}");
}

/// What stands in the folder, in order.
fn names(shell: &Shell) -> Vec<String> {
    let entries = fs::read_dir(shell.here()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn fifo(shell: &Shell, name: &str) -> PathBuf {
    let path = shell.here().join(name);
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    path
}

#[test]
fn two_formats_to_two_files() {
    let shell = Shell::new();
    let told = checked(&shell, "--format json --output a.json --format human --output a.txt", 1);
    assert!(told.ends_with("--mutant crlf\n--- exit code 1"), "{told}");
    is_json(&read(&shell, "a.json"));
    is_human(&read(&shell, "a.txt"));
    assert_eq!(names(&shell), ["a.failures", "a.json", "a.txt"]);
}

#[test]
fn one_to_standard_output_and_one_to_a_file() {
    let shell = Shell::new();
    is_human(&checked(&shell, "--format json --output a.json --format human", 1));
    is_json(&read(&shell, "a.json"));
    let told = checked(&shell, "--output a.txt --format human --format json", 2);
    assert!(told.contains("a.txt"), "{told}");
    checked(&shell, "--output a.txt", 1);
    is_human(&read(&shell, "a.txt"));
}

/// Where there is but one of each, the order does not matter.
#[test]
fn an_output_before_its_format() {
    let shell = Shell::new();
    checked(&shell, "--output a.json --format json", 1);
    is_json(&read(&shell, "a.json"));
}

#[test]
fn an_output_without_a_format_of_its_own() {
    let shell = Shell::new();
    for (name, options) in [
        ("two-outputs", "--output a --output b"),
        ("second-output", "--format json --output a --output b"),
        ("first-output", "--output a --format json --format human"),
    ] {
        told(&shell, name, &format!("{CHECK} {options} {SERVE}"), 2);
    }
    assert_eq!(names(&shell), Vec::<String>::new());
}

#[test]
fn two_reports_to_one_place() {
    let shell = Shell::new();
    shell.file("a", "old");
    symlink("a", shell.here().join("link")).unwrap();
    for (name, options) in [
        ("two-reports-one-file", "--format json --output b --format human --output ./b"),
        ("two-reports-one-link", "--format json --output a --format human --output link"),
        ("two-reports-standard", "--format json --format human --output -"),
    ] {
        told(&shell, name, &format!("{CHECK} {options} {SERVE}"), 2);
    }
    assert_eq!(read(&shell, "a"), "old");
}

#[test]
fn places_that_cannot_be() {
    let shell = Shell::new();
    fs::create_dir(shell.here().join("folder")).unwrap();
    shell.file("file", "old");
    for (name, path) in [
        ("output-missing-folder", "missing/report.json"),
        ("output-new-folder", "new/"),
        ("output-folder", "folder"),
        ("output-below-a-file", "file/report.json"),
    ] {
        told(&shell, name, &format!("{CHECK} --output {path} {SERVE}"), 2);
    }
    assert_eq!(names(&shell), ["file", "folder"]);
}

/// What may not be written is not replaced either.
#[test]
fn a_file_that_may_not_be_written() {
    let shell = Shell::new();
    shell.file("a", "old");
    let path = shell.here().join("a");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::OpenOptions::new().append(true).open(&path).is_ok() {
        // To the superuser nothing is forbidden.
        return;
    }
    told(&shell, "output-read-only", &format!("{CHECK} --output a {SERVE}"), 2);
    assert_eq!(read(&shell, "a"), "old");
}

#[test]
fn a_file_is_replaced_and_keeps_what_it_is() {
    let shell = Shell::new();
    shell.file("a", "old ".repeat(10_000));
    fs::set_permissions(shell.here().join("a"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("a", shell.here().join("link")).unwrap();
    checked(&shell, "--output link", 1);
    is_human(&read(&shell, "a"));
    assert!(fs::symlink_metadata(shell.here().join("link")).unwrap().is_symlink());
    let mode = fs::metadata(shell.here().join("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(names(&shell), ["a", "link", "link.failures"]);
}

#[test]
fn every_format_to_a_file() {
    let shell = Shell::new();
    let formats = ["human", "json", "junit", "html"];
    let options = formats.map(|it| format!("--format {it} --output a.{it}")).join(" ");
    let told = checked(&shell, &format!("{options} --format github --output a.md"), 1);
    assert!(told.contains("\n::error title=FRAME-3 (MUST) is broken::"), "{told}");
    is_human(&read(&shell, "a.human"));
    is_json(&read(&shell, "a.json"));
    assert!(read(&shell, "a.junit").contains("<failure "));
    assert!(read(&shell, "a.html").starts_with("<!DOCTYPE html>"));
    assert!(read(&shell, "a.md").starts_with("## calculator, line dialect, TCP"));
}

/// Annotations are lines among others, but not among those of a report for programs.
#[test]
fn annotations_go_with_what_people_read() {
    let shell = Shell::new();
    let told = checked(&shell, "--format human --format github", 1);
    assert!(told.contains("Not conforming.\n::error title="), "{told}");
    for other in ["json", "junit", "html", "github"] {
        let told = checked(&shell, &format!("--format {other} --format github"), 2);
        assert!(told.contains("two reports would go to standard output"), "{told}");
    }
}

#[test]
fn a_device_stays_one() {
    let shell = Shell::new();
    checked(&shell, "--output /dev/null", 1);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    for standard in ["-", "/dev/stdout"] {
        is_human(&checked(&shell, &format!("--output {standard}"), 1));
    }
    let told = checked(&shell, "--output /dev/stderr", 1);
    is_human(told.split("--- standard error\n").nth(1).unwrap());
}

/// Whatever the check found: nobody can read it.
#[test]
fn a_report_that_cannot_be_written() {
    let shell = Shell::new();
    let line = format!("{CHECK} --output /dev/full {SERVE}");
    told(&shell, "output-full", &line, 4);
    let line = format!("sh -c '{CHECK} {SERVE} >/dev/full'");
    told(&shell, "output-full-standard", &line, 4);
}

#[test]
fn the_other_reports_are_written_all_the_same() {
    let shell = Shell::new();
    let full = "--format json --output /dev/full";
    let told = checked(&shell, &format!("{full} --format json --output a.json --format human"), 4);
    is_human(&told);
    is_json(&read(&shell, "a.json"));
}

#[test]
fn a_pipe() {
    let shell = Shell::new();
    let path = fifo(&shell, "pipe");
    let reader = std::thread::spawn(|| fs::read_to_string(path));
    checked(&shell, "--format json --output pipe", 1);
    is_json(&reader.join().unwrap().unwrap());
    assert!(fs::metadata(shell.here().join("pipe")).unwrap().file_type().is_fifo());
}

#[test]
fn whoever_stops_reading_has_read_enough() {
    let shell = Shell::new();
    let line = format!("{CHECK} --format json {SERVE}");
    let mut check =
        shell.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(check.stdout.take());
    let output = check.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
    // Nobody was ever to read it.
    let (exit, told) = shell.run(&format!("sh -c '{line} >&-'"));
    assert_eq!(exit, 1, "{told}");
}

/// Nobody waits for a reader who does not read on.
#[test]
fn a_check_is_interrupted_while_its_report_is_read() {
    let shell = Shell::new();
    // A failure whose transcript no pipe holds.
    let exchanges = "> 1 2 +\n< Sum of 1 and 2 is 3\n".repeat(3000);
    shell.file("own/a.transcript", format!("case my.own\ncovers FRAME-8\n{exchanges}> 1\n< 1\n"));
    let serve = "-- trueline serve calculator --listen 127.0.0.1:0";
    let line = "trueline check calculator --cases-from own --only my.own --format json";
    let mut check = shell.command(&format!("{line} {serve}"));
    let mut check = check.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::with_capacity(16, check.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    interrupt(&check);
    let mut said = String::new();
    check.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(check.wait().unwrap().code(), Some(4), "{said}");
    assert!(said.contains("the check was interrupted"), "{said}");
}

/// Nothing is left beside a report that was not written, and what was there still is.
#[test]
fn a_check_that_is_interrupted_writes_nothing() {
    let shell = Shell::new();
    shell.file("a", "old");
    let pipe = fifo(&shell, "pipe");
    let line = "trueline check calculator --isolation none --output a -- sh -c 'echo up >pipe; exec sleep 1000'";
    let mut check =
        shell.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(fs::read_to_string(pipe).unwrap(), "up\n");
    assert_eq!(names(&shell), ["a", "pipe"]);
    interrupt(&check);
    assert_eq!(check.wait().unwrap().code(), Some(4));
    assert_eq!(
        (read(&shell, "a").as_str(), names(&shell)),
        ("old", vec!["a".to_owned(), "pipe".to_owned()])
    );
}

fn interrupt(check: &std::process::Child) {
    kill_process(Pid::from_child(check), Signal::TERM).unwrap();
}

/// Who is to blame, as a conclusion and as an exit code.
#[test]
fn reports_of_programs_that_do_not_come_up() {
    for (command, conclusion, blame, exit) in [
        ("sh -c 'echo what a day >&2; exit 7'", "never-came-up", "target", 3),
        ("no-such-interpreter server.py", "inconclusive", "machine", 4),
        ("./server.py", "not-launched", "user", 2),
    ] {
        let shell = Shell::new();
        let line = format!("trueline check calculator --port 8040 --format json -- {command}");
        let output = shell.command(&line).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(said.contains("  help: "), "{said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        valid(&report);
        assert_eq!(report["conclusion"], conclusion);
        assert_eq!(report["exit_code"], exit);
        assert_eq!(report["launch_failure"]["blame"], blame);
        assert_eq!(report["options"], serde_json::json!(["--port 8040"]));
        if exit == 3 {
            assert_eq!(
                report["why"],
                format!("{command} ended with exit code 7 before it listened.")
            );
            assert_eq!(report["launch_failure"]["last_words"], serde_json::json!(["what a day"]));
        }
    }
}

/// Standard error has told it all; a file has it, too.
#[test]
fn of_a_program_that_does_not_come_up_people_are_told_once() {
    let shell = Shell::new();
    let line = "trueline check calculator --output a -- sh -c 'echo what a day >&2; exit 7'";
    told(&shell, "report-unlaunched-said", line, 3);
    held(shell.folder.path(), "report-unlaunched", &read(&shell, "a"));
    let line = "trueline check calculator --output /dev/full -- ./server.py";
    told(&shell, "report-unlaunched-full", line, 4);
}
