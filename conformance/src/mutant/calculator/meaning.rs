//! What is accepted, and which error is told.

use trueline_protocol::calculator::{Calculation, Notation, Value, parse};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::responder::Server;
use trueline_protocol::service::{Reply, Service};

use super::super::meaning::refusing;
use super::super::seam::{answering, answering_in_words, right};
use super::super::{Mutant, of};

pub(super) fn mutants() -> Vec<Mutant> {
    let mutant = of(Service::Calculator, "meaning", None);
    vec![
        mutant(
            "no-postfix",
            "CALC-1",
            "does not know the notation `10 20 +`",
            "Accept all three notations.",
            |service| without(service, Notation::Postfix),
        ),
        mutant(
            "no-infix",
            "CALC-2",
            "does not know the notation `5 + 6`",
            "Accept all three notations.",
            |service| without(service, Notation::Infix),
        ),
        mutant(
            "no-tuple",
            "CALC-3",
            "does not know the notation `(+, 5, 6)`",
            "Accept all three notations.",
            |service| without(service, Notation::Tuple),
        ),
        mutant(
            "single-digits",
            "CALC-1 OWN",
            "takes operands of one digit only",
            "Do not look for an operand at a fixed place: split the request, and convert the words.",
            |service| {
                refusing(service, |text| {
                    parse(text)
                        .is_ok_and(|it| it.left.spelled.len().max(it.right.spelled.len()) > 1)
                })
            },
        ),
        mutant(
            "blanks-required",
            "CALC-7 CALC-2 CALC-8",
            "needs blanks around the operator of `5 + 6`",
            "Find the operator by its character, not by splitting at blanks.",
            |service| {
                answering(service, move |text| match parse(text) {
                    Ok(request)
                        if request.notation == Notation::Infix
                            && text.split_whitespace().count() != 3 =>
                    {
                        Reply::Error(ErrorCode::Syntax)
                    }
                    _ => right(service, text),
                })
            },
        ),
        mutant(
            "tab-is-no-blank",
            "CALC-7",
            "does not take HTAB for a blank",
            "Blanks are SP and HTAB.",
            |service| refusing(service, |text| text.contains('\t') && !text.trim().is_empty()),
        ),
        mutant(
            "no-plus-sign",
            "CALC-8 CALC-9",
            "refuses integers with a plus sign",
            "An integer may begin with either sign.",
            |service| {
                refusing(service, |text| {
                    parse(text).is_ok_and(|it| {
                        it.left.spelled.starts_with('+') || it.right.spelled.starts_with('+')
                    })
                })
            },
        ),
        mutant(
            "no-negatives",
            "CALC-8 CALC-10",
            "refuses negative integers",
            "An integer may begin with either sign.",
            |service| {
                refusing(service, |text| {
                    parse(text).is_ok_and(|it| {
                        it.left.spelled.starts_with('-') || it.right.spelled.starts_with('-')
                    })
                })
            },
        ),
        mutant(
            "underscores",
            "CALC-16",
            "accepts `1_000`, as Python's int does",
            "Check that an operand is a sign and ASCII digits before you give it to int().",
            |service| lenient(service, |text| text.replace('_', "")),
        ),
        mutant(
            "foreign-digits",
            "CALC-16",
            "accepts digits that are not ASCII, as Python's int does",
            "Check that an operand is a sign and ASCII digits before you give it to int().",
            |service| {
                lenient(service, |text| {
                    let ascii = |c: char| match u32::from(c) {
                        digit @ 0x660..=0x669 => char::from_digit(digit - 0x660, 10).unwrap_or(c),
                        digit @ 0xff10..=0xff19 => {
                            char::from_digit(digit - 0xff10, 10).unwrap_or(c)
                        }
                        _ => c,
                    };
                    text.chars().map(ascii).collect()
                })
            },
        ),
        mutant(
            "point-zero",
            "CALC-16",
            "accepts `5.0` and rounds other decimals",
            "Operands are integers; refuse a decimal point with `ERR syntax`.",
            |service| {
                lenient(service, |text| {
                    let mut fraction = false;
                    let kept = text.chars().filter(|&c| {
                        fraction = c == '.' || fraction && c.is_ascii_digit();
                        !fraction
                    });
                    kept.collect()
                })
            },
        ),
        mutant(
            "ignores-the-rest",
            "CALC-16",
            "takes the first three words and ignores what follows",
            "A request that has more than its grammar is malformed.",
            |service| {
                lenient(service, |text| {
                    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
                })
            },
        ),
        mutant(
            "operator-is-syntax",
            "CALC-17",
            "answers an unknown operator with `ERR syntax`",
            "Answer `10 20 %` with `ERR operator`.",
            |service| recoding(service, ErrorCode::Operator, ErrorCode::Syntax),
        ),
        mutant(
            "else-divides",
            "CALC-17",
            "takes any other operator for division",
            "Test for `/` too, and answer the rest with `ERR operator`.",
            |service| {
                answering(service, move |text| {
                    if parse(text) != Err(ErrorCode::Operator) {
                        return right(service, text);
                    }
                    let known = |c: char| {
                        if c.is_ascii_punctuation() && !"()+-,".contains(c) { '/' } else { c }
                    };
                    right(service, &text.chars().map(known).collect::<String>())
                })
            },
        ),
        mutant(
            "blank-is-syntax",
            "CALC-18",
            "answers a request of blanks with `ERR syntax`",
            "Strip blanks first; nothing left is `ERR empty`.",
            |service| refusing(service, |text| !text.is_empty() && text.trim().is_empty()),
        ),
        mutant(
            "zero-first",
            "CALC-17 ERR-2",
            "tells of a zero divisor before it tells that the operator is unknown",
            "Decide errors in the order of SPEC.md's table.",
            |service| {
                answering(service, move |text| {
                    let divided = text.replace(['%', '^', '&'], "/");
                    match (right(service, text), right(service, &divided)) {
                        (
                            Reply::Error(ErrorCode::Operator),
                            zero @ Reply::Error(ErrorCode::DivisionByZero),
                        ) => zero.into_owned(),
                        (reply, _) => reply.into_owned(),
                    }
                })
            },
        ),
        mutant(
            "zero-by-spelling",
            "CALC-19",
            "recognises a zero divisor by its spelling `0`",
            "Convert the divisor, then compare it with zero.",
            |service| {
                answering(service, move |text| match (parse(text), right(service, text)) {
                    (Ok(request), Reply::Error(ErrorCode::DivisionByZero))
                        if request.right.spelled != "0" =>
                    {
                        Reply::Error(ErrorCode::Range)
                    }
                    (_, reply) => reply.into_owned(),
                })
            },
        ),
        mutant(
            "zero-is-syntax",
            "CALC-19",
            "answers a division by zero with `ERR syntax`",
            "Answer it with `ERR division-by-zero`.",
            |service| recoding(service, ErrorCode::DivisionByZero, ErrorCode::Syntax),
        ),
        mutant(
            "infinite",
            "CALC-19",
            "answers a division by zero with `inf`",
            "Answer it with `ERR division-by-zero`: no reply has infinity in it.",
            |service| in_band(service, ErrorCode::DivisionByZero, "inf"),
        ),
        mutant(
            "undefined",
            "CALC-19",
            "answers a division by zero with the word `undefined` where the result is due",
            "Answer it with `ERR division-by-zero`: whoever reads the reply looks for `ERR`.",
            |service| in_band(service, ErrorCode::DivisionByZero, "undefined"),
        ),
        mutant(
            "infinite-range",
            "CALC-20",
            "answers a quotient that is too large with `inf`",
            "Answer it with `ERR range`: C and JavaScript go on with infinity, and nothing is raised.",
            |service| in_band(service, ErrorCode::Range, "inf"),
        ),
        mutant(
            "clamps-range",
            "CALC-20",
            "answers a quotient that is too large with the largest number there is",
            "Answer it with `ERR range`; Python raises OverflowError.",
            |service| {
                answering(service, move |text| match (parse(text), right(service, text)) {
                    (Ok(request), Reply::Error(ErrorCode::Range)) => {
                        let value = Value::Quotient(f64::MAX);
                        Reply::Calculator(Calculation { request: request.into_owned(), value })
                    }
                    (_, reply) => reply.into_owned(),
                })
            },
        ),
    ]
}

/// Refuses requests in a notation.
fn without(service: Service, notation: Notation) -> Box<dyn Server> {
    answering(service, move |text| match parse(text) {
        Ok(request) if request.notation == notation => Reply::Error(ErrorCode::Syntax),
        _ => right(service, text),
    })
}

/// Serves requests that should get `syntax` after mending them. Their operands are spelled as mended.
fn lenient(service: Service, mend: fn(&str) -> String) -> Box<dyn Server> {
    answering(service, move |text| match right(service, text) {
        Reply::Error(ErrorCode::Syntax) => match right(service, &mend(text)) {
            Reply::Error(_) => Reply::Error(ErrorCode::Syntax),
            reply => reply.into_owned(),
        },
        reply => reply.into_owned(),
    })
}

/// Writes a word for the result where an error is due.
fn in_band(service: Service, due: ErrorCode, word: &'static str) -> Box<dyn Server> {
    let answer = move |text: &str| match (parse(text), right(service, text)) {
        (Ok(request), Reply::Error(code)) if code == due => {
            let value = Value::Quotient(f64::NAN);
            Reply::Calculator(Calculation { request: request.into_owned(), value })
        }
        (_, reply) => reply,
    };
    answering_in_words(service, answer, move |reply| match reply {
        Reply::Calculator(Calculation { request, value: Value::Quotient(none) })
            if none.is_nan() =>
        {
            let value = Value::Whole(0.into());
            let shown = Calculation { request: request.clone(), value }.to_string();
            format!("{}{word}", shown.strip_suffix('0').unwrap_or(&shown))
        }
        reply => reply.to_string(),
    })
}

/// Tells one error where another is due.
fn recoding(service: Service, due: ErrorCode, told: ErrorCode) -> Box<dyn Server> {
    answering(service, move |text| match right(service, text) {
        Reply::Error(code) if code == due => Reply::Error(told),
        reply => reply.into_owned(),
    })
}
