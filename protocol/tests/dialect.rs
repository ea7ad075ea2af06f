//! What holds of a dialect: its frames however a stream is cut, its templates, its numbers, and the server made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use trueline_protocol::dialect::{
    Dialect, Field, First, Form, Frame, Interpreter, NoTemplate, Number, Quit, Response, Session,
    Template, Worded,
};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

fn frames() -> impl Strategy<Value = Frame> {
    let end = || vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b';'), any::<u8>()], 1..3);
    prop_oneof![
        vec(end(), 1..3).prop_map(Frame::Until),
        (1u8..=8).prop_map(Frame::Length),
        (2u8..70).prop_map(Frame::Digits),
        (1u16..40, any::<Option<u8>>()).prop_map(|(size, pad)| Frame::Size(size, pad)),
    ]
}

/// The messages of a stream that is over.
fn messages(frame: &Frame, stream: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut all) = (stream, Vec::new());
    while let First::Whole(text, octets) = frame.first(rest, true) {
        all.push(text.to_vec());
        rest = &rest[octets..];
        if rest.is_empty() {
            break;
        }
    }
    all
}

proptest! {
    /// What is framed is found again, one message after the other, and no beginning of a message is a whole one.
    #[test]
    fn messages_are_found_again(frame in frames(), texts in vec(vec(any::<u8>(), 0..40), 1..5)) {
        let framed: Option<Vec<Vec<u8>>> = texts.iter().map(|text| frame.wrap(text)).collect();
        let Some(framed) = framed else { return Ok(()) };
        prop_assert_eq!(messages(&frame, &framed.concat()), texts);
        for message in &framed {
            for cut in 0..message.len() {
                // Of several ends one may begin another: `\r` and `\r\n`.
                if !matches!(&frame, Frame::Until(ends) if ends.len() > 1) {
                    prop_assert_eq!(frame.first(&message[..cut], false), First::Part);
                }
            }
        }
    }

    /// Whatever comes, what is taken of it is some of it.
    #[test]
    fn no_stream_is_too_strange(frame in frames(), stream in vec(any::<u8>(), 0..100), is_over: bool) {
        if let First::Whole(text, all) = frame.first(&stream, is_over) {
            prop_assert!(all > 0 && text.len() <= all && all <= stream.len());
        }
    }

    /// A text of any characters is a template once its braces are doubled.
    #[test]
    fn any_text_is_a_template(text: String) {
        let doubled = text.replace('{', "{{").replace('}', "}}");
        let filled = Template::parse(&doubled).unwrap().filled(|_| None);
        prop_assert_eq!(filled, Some(text.into_bytes()));
    }
}

#[test]
fn frames_of_every_kind() {
    let until = |ends: &[&[u8]]| Frame::Until(ends.iter().map(|end| end.to_vec()).collect());
    for (frame, text, framed) in [
        (until(&[b"\r\n"]), "1 + 2", &b"1 + 2\r\n"[..]),
        (until(&[b"\n\n"]), "1 + 2", b"1 + 2\n\n"),
        (until(&[b" "]), "1+2", b"1+2 "),
        (Frame::Length(2), "1 + 2", b"\0\x051 + 2"),
        (Frame::Digits(4), "1 + 2", b"5   1 + 2"),
        (Frame::Size(8, Some(b' ')), "1 + 2", b"1 + 2   "),
        (Frame::Size(4, None), "\0\0\0\x1e", b"\0\0\0\x1e"),
        (Frame::Segment, "1 + 2", b"1 + 2"),
        (Frame::End, "1 + 2", b"1 + 2"),
    ] {
        assert_eq!(frame.wrap(text.as_bytes()).as_deref(), Some(framed), "{frame:?}");
        assert_eq!(frame.first(framed, true), First::Whole(text.as_bytes(), framed.len()));
    }
    for (frame, text) in [
        (until(&[b"\n"]), "1\n2"),
        (Frame::Length(1), &"1".repeat(256)[..]),
        (Frame::Digits(1), "1234567890"),
        (Frame::Size(4, Some(b' ')), "12345"),
        (Frame::Size(4, Some(b' ')), "1 "),
        (Frame::Size(4, None), "1"),
    ] {
        assert_eq!(frame.wrap(text.as_bytes()), None, "{frame:?}");
    }
    // Zeros in front, and what is no length at all.
    assert_eq!(Frame::Digits(4).first(b"00021+2", false), First::Whole(b"1+", 6));
    assert_eq!(Frame::Digits(4).first(b"1 + 2", false), First::Whole(b"1 + ", 4));
}

#[test]
fn templates_that_are_none() {
    assert_eq!(Template::parse("{op}"), Err(NoTemplate::Unknown("op".into())));
    for alone in ["{left", "left}", "{", "}", "{{left}"] {
        assert_eq!(Template::parse(alone), Err(NoTemplate::Brace), "{alone}");
    }
    let fields: Vec<Field> = Template::parse("{{{left}}} {any}").unwrap().fields().collect();
    assert_eq!(fields, [Field::Left, Field::Any]);
}

/// As Python prints `float(x)`, `int(x)`, `math.floor(x)` and `"%.nf" % x`, and JavaScript `x`.
#[test]
fn numbers_as_others_print_them() {
    use Number::{Binary32, Decimals, Float, Floor, Plain, Short, Truncated};
    for (result, number, spelled) in [
        ("7", Plain, "7"),
        ("7", Float, "7.0"),
        ("3.5", Float, "3.5"),
        ("2.0", Short, "2"),
        ("2.5", Short, "2.5"),
        ("-0.0", Short, "0"),
        ("-3.5", Truncated, "-3"),
        ("-3.5", Floor, "-4"),
        ("-4.0", Floor, "-4"),
        ("3.5", Floor, "3"),
        ("3.3333333333333335", Decimals(3), "3.333"),
        ("0.125", Decimals(2), "0.12"),
        ("2.675", Decimals(2), "2.67"),
        ("-0.5", Decimals(0), "-0"),
        ("1", Decimals(6), "1.000000"),
        ("99980001", Decimals(0), "99980001"),
        ("30", Binary32, "\0\0\0\x1e"),
    ] {
        let spelling = number.spelled(result);
        assert_eq!(spelling.as_deref(), Some(spelled.as_bytes()), "{result} as {number:?}");
    }
    assert_eq!(Binary32.spelled("-3.5").as_deref(), Some(&(-3i32).to_be_bytes()[..]));
    assert_eq!(Binary32.spelled("2147483648"), None);
    assert_eq!(Binary32.value(&[0xff, 0xff, 0xff, 0xfe]), Some(-2.0));
}

/// A calculator of three messages, which says hello and goodbye.
fn menu() -> Dialect {
    let template = |text: &str| Template::parse(text).expect("a template");
    Dialect {
        service: Service::Calculator,
        request: Frame::Until(vec![b";".to_vec()]),
        reply: Frame::line(),
        forms: vec![Form {
            parts: ["{left}", "{operator}", "{right}"].map(template).into(),
            prompts: vec![Some("and?".into()), None],
            reply: Worded::Alike(template("it is {result}")),
        }],
        operators: [Some("plus".into()), Some("minus".into()), None, Some("over".into())],
        results: [Number::Float; 4],
        errors: BTreeMap::from([
            (ErrorCode::DivisionByZero, Response::Reply(template("never"))),
            (ErrorCode::Operator, Response::Silence),
            (ErrorCode::Syntax, Response::Close),
        ]),
        separator: String::new(),
        session: Session {
            greeting: Some("hello".into()),
            quit: Some(Quit { words: vec!["bye".into()], reply: Some("bye".into()), stops: true }),
            once: false,
            closes: true,
            ends: false,
        },
    }
}

/// What comes of some octets, cut into pieces of a length.
fn talk(octets: &str, length: usize) -> (String, Vec<Action>) {
    talk_to(menu(), octets, length)
}

fn talk_to(dialect: Dialect, octets: &str, length: usize) -> (String, Vec<Action>) {
    let responder = Responder::of(Service::Calculator);
    let mut server = Interpreter::new(Arc::new(dialect), responder);
    let (connection, mut actions) = (Connection(1), Vec::new());
    let mut on = |event| server.on(Now::ZERO, event, &mut actions);
    on(Event::Accepted(connection));
    octets.as_bytes().chunks(length).for_each(|piece| on(Event::Received(connection, piece)));
    on(Event::Ended(connection));
    let (mut said, mut others) = (Vec::new(), Vec::new());
    for action in actions {
        match action {
            Action::Send(_, octets) => said.extend(octets),
            other => others.push(other),
        }
    }
    (String::from_utf8(said).expect("text"), others)
}

#[test]
fn a_server_of_a_dialect() {
    let close = || Action::Close(Connection(1));
    for (octets, said, others) in [
        ("1;plus;2;", "hello\nand?\nit is 3.0\n", vec![close()]),
        ("1;minus;2;7;over;2;", "hello\nand?\nit is -1.0\nand?\nit is 3.5\n", vec![close()]),
        ("1;over;0;", "hello\nand?\nnever\n", vec![close()]),
        ("1;times;2;1;plus;1;", "hello\nand?\nand?\nit is 2.0\n", vec![close()]),
        ("1;plus;x;1;plus;1;", "hello\nand?\n", vec![close()]),
        ("bye;1;plus;1;", "hello\nbye\n", vec![close(), Action::Stop]),
    ] {
        for length in 1..=octets.len() {
            let (heard, did) = talk(octets, length);
            assert_eq!(heard, said, "{octets} by {length}");
            assert_eq!(did, others, "{octets} by {length}");
        }
    }
}

/// Of a message that is too long not all is kept, but it ends where it ends.
#[test]
fn nothing_ends_a_long_message_but_its_end() {
    let dialect = || Dialect {
        request: Frame::Until(vec![b";;".to_vec()]),
        errors: BTreeMap::from([(
            ErrorCode::TooLong,
            Response::Reply(Template::parse("too long").expect("a template")),
        )]),
        forms: vec![Form {
            parts: vec![Template::parse("{left} {operator} {right}").expect("a template")],
            prompts: vec![None],
            reply: menu().forms.remove(0).reply,
        }],
        session: Session { greeting: None, ..menu().session },
        ..menu()
    };
    for begun in ["x;", ";x"] {
        let long = begun.repeat(40_000);
        for length in [1021, 4096] {
            let message = format!("{long}x;;");
            assert_eq!(talk_to(dialect(), &message, length).0, "too long\n", "{begun} by {length}");
        }
    }
}
