//! Arithmetic against CPython itself: its integers, its true division, its `repr`.

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::civil::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use trueline_protocol::service::Service;

fn reply(request: &str) -> String {
    Service::Calculator.answer(request, DateTime::ZERO).to_string()
}

/// Reads requests in postfix, a line each, and answers as SPEC.md section 5 says, with CPython's own arithmetic.
const ORACLE: &str = r#"
import sys
words = {"+": "Sum", "-": "Diff", "*": "Product", "/": "Div"}
for line in sys.stdin:
    left, right, operator = line.split()
    a, b = int(left), int(right)
    try:
        result = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[operator]()
        print(f"{words[operator]} of {left} and {right} is {result!r}")
    except ZeroDivisionError:
        print("ERR division-by-zero")
    except OverflowError:
        print("ERR range")
"#;

fn digits(most: usize) -> impl Strategy<Value = String> {
    vec(prop::sample::select(b"0123456789".to_vec()), 1..=most)
        .prop_map(|digits| digits.into_iter().map(char::from).collect())
}

fn signed(digits: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (prop_oneof![4 => Just(""), 2 => Just("-"), 1 => Just("+")], digits)
        .prop_map(|(sign, digits)| format!("{sign}{digits}"))
}

/// `2^power + offset`, in decimal.
fn near_power(power: u32, offset: i64) -> String {
    use dashu_int::IBig;
    ((IBig::ONE << power as usize) + offset).to_string()
}

/// Pairs whose quotient is hard to round or to spell.
fn hard_quotients() -> impl Strategy<Value = (String, String)> {
    let offset = || -3i64..=3;
    prop_oneof![
        // Halfway between two binary64, and one off it.
        (54u32..1100, 0u32..60, offset(), offset())
            .prop_map(|(p, q, a, b)| (near_power(p, a), near_power(q, b))),
        // A quotient of 54 bits and more: odd multiples of half a unit.
        ((1u64 << 53)..(1 << 54), 0u32..1000).prop_map(|(odd, power)| {
            let left = dashu_int::IBig::from(odd | 1) << power as usize;
            (left.to_string(), near_power(power, 0))
        }),
        // Subnormal quotients.
        (0u32..60, 1020u32..1140, offset(), offset())
            .prop_map(|(p, q, a, b)| (near_power(p, a), near_power(q, b))),
        ((1u64 << 50)..(1 << 56), 1060u32..1140)
            .prop_map(|(a, q)| (a.to_string(), near_power(q, 0))),
        // Overflowing quotients, and the last that do not.
        (960u32..1000, 0u64..(1 << 54)).prop_map(|(power, a)| {
            let top = (dashu_int::IBig::from((1u64 << 54) - 2 + (a & 3))) << power as usize;
            (top.to_string(), near_power(power.saturating_sub(970), 0))
        }),
        // Ties between two shortest spellings, and powers of two.
        (0u64..(1 << 20), 0u32..80).prop_map(|(a, q)| (a.to_string(), near_power(q, 0))),
        (0u32..1080, 0u32..1080).prop_map(|(p, q)| (near_power(p, 0), near_power(q, 0))),
        // Where the exponent form begins.
        (1u64..100_000, 0usize..25, 0usize..25)
            .prop_map(|(a, n, m)| (format!("{a}{:0<n$}", ""), format!("1{:0<m$}", ""))),
    ]
}

fn requests() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!['+', '-', '*', '/']);
    let zero =
        || prop::sample::select(vec!["0", "-0", "+0", "000", "-000"]).prop_map(str::to_owned);
    let size = || prop_oneof![signed(digits(3)), signed(digits(25)), signed(digits(480))];
    let any = (size(), size(), operator.clone());
    let zeros = (prop_oneof![zero(), size()], zero(), operator);
    let signs = prop::sample::select(vec!["", "-"]);
    let hard = (signs.clone(), signs, hard_quotients())
        .prop_map(|(s, t, (a, b))| (format!("{s}{a}"), format!("{t}{b}"), '/'));
    prop_oneof![6 => any.boxed(), 1 => zeros.boxed(), 7 => hard.boxed()]
        .prop_map(|(left, right, operator)| format!("{left} {right} {operator}").replace("--", "-"))
        .prop_filter("fits a line", |request| request.len() <= 1023)
}

#[test]
fn agrees_with_cpython_on_24000_generated_requests() {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, b"trueline against CPython, seed 1");
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let strategy = requests();
    let requests: Vec<String> =
        (0..24_000).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();

    let mut python = Command::new("python3")
        .args(["-c", ORACLE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests compare with CPython: install python3");
    let mut stdin = python.stdin.take().unwrap();
    let input = requests.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let expected = String::from_utf8(output.stdout).unwrap();

    assert_eq!(expected.lines().count(), requests.len());
    for (request, expected) in requests.iter().zip(expected.lines()) {
        assert_eq!(reply(request), expected, "for {request}");
    }
    for part in ["ERR range", "ERR division-by-zero", " is -0.0", " is 0.0", "e-3", "e+30", "e-05"]
    {
        assert!(expected.contains(part), "the requests lead to no `{part}`");
    }
}

/// The table that SPEC.md section 15 makes part of the specification.
#[test]
fn agrees_with_the_test_vectors() {
    let vectors = include_str!("../vectors/division.tsv");
    let rows = vectors.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let [left, right, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {row}");
        };
        let reply = reply(&format!("{left} {right} /"));
        let spelled = reply.rsplit(' ').next().unwrap();
        assert_eq!(spelled, expected, "for {left} / {right}");
        count += 1;
    }
    assert!(count > 150, "only {count} vectors");
}
