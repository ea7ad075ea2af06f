//! Faults of meaning: what is accepted, and which error is told. `arithmetic` has those of results.

use trueline_protocol::calculator::{Calculation, Notation, Value, parse};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing::{Line, text};
use trueline_protocol::reply::Reply;
use trueline_protocol::responder::Server;
use trueline_protocol::service::Service;

use super::seam::{answering, meaning};
use super::{Mutant, on};

pub(super) fn mutants() -> Vec<Mutant> {
    let mutant = on("meaning", None);
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
                    _ => service.answer(text).into_owned(),
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
                        return service.answer(text).into_owned();
                    }
                    let known = |c: char| {
                        if c.is_ascii_punctuation() && !"()+-,".contains(c) { '/' } else { c }
                    };
                    service.answer(&text.chars().map(known).collect::<String>()).into_owned()
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
            "empty-is-syntax",
            "ERR-6",
            "answers an empty request with `ERR syntax`",
            "Nothing is `ERR empty`.",
            |service| refusing(service, str::is_empty),
        ),
        mutant(
            "zero-first",
            "CALC-17 ERR-2",
            "tells of a zero divisor before it tells that the operator is unknown",
            "Decide errors in the order of SPEC.md's table.",
            |service| {
                answering(service, move |text| {
                    let divided = text.replace(['%', '^', '&'], "/");
                    match (service.answer(text), service.answer(&divided)) {
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
            "replaces-octets",
            "ERR-4",
            "replaces octets that are not UTF-8 and goes on",
            "Decode strictly, and answer what fails with `ERR encoding`.",
            |service| {
                meaning(service, move |line| match line {
                    Ok(octets) => answer(service, Ok(String::from_utf8_lossy(octets).as_bytes())),
                    line => answer(service, line),
                })
            },
        ),
        mutant(
            "lets-controls-through",
            "ERR-5",
            "takes control characters for text",
            "Answer C0 (but HTAB), DEL and C1 with `ERR encoding`.",
            |service| {
                meaning(service, move |line| {
                    let Ok(Ok(text)) = line.map(std::str::from_utf8) else {
                        return answer(service, line);
                    };
                    let shown = |c: char| if c.is_control() && c != '\t' { '?' } else { c };
                    service.answer(&text.chars().map(shown).collect::<String>()).into_owned()
                })
            },
        ),
        mutant(
            "lets-del-through",
            "ERR-5",
            "takes DEL and the control characters of C1 for text",
            "Control characters are C0 (but HTAB), DEL and C1.",
            |service| {
                meaning(service, move |line| {
                    let Ok(Ok(text)) = line.map(std::str::from_utf8) else {
                        return answer(service, line);
                    };
                    let shown = |c: char| if ('\x7f'..='\u{9f}').contains(&c) { '?' } else { c };
                    answer(service, Ok(text.chars().map(shown).collect::<String>().as_bytes()))
                })
            },
        ),
        mutant(
            "zero-by-spelling",
            "CALC-19",
            "recognises a zero divisor by its spelling `0`",
            "Convert the divisor, then compare it with zero.",
            |service| {
                answering(service, move |text| match (parse(text), service.answer(text)) {
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
            "clamps-range",
            "CALC-20",
            "answers a quotient that is too large with the largest number there is",
            "Answer it with `ERR range`; Python raises OverflowError.",
            |service| {
                answering(service, move |text| match (parse(text), service.answer(text)) {
                    (Ok(request), Reply::Error(ErrorCode::Range)) => {
                        let value = Value::Quotient(f64::MAX);
                        Reply::Calculation(Calculation { request: request.into_owned(), value })
                    }
                    (_, reply) => reply.into_owned(),
                })
            },
        ),
    ]
}

/// What a right server answers to a line.
fn answer(service: Service, line: Line<'_>) -> Reply<'static> {
    match text(line) {
        Ok(text) => service.answer(text).into_owned(),
        Err(code) => Reply::Error(code),
    }
}

/// Refuses requests in a notation.
fn without(service: Service, notation: Notation) -> Box<dyn Server> {
    answering(service, move |text| match parse(text) {
        Ok(request) if request.notation == notation => Reply::Error(ErrorCode::Syntax),
        _ => service.answer(text).into_owned(),
    })
}

/// Refuses some requests with `syntax`.
fn refusing(service: Service, refused: fn(&str) -> bool) -> Box<dyn Server> {
    answering(service, move |text| {
        if refused(text) {
            Reply::Error(ErrorCode::Syntax)
        } else {
            service.answer(text).into_owned()
        }
    })
}

/// Serves requests that should get `syntax` after mending them. Their operands are spelled as mended.
fn lenient(service: Service, mend: fn(&str) -> String) -> Box<dyn Server> {
    answering(service, move |text| match service.answer(text) {
        Reply::Error(ErrorCode::Syntax) => match service.answer(&mend(text)) {
            Reply::Error(_) => Reply::Error(ErrorCode::Syntax),
            reply => reply.into_owned(),
        },
        reply => reply.into_owned(),
    })
}

/// Tells one error where another is due.
fn recoding(service: Service, due: ErrorCode, told: ErrorCode) -> Box<dyn Server> {
    answering(service, move |text| match service.answer(text) {
        Reply::Error(code) if code == due => Reply::Error(told),
        reply => reply.into_owned(),
    })
}
