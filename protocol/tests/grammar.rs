//! What holds of the grammar for every input.

use std::borrow::Cow;

use jiff::civil::DateTime;
use proptest::prelude::*;
use trueline_protocol::calculator::{
    Integer, Notation, Operator, Request, answer, grammar as rules, parse,
};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::grammar;
use trueline_protocol::service::Service;

fn integer() -> impl Strategy<Value = Integer<'static>> {
    "[+-]?[0-9]{1,40}".prop_map(|spelled: String| Integer {
        value: spelled.parse().expect("an integer"),
        spelled: Cow::Owned(spelled),
    })
}

fn request() -> impl Strategy<Value = Request<'static>> {
    let notation = prop::sample::select(Notation::ALL.to_vec());
    let operator = prop::sample::select(Operator::ALL.to_vec());
    (notation, operator, integer(), integer())
        .prop_map(|(notation, operator, left, right)| Request { notation, operator, left, right })
}

/// Text made of what requests are made of, so that much of it is nearly one.
fn near_request() -> impl Strategy<Value = String> {
    "[0-9 \t+*/(),.%e_x٣-]{0,16}"
}

proptest! {
    #[test]
    fn a_printed_request_reads_back(request in request()) {
        let printed = request.to_string();
        prop_assert_eq!(parse(&printed), Ok(request));
    }

    #[test]
    fn a_printed_reply_reads_back(request in request()) {
        let text = request.to_string();
        match answer(&text, DateTime::ZERO) {
            Err(code) => {
                let printed = format!("ERR {code}");
                prop_assert_eq!(grammar::error(&printed), Ok(("", (code, None))));
            }
            Ok(calculation) => {
                let printed = calculation.to_string();
                let infix = request.notation != Notation::Postfix;
                let read = if infix { rules::infix_reply } else { rules::postfix_reply };
                let (rest, (read, result)) = read(&printed).expect("a reply of the grammar");
                prop_assert_eq!(rest, "");
                prop_assert_eq!(read.operator, request.operator);
                prop_assert_eq!(read.left, request.left);
                prop_assert_eq!(read.right, request.right);
                prop_assert_eq!(result, calculation.value.to_string());
            }
        }
    }

    #[test]
    fn blanks_change_nothing(request in request(), blanks in "[ \t]{0,5}") {
        let bare = match request.notation {
            Notation::Postfix => format!("{} {} {}", request.left, request.right, request.operator),
            Notation::Infix => format!("{}{}{}", request.left, request.operator, request.right),
            Notation::Tuple => format!("({},{},{})", request.operator, request.left, request.right),
        };
        let spaced = request.to_string().replace(' ', &format!("{blanks} "));
        prop_assert_eq!(parse(&bare), Ok(request.clone()));
        let padded = format!("{blanks}{spaced}{blanks}");
        prop_assert_eq!(parse(&padded), Ok(request));
    }

    #[test]
    fn nothing_panics_and_replies_keep_their_limit(text in prop_oneof![any::<String>(), near_request()]) {
        let _ = parse(&text);
        prop_assert!(Service::Calculator.answer(&text, DateTime::ZERO).to_string().len() <= trueline_protocol::limits::REPLY_TEXT_MAX || text.len() > 1023);
    }
}

#[test]
fn each_malformed_request_gets_its_code() {
    let syntax = [
        "5.3",
        "1e3",
        "1_000 2 +",
        "5 x 6",
        "1 2 3 +",
        "10 20+",
        "10 20",
        "+",
        "()",
        "(+, 5, 6",
        "(+ 5 6)",
        "(+, 5, 6) 7",
        "((+, 5, 6))",
        "(+, 5, 6,)",
        "- 7 3 +",
        "5 + - 6",
        "5 -- 6",
        "5%%6",
        "10 20 + -",
        "10,20+",
        "1.0 2 +",
        "10 20 .",
        "5_6",
        "(_, 5, 6)",
        "٣ 4 +",
        "10\u{a0}20 +",
        "\u{feff}5+6",
        "5 × 6",
        "0x10 2 +",
        "10 20 ++",
        "5 6 7",
        "5 6 -3",
        "\u{3000}",
        "10\u{b}20 +",
        "(-5, 5, 6)",
        "5 % - 6",
        "1+2=",
    ];
    for text in syntax {
        assert_eq!(parse(text), Err(ErrorCode::Syntax), "for {text}");
    }
    let operators = [
        "10 20 %",
        "5^6",
        "(&, 5, 6)",
        "5%-6",
        "5 ' 6",
        "5\\6",
        "1 2 \"",
        "5 ~ -6",
        "1 0 %",
        "5@6",
    ];
    for text in operators {
        assert_eq!(parse(text), Err(ErrorCode::Operator), "for {text}");
    }
    for text in ["", " ", "\t", " \t "] {
        assert_eq!(parse(text), Err(ErrorCode::Empty), "for {text:?}");
    }
}

#[test]
fn the_unknown_operators_are_the_other_ascii_punctuation() {
    let known: String = Operator::ALL.iter().map(|operator| operator.symbol()).collect();
    for c in ('\0'..='\u{ff}').filter(|c| !known.contains(*c)) {
        let expected = c.is_ascii_punctuation() && !"(),._".contains(c);
        assert_eq!(
            rules::unknown_operator(c.encode_utf8(&mut [0; 2])).is_ok(),
            expected,
            "for {c:?}"
        );
    }
}
