//! How replies are written.

use trueline_protocol::calculator::{Calculation, Notation, Value};
use trueline_protocol::responder::Server;
use trueline_protocol::service::{Reply, Service};

use super::super::seam::wording;
use super::super::{Mutant, of};

pub(super) fn mutants() -> Vec<Mutant> {
    let both = of(Service::Calculator, "spelling", None);
    vec![
        both(
            "other-words",
            "CALC-4",
            "writes `Difference` and `Quotient`",
            "The words are Sum, Diff, Product and Div.",
            |service| {
                wording(service, |reply| {
                    reply.to_string().replace("Diff ", "Difference ").replace("Div ", "Quotient ")
                })
            },
        ),
        both(
            "blanks-in-infix",
            "CALC-5 CALC-6",
            "writes `5 + 6 = 11`",
            "Write no blanks around the operator: `5+6 = 11`.",
            |service| {
                calculations(service, |it| {
                    let request = &it.request;
                    (request.notation != Notation::Postfix).then(|| {
                        format!(
                            "{} {} {} = {}",
                            request.left, request.operator, request.right, it.value
                        )
                    })
                })
            },
        ),
        both(
            "tuple-in-tuple",
            "CALC-6",
            "answers a tuple with a tuple",
            "The reply to `(+, 5, 6)` is `5+6 = 11`.",
            |service| {
                calculations(service, |it| {
                    (it.request.notation == Notation::Tuple)
                        .then(|| format!("{} = {}", it.request, it.value))
                })
            },
        ),
        both(
            "normalises-operands",
            "CALC-9 CALC-8",
            "writes the operands as it understood them",
            "Repeat the operands as they were received: `+007` stays `+007`.",
            |service| {
                calculations(service, |it| {
                    let mut it = it.clone().into_owned();
                    it.request.left.spelled = it.request.left.value.to_string().into();
                    it.request.right.spelled = it.request.right.value.to_string().into();
                    Some(it.to_string())
                })
            },
        ),
        both(
            "negative-zero",
            "CALC-11",
            "writes `-0` for a zero product of a negative operand",
            "Zero has no sign among integers.",
            |service| {
                calculations(service, |it| {
                    let negative = |spelled: &str| spelled.starts_with('-');
                    let zero = it.value == Value::Whole(0.into());
                    let signed =
                        negative(&it.request.left.spelled) != negative(&it.request.right.spelled);
                    (zero && signed).then(|| {
                        let reply = it.to_string();
                        format!("{}-0", reply.strip_suffix('0').unwrap_or(&reply))
                    })
                })
            },
        ),
        both(
            "seventeen-digits",
            "CALC-13",
            "writes quotients with 17 significant digits",
            "Write the fewest digits that read back: Python's repr.",
            |service| quotients(service, |quotient| significant(quotient, 17)),
        ),
        both(
            "tries-precisions",
            "CALC-13",
            "tries 1 to 17 significant digits until one reads back",
            "That misses the nearest of several spellings for some powers of two; use Python's repr.",
            |service| {
                quotients(service, |quotient| {
                    let tried = (1..=17).map(|digits| significant(quotient, digits));
                    tried
                        .into_iter()
                        .find(|tried| tried.parse() == Ok(quotient))
                        .unwrap_or_default()
                })
            },
        ),
        both(
            "no-exponent",
            "CALC-14",
            "never writes an exponent",
            "Below 1e-4 and from 1e16 on, the exponent form is due.",
            |service| {
                quotients(service, |quotient| {
                    let plain = quotient.to_string();
                    if plain.contains('.') { plain } else { format!("{plain}.0") }
                })
            },
        ),
        both(
            "short-exponent",
            "CALC-14",
            "writes exponents as `1e-5` and `1e16`",
            "The exponent has a sign and at least two digits: `1e-05`, `1e+16`.",
            |service| {
                quotients(service, |quotient| {
                    let due = Value::Quotient(quotient).to_string();
                    due.replace("e+", "e").replace("e-0", "e-")
                })
            },
        ),
        both(
            "whole-quotients",
            "CALC-14",
            "writes a whole quotient without `.0`",
            "The result of `/` always has a point or an exponent: `2.0`.",
            |service| {
                quotients(service, |quotient| {
                    let due = Value::Quotient(quotient).to_string();
                    due.strip_suffix(".0").map_or_else(|| due.clone(), str::to_owned)
                })
            },
        ),
    ]
}

/// Writes calculations otherwise, where the function says how.
fn calculations(service: Service, word: fn(&Calculation<'_>) -> Option<String>) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        Reply::Calculator(calculation) => word(calculation).unwrap_or_else(|| reply.to_string()),
        reply => reply.to_string(),
    })
}

/// Writes quotients otherwise.
fn quotients(service: Service, word: fn(f64) -> String) -> Box<dyn Server> {
    wording(service, move |reply| {
        let due = reply.to_string();
        match reply {
            Reply::Calculator(Calculation { value: value @ Value::Quotient(quotient), .. }) => {
                let head = due.strip_suffix(&value.to_string()).unwrap_or(&due);
                format!("{head}{}", word(*quotient))
            }
            _ => due,
        }
    })
}

/// A quotient with so many significant digits, in Python's layout, as `%.17g` has it.
fn significant(quotient: f64, digits: usize) -> String {
    let scientific = format!("{quotient:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |bare| ("-", bare));
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    if quotient != 0.0 && !(-4..16).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let direction = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{direction}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = exponent.unsigned_abs() as usize - 1;
        return format!("{sign}0.{:0<zeros$}{digits}", "");
    }
    let integral = exponent as usize + 1;
    let (before, after) = digits.split_at(integral.min(digits.len()));
    let after = if after.is_empty() { "0" } else { after };
    format!("{sign}{before:0<integral$}.{after}")
}
