//! The test vectors of SPEC.md section 15 are what the suite asks, and what CPython prints and counts.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use trueline_conformance::case::{self, Body};
use trueline_conformance::relies::asked;
use trueline_conformance::transcript::{Client, Text};
use trueline_conformance::transport::Transport;
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::Service;

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
    for case in case::of(Service::Calculator) {
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
    if line.startswith('#'):
        continue
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
    assert_eq!(python(DIVIDE, VECTORS), "done\n");
}

const WORDS: &str = include_str!("../../protocol/vectors/words.tsv");

/// Word, length, code points and what it is.
fn words() -> Vec<[&'static str; 4]> {
    let rows = WORDS.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split('\t').collect::<Vec<_>>().try_into().expect("four columns")).collect()
}

#[test]
fn every_word_is_asked_about() {
    let vectors = case::of(Service::WordLength).iter().find(|it| it.name == "word-length.vectors");
    let Body::Written(dialogue) = &vectors.unwrap().body else { panic!("it is generated") };
    let asked = asked(dialogue, Client::A, Transport::Tcp);
    assert_eq!(asked.len(), words().len());
    for ([word, length, _, what], (request, reply)) in words().into_iter().zip(asked) {
        assert_eq!(request, word.as_bytes(), "{what}");
        let due = format!("{length} {}", word.chars().next().unwrap());
        assert_eq!(reply.literal(), Some(due.as_bytes()), "{what}");
    }
}

#[test]
fn there_are_words_of_twelve_scripts_and_of_every_kind() {
    let scripts = [
        "Latin",
        "Greek",
        "Cyrillic",
        "Hebrew",
        "Arabic",
        "Devanagari",
        "Tamil",
        "Thai",
        "Georgian",
        "Armenian",
        "Ethiopic",
        "Han",
        "Hiragana",
        "Hangul",
    ];
    let kinds = [
        "astral",
        "combining",
        "from right to left",
        "emoji",
        "decomposed",
        "composed",
        "variation selector alone",
        "flag",
        "joined",
    ];
    for part in scripts.iter().chain(&kinds) {
        assert!(words().iter().any(|row| row[3].contains(part)), "no word is {part}");
    }
    let unique: BTreeSet<&str> = words().iter().map(|row| row[0]).collect();
    assert_eq!(unique.len(), words().len(), "a word stands there twice");
}

/// CPython counts for itself, and tells the code points: an editor that normalises would show.
#[test]
fn the_words_are_what_cpython_counts() {
    const COUNT: &str = "
import io, sys, unicodedata
for line in io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='\\n'):
    if line.startswith('#'):
        continue
    word, length, points, _ = line.rstrip('\\n').split('\\t')
    got = ' '.join('%04X' % ord(c) for c in word)
    if str(len(word)) != length or got != points or any(c.isspace() for c in word):
        print(points, length, got)
print('done')
";
    assert_eq!(python(COUNT, WORDS), "done\n");
}

/// What a program for CPython prints that reads this.
fn python(program: &str, input: &str) -> String {
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the vectors are compared with CPython: tests/setup installs python3");
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap()
}
