//! What is computed.

use dashu_int::IBig;
use trueline_protocol::calculator::evaluation::evaluate;
use trueline_protocol::calculator::{Calculation, Integer, Operator, Request, Value};
use trueline_protocol::responder::Server;
use trueline_protocol::service::{Reply, Service};

use super::super::seam::{answering, right};
use super::super::{Mutant, of};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let on = |transport| of(Service::Calculator, "meaning", transport);
    let (mutant, connected, datagrams) = (on(None), on(Some(Tcp)), on(Some(Udp)));
    let forget = "Keep nothing from one request to the next.";
    vec![
        mutant(
            "wraps-at-64-bits",
            "CALC-10",
            "computes with 64 bits and wraps around",
            "Use integers of any size.",
            |service| whole(service, |value| IBig::from(low_bits(value) as i64)),
        ),
        mutant(
            "wraps-at-32-bits",
            "CALC-10",
            "computes with 32 bits and wraps around",
            "Use integers of any size.",
            |service| whole(service, |value| IBig::from(low_bits(value) as i32)),
        ),
        mutant(
            "floats-for-integers",
            "CALC-10",
            "computes sums and products in floating point",
            "Use integers for `+`, `-` and `*`.",
            |service| {
                whole(service, |value| {
                    IBig::try_from(float(value)).unwrap_or_else(|_| value.clone())
                })
            },
        ),
        mutant(
            "floats-for-products",
            "CALC-10",
            "computes products in floating point, which shows past 2^53",
            "Use integers for `*`, whatever the size: binary64 has 53 bits.",
            |service| {
                computing(service, |it| {
                    let Value::Whole(whole) = &it.value else { return None };
                    let rounded = (it.request.operator == Operator::Multiply).then(|| float(whole));
                    let value = Value::Whole(IBig::try_from(rounded?).ok()?);
                    Some(Calculation { request: it.request.clone(), value })
                })
            },
        ),
        mutant(
            "two-negatives",
            "CALC-10 CALC-12",
            "loses the sign of the second operand where both are negative",
            "Each operand has a sign of its own: try `-5 -3 +`, too.",
            |service| {
                computing(service, |it| {
                    let Request { operator, left, right, .. } = &it.request;
                    let negative = |it: &Integer<'_>| it.value < IBig::ZERO;
                    let value = evaluate(*operator, &left.value, &-right.value.clone()).ok()?;
                    (negative(left) && negative(right))
                        .then(|| Calculation { request: it.request.clone(), value })
                })
            },
        ),
        mutant(
            "swaps-operands",
            "CALC-10 CALC-12",
            "subtracts and divides the wrong way round",
            "The first operand comes first.",
            |service| {
                computing(service, |calculation| {
                    let request = &calculation.request;
                    let swapped =
                        evaluate(request.operator, &request.right.value, &request.left.value);
                    swapped.ok().map(|value| Calculation { request: request.clone(), value })
                })
            },
        ),
        mutant(
            "floor-division",
            "CALC-12",
            "divides with `//`",
            "Use true division: 7 / 2 is 3.5.",
            |service| quotient(service, |_, _, quotient| quotient.floor()),
        ),
        mutant(
            "two-decimals",
            "CALC-12",
            "rounds quotients to two decimals",
            "Do not round: print what repr prints.",
            |service| quotient(service, |_, _, quotient| (quotient * 100.0).round() / 100.0),
        ),
        mutant(
            "rounds-operands",
            "CALC-12",
            "converts the operands to floating point before it divides",
            "Divide the integers themselves: Python's `/` rounds once.",
            |service| {
                quotient(service, |left, right, quotient| {
                    let divided = float(left) / float(right);
                    if divided.is_finite() { divided } else { quotient }
                })
            },
        ),
        mutant(
            "loses-zero-sign",
            "CALC-15",
            "never answers `-0.0`",
            "0 / -5 is -0.0: the sign is negative when exactly one operand is.",
            |service| quotient(service, |_, _, quotient| quotient + 0.0),
        ),
        connected(
            "stale-after-error",
            "CALC-10 FRAME-17 FRAME-6",
            "answers the first request after an error with the result of the request before",
            forget,
            stale,
        ),
        datagrams(
            "stale-after-wrong-datagram",
            "FRAME-34 CALC-10",
            "answers the first datagram after an error with the result of the one before",
            forget,
            stale,
        ),
    ]
}

/// Computes as it should, but for a result that is still there when an error was told.
fn stale(service: Service) -> Box<dyn Server> {
    let mut last = None;
    let mut failed = false;
    answering(service, move |text| {
        let mut reply = right(service, text);
        let stale = std::mem::replace(&mut failed, matches!(reply, Reply::Error(_)));
        if let Reply::Calculator(calculation) = &mut reply {
            let value = calculation.value.clone();
            if let (true, Some(last)) = (stale, last.replace(value)) {
                calculation.value = last;
            }
        }
        reply
    })
}

/// Computes something else, or, where that fails, the right thing.
fn computing(
    service: Service,
    compute: fn(&Calculation<'static>) -> Option<Calculation<'static>>,
) -> Box<dyn Server> {
    answering(service, move |text| match right(service, text) {
        Reply::Calculator(right) => Reply::Calculator(compute(&right).unwrap_or(right)),
        reply => reply,
    })
}

/// Computes other sums, differences and products.
fn whole(service: Service, compute: fn(&IBig) -> IBig) -> Box<dyn Server> {
    answering(service, move |text| match right(service, text) {
        Reply::Calculator(Calculation { request, value: Value::Whole(value) }) => {
            Reply::Calculator(Calculation { request, value: Value::Whole(compute(&value)) })
        }
        reply => reply,
    })
}

/// Computes other quotients.
fn quotient(service: Service, compute: fn(&IBig, &IBig, f64) -> f64) -> Box<dyn Server> {
    answering(service, move |text| match right(service, text) {
        Reply::Calculator(Calculation { request, value: Value::Quotient(value) }) => {
            let (Integer { value: left, .. }, Integer { value: right, .. }) =
                (&request.left, &request.right);
            let value = Value::Quotient(compute(left, right, value));
            Reply::Calculator(Calculation { request, value })
        }
        reply => reply,
    })
}

/// The nearest number of floating point.
fn float(integer: &IBig) -> f64 {
    integer.to_string().parse().unwrap_or(f64::NAN)
}

/// The lowest 64 bits of the two's complement.
fn low_bits(value: &IBig) -> u64 {
    let modulus = IBig::ONE << 64;
    let rest = ((value % &modulus) + &modulus) % &modulus;
    u64::try_from(rest).unwrap_or(0)
}
