//! The calculator (SPEC.md section 5): [`grammar`] reads a [`Request`], [`evaluation`] computes its [`Value`], and a
//! [`Calculation`] holds both and spells the reply.

pub mod evaluation;
pub mod grammar;
mod reply;
mod request;

pub use evaluation::Value;
pub use reply::Calculation;
pub use request::{Integer, Notation, Operator, Request};

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::grammar::is_blank;
use crate::service::Manner;

/// The service's name.
pub const NAME: &str = "calculator";
/// The area of its requirements in SPEC.md.
pub const AREA: &str = "CALC";
/// How it is spoken.
pub const MANNER: Manner = Manner::Conversation;

/// The reply to the text of a request.
///
/// # Errors
///
/// Those of [`parse`] and of [`evaluation::evaluate`].
pub fn answer(text: &str, _now: DateTime) -> Result<Calculation<'_>, ErrorCode> {
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
