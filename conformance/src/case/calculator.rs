//! Generated cases of SPEC.md section 5.

use jiff::civil::DateTime;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::calculator::{Notation, Operator};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::Service;

use super::{Case, Stage, generated};
use crate::service::calculator::{
    digits, hard_quotient, notation, odd, operator, plain, refused, requests, small, spaced,
    unknown_operators, written, zero,
};
use crate::service::{ask, blanks, texts};
use crate::transcript::{Dialogue, Transcript};

const WHOLE: &[Operator] = &[Operator::Add, Operator::Subtract, Operator::Multiply];
const DIVIDE: &[Operator] = &[Operator::Divide];

/// The test vectors of SPEC.md section 15.
const VECTORS: &str = include_str!("../../../protocol/vectors/division.tsv");

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let one = |name: &str, covers: &str, dialogues| {
        generated(Service::Calculator, name, covers, None, Stage::One, true, dialogues)
    };
    let errors = |name: &str, covers: &str, dialogues| {
        generated(Service::Calculator, name, covers, None, Stage::Errors, true, dialogues)
    };
    let mut cases = vec![
        one("calculator.postfix.any", "CALC-4", |_| asked(simple(Notation::Postfix))),
        one("calculator.infix.any", "CALC-5", |_| asked(simple(Notation::Infix))),
        one("calculator.tuple.any", "CALC-6", |_| asked(simple(Notation::Tuple))),
        one("calculator.blanks.any", "CALC-7", |_| asked(spaced())),
        one("calculator.integers.any", "CALC-8", |_| asked(requests(notation(), WHOLE, odd()))),
        one("calculator.operands.any", "CALC-9", |_| asked(requests(notation(), WHOLE, odd()))),
        one("calculator.exact.any", "CALC-10", |_| asked(requests(notation(), WHOLE, plain()))),
        one("calculator.exact.large", "CALC-10", |_| {
            asked(requests(notation(), WHOLE, digits(505)))
        }),
        one("calculator.whole.any", "CALC-11", |_| asked(cancelling())),
        one("calculator.quotient.any", "CALC-12", |_| asked(quotients(hard_quotient()))),
        one("calculator.quotient.plain", "CALC-12", |_| {
            asked(nonzero(requests(notation(), DIVIDE, plain())))
        }),
        one("calculator.quotient.digits.any", "CALC-13", |_| {
            asked(quotients(
                (1u64..1 << 53, 1u64..1 << 40).prop_map(|(a, b)| (a.to_string(), b.to_string())),
            ))
        }),
        one("calculator.quotient.exponent.any", "CALC-14", |_| asked(quotients(magnitudes()))),
        one("calculator.quotient.zero.any", "CALC-15", |_| {
            asked(
                (notation(), zero(), odd())
                    .prop_map(|(notation, left, right)| written(notation, '/', &left, &right)),
            )
        }),
        errors("calculator.syntax.any", "CALC-16", |_| asked(refused(ErrorCode::Syntax))),
        errors("calculator.blank.any", "CALC-18", |_| asked(blanks())),
        errors("calculator.operator.any", "CALC-17", |_| asked(unknown_operators())),
        errors("calculator.operator.near", "CALC-17", |_| asked(refused(ErrorCode::Operator))),
        errors("calculator.division-by-zero.any", "CALC-19", |_| {
            let left = prop_oneof![small().boxed(), plain().boxed(), zero().boxed()];
            asked(
                (notation(), left, zero())
                    .prop_map(|(notation, left, right)| written(notation, '/', &left, &right)),
            )
        }),
        errors("calculator.range.any", "CALC-20", |_| asked(overflowing())),
    ];
    cases.extend(vectors());
    cases
}

fn asked(requests: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Dialogue> {
    requests.prop_map(|request| ask(Service::Calculator, &request)).boxed()
}

fn simple(notation: Notation) -> impl Strategy<Value = String> {
    nonzero(requests(Just(notation), &Operator::ALL, texts(r#""0" / %x31-39 *2DIGIT"#)))
}

/// Without divisions by zero, which belong to a later stage.
fn nonzero(requests: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    requests.prop_filter("no error", |request| {
        !Service::Calculator.answer(request, DateTime::ZERO).to_string().starts_with("ERR")
    })
}

/// Requests whose result is zero or has another sign than the first operand.
fn cancelling() -> impl Strategy<Value = String> {
    prop_oneof![
        (notation(), plain()).prop_map(|(notation, a)| written(notation, '-', &a, &a)),
        (notation(), operator(WHOLE), zero(), zero())
            .prop_map(|(notation, operator, a, b)| written(notation, operator, &a, &b)),
        (notation(), plain(), zero()).prop_map(|(notation, a, b)| written(notation, '*', &a, &b)),
        (notation(), 0u64.., 0u64..).prop_map(|(notation, a, b)| written(
            notation,
            '+',
            &format!("-{a}"),
            &b.to_string()
        )),
    ]
}

fn quotients(operands: impl Strategy<Value = (String, String)>) -> impl Strategy<Value = String> {
    let sign = || select(&["", "-"][..]);
    let requests = (notation(), sign(), sign(), operands).prop_map(|(notation, s, t, (a, b))| {
        written(notation, '/', &format!("{s}{a}"), &format!("{t}{b}"))
    });
    nonzero(requests.prop_filter("fits a line", |request| request.len() <= REQUEST_TEXT_MAX))
}

/// Operands whose quotients lie on both sides of where the exponent form begins, and far beyond.
fn magnitudes() -> impl Strategy<Value = (String, String)> {
    let power = || prop_oneof![3 => 0usize..25, 1 => 0usize..320];
    (1u64..100_000, power(), power())
        .prop_map(|(a, n, m)| (format!("{a}{:0<n$}", ""), format!("1{:0<m$}", "")))
}

/// Divisions whose quotient is too large.
fn overflowing() -> impl Strategy<Value = String> {
    let sign = || select(&["", "-"][..]);
    (notation(), sign(), sign(), digits(200), 310usize..700, 1u32..1_000_000).prop_map(
        |(notation, s, t, digits, zeros, right)| {
            written(notation, '/', &format!("{s}1{digits}{:0<zeros$}", ""), &format!("{t}{right}"))
        },
    )
}

/// The test vectors: a written case for quotients, and one for each error.
fn vectors() -> Vec<Case> {
    [
        ("calculator.quotient.vectors", &["CALC-12", "CALC-13", "CALC-14"][..], ""),
        ("calculator.division-by-zero.vectors", &["CALC-19"], "division-by-zero"),
        ("calculator.range.vectors", &["CALC-20"], "range"),
    ]
    .map(|(name, covers, error)| {
        let rows = VECTORS.lines().filter(|line| !line.starts_with('#'));
        let asked = rows.filter_map(|row| {
            let (left, rest) = row.split_once('\t')?;
            let (right, due) = rest.split_once('\t')?;
            let told = if due.starts_with(|c: char| c.is_ascii_lowercase()) { due } else { "" };
            (told == error).then(|| ask(Service::Calculator, &format!("{left} {right} /")))
        });
        let transcript = Transcript {
            name: name.to_owned(),
            covers: covers.iter().map(|id| (*id).to_owned()).collect(),
            dialogue: Dialogue::joined(&asked.collect::<Vec<_>>()),
            ..Transcript::default()
        };
        super::known(&transcript, crate::spec::Spec::current(), Service::Calculator)
    })
    .into()
}
