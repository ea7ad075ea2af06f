//! Some mutants over real sockets. That each of the zoo is told apart, a test in simulation shows; this one shows that
//! sockets change nothing about it: the same requirement is named, and no other than what the mutant breaks.

use super::*;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use trueline_conformance::mutant;

/// Some of each service, all of them with what only sockets show: time, octets on their way, closed connections.
const TCP: [(&str, &[&str]); 4] = [
    (
        "calculator",
        &[
            "recv-is-message",
            "keeps-cr",
            "no-resync",
            "waits-for-more",
            "drops-rest",
            "floor-division",
            "crlf",
            "never-closes",
            "one-client",
            "dies-on-reset",
            "half-line-blocks",
            "decodes-segments",
            "full-buffer-waits",
            "fifty-clients",
            "wears-out",
        ],
    ),
    ("word-length", &["counts-octets", "forgets-repeated", "ends-without-word"]),
    ("message", &["thanks-for-nothing", "prints-nothing", "last-first"]),
    ("greeting", &["waits-for-request", "stays-open", "announces-once"]),
];

const UDP: [(&str, &[&str]); 4] = [
    (
        "calculator",
        &[
            "keeps-datagram-lf",
            "receives-1000",
            "lf-in-datagram",
            "other-port",
            "drops-duplicates",
            "ignores-empty",
            "first-peer",
            "one-behind",
            "repeats-last-error",
            "wears-out",
        ],
    ),
    ("word-length", &["counts-utf16", "short-reply"]),
    ("message", &["replies-twice", "prints-behind"]),
    ("greeting", &["replies-twice", "refuses-junk", "refuses-long"]),
];

#[test]
fn mutants_are_told_over_tcp() {
    told("tcp", &TCP);
}

#[test]
fn mutants_are_told_over_udp() {
    told("udp", &UDP);
}

fn told(transport: &str, names: &[(&'static str, &'static [&'static str])]) {
    let each = |(service, names): &(&'static str, &'static [&'static str])| {
        names.iter().map(|name| (*service, *name)).collect::<Vec<_>>()
    };
    let names: Vec<(&str, &str)> = names.iter().flat_map(each).collect();
    // Most of a check of a wrong server is waiting for what does not come.
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((service, name)) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    wrong.lock().unwrap().extend(survives(service, transport, name));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "over {transport}\n{}", wrong.join("\n"));
}

/// What is wrong with what a mutant is told.
fn survives(service: &str, transport: &str, name: &str) -> Option<String> {
    let mutant = mutant::find(name).unwrap_or_else(|| panic!("no mutant is called {name}"));
    let serve = ["--", TRUELINE, "serve", service, "--transport", transport];
    let command = [&serve[..], &["--listen", "127.0.0.1:0", "--mutant", name]].concat();
    let checked = check_of(service, &["--strict", "--transport", transport], &command);
    let breaks = mutant.breaks(service.parse().unwrap());
    let breaks: Vec<String> = breaks.iter().map(ToString::to_string).collect();
    let failed = checked.with("fail");
    let strange = failed.iter().any(|id| !breaks.iter().any(|broken| broken == id));
    let told = failed.contains(&breaks[0].as_str());
    let exit = checked.exit;
    (!told || strange || exit != 1).then(|| {
        format!("{name} of {service}: breaks {breaks:?}, fails {failed:?}, exit code {exit}")
    })
}
