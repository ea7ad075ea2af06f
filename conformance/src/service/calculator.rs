//! The calculator: requests of every kind, and what a wrong reply tells.

use std::rc::Rc;

use dashu_base::UnsignedAbs;
use dashu_int::{IBig, UBig};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::calculator::evaluation::evaluate;
use trueline_protocol::calculator::{Notation, Operator, Request, Value, grammar, parse};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::limits::REQUEST_TEXT_MAX;

use super::{Subject, generator, texts, texts_by};

/// Digits, with leading zeros at times.
pub fn digits(most: usize) -> BoxedStrategy<String> {
    texts(&format!("1*{most}DIGIT"))
}

/// Canonical digits of integers where fixed-width types end, and plain ones.
fn telling() -> impl Strategy<Value = String> {
    let edge = (select(&[7u32, 8, 15, 16, 31, 32, 53, 63, 64, 127][..]), -2i128..=2)
        .prop_map(|(bits, offset)| ((1i128 << bits.min(126)) + offset).max(0).to_string());
    prop_oneof![
        3 => (0u32..100).prop_map(|small| small.to_string()),
        2 => any::<u32>().prop_map(|word| word.to_string()),
        2 => any::<u128>().prop_map(|large| large.to_string()),
        3 => edge,
        1 => (1u8..=9, digits(480)).prop_map(|(first, rest)| format!("{first}{rest}")),
    ]
}

/// An operand as most people write it: no plus sign, no leading zeros.
pub fn plain() -> impl Strategy<Value = String> {
    (any::<bool>(), telling()).prop_map(|(negative, digits)| {
        if negative && digits != "0" { format!("-{digits}") } else { digits }
    })
}

/// An operand of few digits, as most people write it, and not zero.
pub fn small() -> BoxedStrategy<String> {
    texts(r#"["-"] %x31-39 *2DIGIT"#)
}

/// An operand with either sign and with leading zeros, and not zero.
pub fn odd() -> BoxedStrategy<String> {
    texts(r#"[sign] *3"0" %x31-39 *3DIGIT"#)
}

/// An operand that is zero.
pub fn zero() -> BoxedStrategy<String> {
    texts(r#"[sign] 1*4"0""#)
}

/// One of the operators given.
pub fn operator(of: &'static [Operator]) -> impl Strategy<Value = Operator> {
    select(of)
}

/// All notations.
pub fn notation() -> impl Strategy<Value = Notation> {
    select(Notation::ALL.as_slice())
}

/// A request as it is usually written.
pub fn written(
    notation: Notation,
    operator: impl std::fmt::Display,
    left: &str,
    right: &str,
) -> String {
    match notation {
        Notation::Postfix => format!("{left} {right} {operator}"),
        Notation::Infix => format!("{left} {operator} {right}"),
        Notation::Tuple => format!("({operator}, {left}, {right})"),
    }
}

/// Requests of one notation with operands of one kind.
pub fn requests(
    notation: impl Strategy<Value = Notation>,
    operators: &'static [Operator],
    operand: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let operand = Rc::new(operand);
    (notation, operator(operators), operand.clone(), operand)
        .prop_map(|(notation, operator, left, right)| written(notation, operator, &left, &right))
        .prop_filter("fits a line", |request| request.len() <= REQUEST_TEXT_MAX)
}

/// Requests with blanks of both kinds wherever there may be some.
pub fn spaced() -> BoxedStrategy<String> {
    texts_by(&generator().given("integer", small()), "request")
}

/// Texts that are nearly requests and get this error.
pub fn refused(code: ErrorCode) -> impl Strategy<Value = String> {
    const TOKENS: [&str; 34] = [
        " ", "  ", "\t", "+", "-", "*", "/", "%", "^", "(", ")", ",", ".", "_", "0", "7", "42",
        "x", "e", "1.5", "1e3", "1_0", "++", "--", "**", "//", "=", "0x1f", "٣", "\u{a0}", "five",
        "NaN", "()", ";",
    ];
    let scrambled = vec(select(&TOKENS[..]), 1..8).prop_map(|tokens| tokens.concat());
    let request = requests(notation(), &Operator::ALL, small()).boxed();
    let edited = (request, any::<prop::sample::Index>(), select(&TOKENS[..]), 0u8..3).prop_map(
        |(request, at, token, how)| {
            let at = at.index(request.len());
            let (before, after) = request.split_at(at);
            match how {
                0 => format!("{before}{token}{after}"),
                1 => format!("{before}{}", &after[1..]),
                _ => format!("{before}{token}{}", &after[1..]),
            }
        },
    );
    let right = move |text: &String| parse(text) == Err(code);
    prop_oneof![1 => scrambled.boxed(), 3 => edited.boxed()].prop_filter("is refused so", right)
}

/// Requests whose operator is none.
pub fn unknown_operators() -> impl Strategy<Value = String> {
    (notation(), texts("unknown-operator"), small(), small())
        .prop_map(|(notation, operator, left, right)| written(notation, operator, &left, &right))
}

/// `2^power + offset`, in decimal, without its sign.
fn near_power(power: u32, offset: i64) -> String {
    ((IBig::ONE << power as usize) + offset).unsigned_abs().to_string()
}

/// Dividends and divisors whose quotient is hard to round.
pub fn hard_quotient() -> impl Strategy<Value = (String, String)> {
    let offset = || -3i64..=3;
    prop_oneof![
        (54u32..1000, 0u32..60, offset(), offset())
            .prop_map(|(p, q, a, b)| (near_power(p, a), near_power(q, b.max(0)))),
        ((1u64 << 53)..(1 << 54), 0u32..600).prop_map(|(odd, power)| {
            let left = IBig::from(odd | 1) << power as usize;
            (left.to_string(), near_power(power, 0))
        }),
        ((1u64 << 50)..(1 << 56), 1060u32..1140)
            .prop_map(|(a, q)| (a.to_string(), near_power(q, 0))),
        (0u64..(1 << 20), 0u32..80).prop_map(|(a, q)| (a.to_string(), near_power(q, 0))),
        (any::<u64>(), 1u64..).prop_map(|(a, b)| (a.to_string(), b.to_string())),
    ]
}

pub(super) struct Calculator;

impl Subject for Calculator {
    fn request(&self, number: usize) -> String {
        let operator = if number.is_multiple_of(2) { '+' } else { '*' };
        format!("{} {} {operator}", number % 9973 + 1, number / 97 % 997 + 1)
    }

    fn filling(&self, octets: usize) -> String {
        format!("{:0>width$} 2 +", 1, width = octets - " 2 +".len())
    }

    fn is_reply(&self, text: &str) -> bool {
        split_result(text).is_some()
    }

    fn exercises(&self, text: &str) -> Vec<&'static str> {
        exercises(text)
    }

    fn broken_by(
        &self,
        request: &str,
        expected: &str,
        reply: &str,
        wording: bool,
    ) -> Option<&'static str> {
        broken_by(request, expected, reply, wording)
    }
}

fn exercises(text: &str) -> Vec<&'static str> {
    let request = match parse(text) {
        Ok(request) => request,
        Err(ErrorCode::Empty) if text.is_empty() => return vec!["ERR-6"],
        Err(ErrorCode::Empty) => return vec!["CALC-18"],
        // Whoever knows no HTAB finds no operator.
        Err(ErrorCode::Operator) if text.contains('\t') => return vec!["CALC-7", "CALC-17"],
        Err(ErrorCode::Operator) => return vec!["CALC-17"],
        Err(_) => return vec!["CALC-16"],
    };
    let (accepted, worded) = match request.notation {
        Notation::Postfix => ("CALC-1", "CALC-4"),
        Notation::Infix => ("CALC-2", "CALC-5"),
        Notation::Tuple => ("CALC-3", "CALC-6"),
    };
    let mut ids = vec![accepted];
    if text != request.to_string() {
        ids.push("CALC-7");
    }
    let operands = [&request.left, &request.right];
    if operands
        .iter()
        .any(|operand| operand.spelled.starts_with(['-', '+', '0']) && operand.spelled != "0")
    {
        ids.push("CALC-8");
    }
    let value = match evaluate(request.operator, &request.left.value, &request.right.value) {
        Ok(value) => value,
        Err(ErrorCode::Range) => return [ids, vec!["CALC-20"]].concat(),
        Err(_) => return [ids, vec!["CALC-19"]].concat(),
    };
    ids.push(worded);
    if operands.iter().any(|operand| operand.spelled != operand.value.to_string()) {
        ids.push("CALC-9");
    }
    let large = |integer: &IBig| integer.unsigned_abs() >= UBig::from(1u32 << 31);
    if let Value::Whole(whole) = &value
        && (large(whole) || operands.iter().any(|operand| large(&operand.value)))
    {
        ids.push("CALC-10");
    }
    match value {
        Value::Whole(whole) if whole.is_zero() => ids.push("CALC-11"),
        Value::Whole(_) => {}
        Value::Quotient(0.0) => ids.extend(["CALC-12", "CALC-15"]),
        Value::Quotient(_) => ids.extend(["CALC-12", "CALC-13", "CALC-14"]),
    }
    ids
}

/// The requirement on the words, on the operands, or on the result.
fn broken_by(request: &str, expected: &str, reply: &str, wording: bool) -> Option<&'static str> {
    let ((due, due_result), Some((got, got_result))) =
        (split_result(expected)?, split_result(reply))
    else {
        return worded(request, reply, wording);
    };
    if due != got {
        let normalised = operation(due).zip(operation(got)).is_some_and(|(due, got)| {
            due.operator == got.operator
                && due.left.value == got.left.value
                && due.right.value == got.right.value
        });
        return if normalised { Some("CALC-9") } else { worded(request, reply, wording) };
    }
    let quotient = due.starts_with("Div") || due.contains('/');
    if !quotient {
        let same = value(due_result) == value(got_result.strip_suffix(".0").unwrap_or(got_result));
        return Some(if same { "CALC-11" } else { "CALC-10" });
    }
    let (due, got): (f64, f64) = (due_result.parse().ok()?, got_result.parse().ok()?);
    let significant = |text: &str| {
        let mantissa = text.split('e').next().unwrap_or(text);
        mantissa.replace(['.', '-'], "").trim_matches('0').to_owned()
    };
    Some(if due == 0.0 && got == 0.0 && due.is_sign_negative() != got.is_sign_negative() {
        "CALC-15"
    } else if due != got {
        "CALC-12"
    } else if significant(due_result) != significant(got_result) {
        "CALC-13"
    } else {
        "CALC-14"
    })
}

/// The requirement on the words of a reply, where the reply is none that reports an error.
fn worded(request: &str, reply: &str, wording: bool) -> Option<&'static str> {
    let request = parse(request).ok().filter(|_| wording && !reply.starts_with("ERR"))?;
    Some(match request.notation {
        Notation::Postfix => "CALC-4",
        Notation::Infix => "CALC-5",
        Notation::Tuple => "CALC-6",
    })
}

/// The operation that the head of a reply names.
fn operation(head: &str) -> Option<Request<'static>> {
    let (postfix, infix) = (format!("{head} is 0"), format!("{head} = 0"));
    let read = grammar::postfix_reply(&postfix).or_else(|_| grammar::infix_reply(&infix));
    read.ok().map(|(_, (request, _))| request.into_owned())
}

fn split_result(reply: &str) -> Option<(&str, &str)> {
    reply.rsplit_once(" is ").or_else(|| reply.rsplit_once(" = "))
}

/// An integer without a plus sign, leading zeros, and the sign of zero.
fn value(integer: &str) -> String {
    let (sign, digits) = match integer.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", integer.strip_prefix('+').unwrap_or(integer)),
    };
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_reply_tells_what_it_breaks() {
        for (request, due, got, id) in [
            ("10 20 +", "Sum of 10 and 20 is 30", "Sum of 10 and 20 is 31", Some("CALC-10")),
            ("10 20 +", "Sum of 10 and 20 is 30", "Sum of 10 and 20 is 30.0", Some("CALC-11")),
            ("-5 0 *", "Product of -5 and 0 is 0", "Product of -5 and 0 is -0", Some("CALC-11")),
            ("+7 020 +", "Sum of +7 and 020 is 27", "Sum of 7 and 20 is 27", Some("CALC-9")),
            ("+7+020", "+7+020 = 27", "7+20 = 27", Some("CALC-9")),
            ("10 20 +", "Sum of 10 and 20 is 30", "sum of 10 and 20 is 30", Some("CALC-4")),
            ("10 20 +", "Sum of 10 and 20 is 30", "Diff of 10 and 20 is 30", Some("CALC-4")),
            ("10 20 +", "Sum of 10 and 20 is 30", "30", Some("CALC-4")),
            ("10 20 +", "Sum of 10 and 20 is 30", "ERR syntax", None),
            ("10 5 /", "Div of 10 and 5 is 2.0", "Div of 10 and 5 is 2", Some("CALC-14")),
            ("7 2 /", "Div of 7 and 2 is 3.5", "Div of 7 and 2 is 3", Some("CALC-12")),
            ("1/3", "1/3 = 0.3333333333333333", "1/3 = 0.33333333333333331", Some("CALC-13")),
            ("1/100000", "1/100000 = 1e-05", "1/100000 = 0.00001", Some("CALC-14")),
            ("0/-5", "0/-5 = -0.0", "0/-5 = 0.0", Some("CALC-15")),
        ] {
            assert_eq!(broken_by(request, due, got, true), id, "{got} for {due}");
        }
    }
}
