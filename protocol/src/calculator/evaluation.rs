//! Results (SPEC.md 5.3 and 5.4).

use alloc::string::String;
use core::fmt;

use dashu_base::{Approximation, Sign, UnsignedAbs};
use dashu_int::IBig;
use dashu_ratio::Relaxed;

use super::request::Operator;
use crate::error::ErrorCode;

/// A result. `Display` spells it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of `+`, `-` and `*`: exact (CALC-10), canonical (CALC-11).
    Whole(IBig),
    /// Of `/`: rounded once (CALC-12), finite; spelled as CPython's `repr` spells it (CALC-13 to CALC-15).
    Quotient(f64),
}

/// Computes a result.
///
/// # Errors
///
/// [`ErrorCode::DivisionByZero`] (CALC-19) or [`ErrorCode::Range`] (CALC-20).
pub fn evaluate(operator: Operator, left: &IBig, right: &IBig) -> Result<Value, ErrorCode> {
    Ok(match operator {
        Operator::Add => Value::Whole(left + right),
        Operator::Subtract => Value::Whole(left - right),
        Operator::Multiply => Value::Whole(left * right),
        Operator::Divide => Value::Quotient(divide(left, right)?),
    })
}

/// The quotient nearest to the exact one, ties to even.
fn divide(left: &IBig, right: &IBig) -> Result<f64, ErrorCode> {
    if right.is_zero() {
        return Err(ErrorCode::DivisionByZero);
    }
    let magnitude = match (exact(left), exact(right)) {
        // One operation on exact operands rounds once.
        (Some(left), Some(right)) => left / right,
        _ => nearest(left, right),
    };
    if magnitude.is_infinite() {
        return Err(ErrorCode::Range);
    }
    Ok(if (left.sign() == Sign::Negative) == (right.sign() == Sign::Negative) {
        magnitude
    } else {
        -magnitude
    })
}

/// The magnitude as a binary64 that has it exactly, if it is one of up to 53 bits.
fn exact(integer: &IBig) -> Option<f64> {
    let magnitude = u64::try_from(integer.unsigned_abs()).ok()?;
    (magnitude <= 1 << f64::MANTISSA_DIGITS).then_some(magnitude as f64)
}

/// The magnitude of the quotient, rounded once.
fn nearest(left: &IBig, right: &IBig) -> f64 {
    match Relaxed::from_parts(left.unsigned_abs().into(), right.unsigned_abs()).to_f64() {
        Approximation::Exact(quotient) | Approximation::Inexact(quotient, _) => quotient,
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            Self::Quotient(quotient) => repr(*quotient, f),
        }
    }
}

/// Writes a finite binary64 as CPython's `repr` does: the digits are the shortest that read back, the nearest of them,
/// the even one of two (CALC-13; `core::fmt` takes the odd one at times); the layout is `float.__repr__`'s (CALC-14).
fn repr(quotient: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut buffer = ryu::Buffer::new();
    let (digits, exponent) = significant(buffer.format_finite(quotient.abs()));
    if quotient.is_sign_negative() {
        f.write_str("-")?;
    }
    let (first, rest) = digits.split_at(1);
    if !(-4..16).contains(&exponent) {
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return write!(f, "{first}{point}{rest}e{sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = exponent.unsigned_abs() as usize - 1;
        return write!(f, "0.{:0<zeros$}{digits}", "");
    }
    let integral = exponent as usize + 1;
    let (before, after) = digits.split_at(integral.min(digits.len()));
    let after = if after.is_empty() { "0" } else { after };
    write!(f, "{before:0<integral$}.{after}")
}

/// The significant digits of a decimal such as `0.0025`, `250.0` or `2.5e-30`, and the power of ten of the first one.
fn significant(decimal: &str) -> (String, i32) {
    let (mantissa, exponent) = decimal.split_once('e').unwrap_or((decimal, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = mantissa.find('.').unwrap_or(mantissa.len()) as i32;
    let all = mantissa.replace('.', "");
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return (String::from("0"), 0);
    }
    let leading = (all.len() - digits.len()) as i32;
    (String::from(digits.trim_end_matches('0')), exponent + point - 1 - leading)
}
