//! The division vectors of SPEC.md section 15 are what the suite asks, and what CPython prints.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use trueline_conformance::case::{self, Body};
use trueline_conformance::relies::asked;
use trueline_conformance::transcript::{Client, Text};
use trueline_conformance::transport::Transport;
use trueline_protocol::error::ErrorCode;

const VECTORS: &str = include_str!("../../protocol/vectors/division.tsv");

/// Dividend, divisor, and quotient or error code.
fn vectors() -> Vec<[&'static str; 3]> {
    let rows = VECTORS.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split('\t').collect::<Vec<_>>().try_into().expect("three columns")).collect()
}

fn code(due: &str) -> Option<ErrorCode> {
    ErrorCode::ALL.into_iter().find(|code| code.as_str() == due)
}

/// Each division that a written case asks about in postfix, with the reply that it awaits.
fn written() -> BTreeSet<(String, String)> {
    let mut written = BTreeSet::new();
    for case in case::all() {
        if let Body::Written(dialogue) = &case.body {
            let asked = asked(dialogue, Client::A, Transport::Tcp).into_iter();
            written
                .extend(asked.map(|(request, reply)| {
                    (Text::octets(request).to_string(), reply.to_string())
                }));
        }
    }
    written
}

#[test]
fn every_vector_is_asked_about() {
    let written = written();
    let open = vectors().into_iter().filter(|[left, right, due]| {
        let reply = match code(due) {
            Some(code) => format!(r"ERR {code}\{{detail}}"),
            None => format!("Div of {left} and {right} is {due}"),
        };
        let plain = |text: &str| Text::octets(text).to_string();
        let reply = if code(due).is_some() { reply } else { plain(&reply) };
        !written.contains(&(plain(&format!("{left} {right} /")), reply))
    });
    let open: Vec<String> = open.map(|row| row.join(" ")).collect();
    assert!(open.is_empty(), "no written case asks for:\n{}", open.join("\n"));
}

#[test]
fn there_are_vectors_of_every_kind() {
    let vectors = vectors();
    let due: Vec<&str> = vectors.iter().map(|[_, _, due]| *due).collect();
    for kind in ["0.0", "-0.0", "division-by-zero", "range"] {
        assert!(due.contains(&kind), "no vector gives {kind}");
    }
    for part in ["e-", "e+", "."] {
        assert!(due.iter().any(|due| due.contains(part)), "no vector gives a quotient with {part}");
    }
    let unique: BTreeSet<_> = vectors.iter().map(|[left, right, _]| (left, right)).collect();
    assert_eq!(unique.len(), vectors.len(), "a division stands there twice");
}

/// CPython divides and prints for itself: nothing of this repository takes part.
#[test]
fn the_vectors_are_what_cpython_prints() {
    const DIVIDE: &str = "
import sys
for line in sys.stdin:
    left, right, due = line.rstrip('\\n').split('\\t')
    try:
        got = repr(int(left) / int(right))
    except ZeroDivisionError:
        got = 'division-by-zero'
    except OverflowError:
        got = 'range'
    if got != due:
        print(left, right, due, got)
print('done')
";
    let mut python = Command::new("python3")
        .args(["-c", DIVIDE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the vectors are compared with CPython: install python3");
    let mut input = python.stdin.take().unwrap();
    for row in vectors() {
        writeln!(input, "{}", row.join("\t")).unwrap();
    }
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "done\n");
}
