//! The calculator (SPEC.md section 5): [`grammar`] reads a [`Request`], [`evaluation`] computes its [`Value`], and a
//! [`Calculation`] holds both and spells the reply.

pub mod evaluation;
pub mod grammar;
mod reply;
mod request;

pub use evaluation::Value;
pub use reply::Calculation;
pub use request::{Integer, Notation, Operator, Request};

use crate::error::ErrorCode;
use crate::grammar::is_blank;
use crate::reply::Reply;

/// The reply to the text of a request.
pub fn answer(text: &str) -> Reply<'_> {
    match calculate(text) {
        Ok(calculation) => Reply::Calculation(calculation),
        Err(code) => Reply::Error(code),
    }
}

fn calculate(text: &str) -> Result<Calculation<'_>, ErrorCode> {
    let request = parse(text)?;
    let value = evaluation::evaluate(request.operator, &request.left.value, &request.right.value)?;
    Ok(Calculation { request, value })
}

/// Reads the text of a request.
///
/// # Errors
///
/// [`ErrorCode::Empty`] (CALC-18), [`ErrorCode::Operator`] (CALC-17) or [`ErrorCode::Syntax`] (CALC-16).
pub fn parse(text: &str) -> Result<Request<'_>, ErrorCode> {
    if text.chars().all(is_blank) {
        return Err(ErrorCode::Empty);
    }
    match grammar::request(text) {
        Ok((_, request)) => request.ok_or(ErrorCode::Operator),
        Err(_) => Err(ErrorCode::Syntax),
    }
}
