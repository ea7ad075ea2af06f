//! Every construct, and every error with its place.

use miette::Diagnostic;

use super::*;

fn one(source: &str) -> Transcript {
    let mut cases = parse("test", source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

/// The only step of a case.
fn step(line: &str) -> Step {
    let mut steps = one(&format!("case a\n{line}\n")).dialogue.steps;
    assert_eq!(steps.len(), 1);
    steps.remove(0)
}

fn expected(written: &str) -> Text {
    match step(&format!("< {written}")).act {
        Act::Expect { text, framed: true } => text,
        act => panic!("{act:?}"),
    }
}

#[test]
fn a_case_of_every_key() {
    let case =
        one("# dropped\n\ncase calculator.postfix-9\ncovers CALC-2  CALC-4 \nneeds FRAME-1\n\
        service calculator\n# kept\ndialect C:\\line.toml\ntransport udp\ndeliver cut 3\n\
        \x20  \n> 1\n");
    assert_eq!(
        case,
        Transcript {
            name: "calculator.postfix-9".into(),
            covers: vec!["CALC-2".into(), "CALC-4".into()],
            needs: vec!["FRAME-1".into()],
            service: Some("calculator".into()),
            dialect: Some("C:\\line.toml".into()),
            transport: Some("udp".into()),
            deliver: Some("cut 3".into()),
            dialogue: Dialogue::of([
                Step::note("kept"),
                Step {
                    client: Client::A,
                    act: Act::Send { text: Text::octets("1"), framed: true }
                },
            ]),
        }
    );
}

#[test]
fn every_act() {
    let text = || Text::octets("1 2 +");
    let acts = [
        ("> 1 2 +", Act::Send { text: text(), framed: true }),
        (">> 1 2 +", Act::Send { text: text(), framed: false }),
        ("< 1 2 +", Act::Expect { text: text(), framed: true }),
        ("<< 1 2 +", Act::Expect { text: text(), framed: false }),
        (">", Act::Send { text: Text::default(), framed: true }),
        ("<<", Act::Expect { text: Text::default(), framed: false }),
        ("! open", Act::Open),
        ("! deaf", Act::Deaf),
        ("! end", Act::End),
        ("! close", Act::Close),
        ("! reset", Act::Reset),
        ("! wait", Act::Wait),
        ("! restart", Act::Restart),
        ("! unread", Act::Unread),
        ("! unheard", Act::Unheard),
        ("? closed", Act::Closed),
        ("? reset", Act::WasReset),
        ("? exited", Act::Exited),
        ("? quiet", Act::Quiet),
        ("$> 1 2 +", Act::Type(text())),
        ("$< 1 2 +", Act::Printed(text())),
        ("$<", Act::Printed(Text::default())),
    ];
    for (line, act) in acts {
        for letter in ['A', 'B', 'Z'] {
            let written = format!("{letter}{line}");
            let client = Client::new(letter).unwrap();
            assert_eq!(step(&written), Step { client, act: act.clone() }, "{written}");
            let printed = if letter == 'A' { line.to_owned() } else { written };
            assert_eq!(step(&printed).to_string(), printed);
        }
        assert_eq!(step(line), Step { client: Client::default(), act });
    }
}

#[test]
fn comments_are_kept_as_they_are() {
    for (line, value, printed) in [
        ("#", "", "#"),
        ("# ", "", "#"),
        ("#near", "near", "# near"),
        ("#  far ", " far ", "#  far "),
        (r"# a \q", r"a \q", r"# a \q"),
    ] {
        assert_eq!(step(line), Step::note(value));
        assert_eq!(step(line).to_string(), printed);
    }
    assert_eq!(Step::note("two\nlines").to_string(), "# two lines");
}

#[test]
fn texts_and_how_they_are_printed() {
    let many = "9".repeat(1023);
    let rows: [(&str, &[u8], &str); 19] = [
        ("10 20 +", b"10 20 +", "10 20 +"),
        (" a  b ", b" a  b ", r"\sa  b\s"),
        (r"\sa\s\s", b" a  ", r"\sa\s\s"),
        (r"\n\r\t\\", b"\n\r\t\\", r"\n\r\t\\"),
        (r"\\{any}", br"\{any}", r"\\{any}"),
        ("{9*3}", b"{9*3}", "{9*3}"),
        (r"\x00\x1F\x7f\xFF", b"\x00\x1f\x7f\xff", r"\x00\x1f\x7f\xff"),
        (r"\xe2\x82\xac", "€".as_bytes(), "€"),
        (r"\xe2\x82", b"\xe2\x82", r"\xe2\x82"),
        (r"\u{e4}\u{1F600}", "ä😀".as_bytes(), "ä😀"),
        (r"\u{85}\u{a0}", "\u{85}\u{a0}".as_bytes(), r"\u{85}\u{a0}"),
        ("a\u{301}", "a\u{301}".as_bytes(), "a\u{301}"),
        ("\u{301}a", "\u{301}a".as_bytes(), r"\u{301}a"),
        (r"\n\u{301}", "\n\u{301}".as_bytes(), r"\n\u{301}"),
        (
            "\u{feff}\u{202e}\u{200b}\u{3000}\u{fe0f}\u{3164}\u{ad}",
            "\u{feff}\u{202e}\u{200b}\u{3000}\u{fe0f}\u{3164}\u{ad}".as_bytes(),
            r"\u{feff}\u{202e}\u{200b}\u{3000}\u{fe0f}\u{3164}\u{ad}",
        ),
        (r"\{9*1023}", many.as_bytes(), r"\{9*1023}"),
        (r"\{ab*3}", b"ababab", "ababab"),
        (
            r"\{ *20}\{-*15}\{~*20}",
            b"                    ---------------~~~~~~~~~~~~~~~~~~~~",
            r"\{ *20}---------------\{~*20}",
        ),
        (r"\{ä*00020}", "ääääääääääääääääääää".as_bytes(), r"\{ä*20}"),
    ];
    for (written, octets, printed) in rows {
        let text = expected(written);
        assert_eq!(text.literal(), Some(octets), "{written}");
        assert_eq!(text.to_string(), printed);
        assert_eq!(expected(printed), text);
    }
    let braces = "{".repeat(20);
    assert_eq!(Text::octets(braces.as_str()).to_string(), braces);
    let longest = Text::octets(vec![b'9'; 1 << 20]);
    assert_eq!(longest.to_string(), r"\{9*99999}".repeat(10) + r"\{9*48586}");
    assert_eq!(expected(&longest.to_string()), longest);
}

#[test]
fn holes_stand_in_what_is_expected() {
    let text = expected(r"ERR \{detail}\{time} \{any}");
    assert_eq!(text.literal(), None);
    let pieces = vec![
        Piece::Octets(b"ERR ".into()),
        Piece::Hole(Hole::Detail),
        Piece::Hole(Hole::Time),
        Piece::Octets(b" ".into()),
        Piece::Hole(Hole::Any),
    ];
    assert_eq!(text, Text { pieces });
    assert_eq!(text.to_string(), r"ERR \{detail}\{time} \{any}");
    assert!(matches!(step(r"$< \{any}").act, Act::Printed(_)));
}

#[test]
fn texts_are_normalised() {
    let pieces = [&b"a"[..], b"", b"b"].map(|octets| Piece::Octets(octets.into()));
    assert_eq!(pieces.into_iter().collect::<Text>(), Text::octets("ab"));
    assert_eq!(Text::octets(""), Text::default());
    assert_eq!(Text::default().literal(), Some(&b""[..]));
}

#[test]
fn line_ends_and_several_cases() {
    let cases = parse("test", "\u{feff}case a\r\n> 1\r\n\r\ncase b\n# last").unwrap();
    assert_eq!(cases[0].dialogue.steps[0].to_string(), "> 1");
    assert_eq!(cases[1].dialogue.steps, [Step::note("last")]);
    assert_eq!(
        cases.iter().map(Transcript::to_string).collect::<String>(),
        "case a\n> 1\ncase b\n# last\n"
    );
}

#[test]
fn errors_name_problem_place_and_mend() {
    let rows = [
        ("", "1:1 there is no case"),
        ("# only\n", "2:1 there is no case"),
        ("> 1\n", "1:1 this stands before the first case"),
        ("covers A\n", "1:1 this stands before the first case"),
        ("case", "1:5 the case has no name"),
        ("case  \n> 1", "1:7 the case has no name"),
        ("case a_b", "1:7 `_` cannot stand in a case's name"),
        ("case a b", "1:7 a blank cannot stand in a case's name"),
        ("case a\ncovrs A", "2:1 `covrs` is not a key"),
        ("case a\ncovers", "2:7 the key has no value"),
        ("case a\ndeliver ", "2:9 the key has no value"),
        ("case a\ncovers A, B", "2:9 `,` cannot stand in an id"),
        ("case a\nneeds A\nneeds B", "3:1 `needs` stands twice in one case"),
        ("case a\n> 1\n\nservice time", "4:1 `service` stands after a step"),
        ("case a\ntransport TCP", "2:11 `TCP` is not a transport"),
        ("case a\n  > 1", "2:1 the line is indented"),
        ("case a\n10 20 +", "2:1 no line begins with `10`"),
        ("case a\nAB> 1", "2:1 no line begins with `AB>`"),
        ("case a\nB# 1", "2:1 no line begins with `B#`"),
        ("case a\nb> 1", "2:1 `b` is not a client"),
        ("case a\nB  > 1", "2:2 a blank stands between client and sign"),
        ("case a\n>10", "2:2 a blank is missing after the sign"),
        ("case a\n>>> 10", "2:3 a blank is missing after the sign"),
        ("case a\n!end", "2:2 a blank is missing after the sign"),
        ("case a\n!", "2:2 the sign stands alone"),
        ("case a\nB! close now", "2:10 nothing may follow here"),
        ("case a\n! closed", "2:3 `closed` is not an act"),
        ("case a\n? silence", "2:3 `silence` is not an expectation"),
        ("case a\n> ä\\", "2:4 a backslash stands before nothing"),
        ("case a\n> a\\q", "2:4 a backslash and `q` are not an escape"),
        ("case a\n> \\x4g", r"2:3 `\x` has two hexadecimal digits"),
        ("case a\n> \\u41", r"2:3 `\u` has one to six hexadecimal digits in braces"),
        ("case a\n> \\u{0000041}", r"2:3 `\u` has one to six hexadecimal digits in braces"),
        ("case a\n> \\u{d800}", "2:3 no character has this number"),
        ("case a\n> \\u{110000}", "2:3 no character has this number"),
        ("case a\n< x\\{any", r"2:4 this `\{` is not closed"),
        ("case a\n< \\{all}", "2:3 `all` is neither a hole nor a repeat"),
        ("case a\n> 1 \\{any}", "2:5 there is a hole in what is sent"),
        ("case a\nB>> \\{time}", "2:5 there is a hole in what is sent"),
        ("case a\n$> \\{detail}", "2:4 there is a hole in what is sent"),
        ("case a\n> \\{*9}", "2:5 nothing is repeated"),
        ("case a\n> \\{a{*9}", "2:6 `{` cannot stand in a repeat"),
        ("case a\n> \\{9*0}", "2:7 a repeat's count is 1 to 99999"),
        ("case a\n> \\{9*}", "2:7 a repeat's count is 1 to 99999"),
        ("case a\n> \\{9*+5}", "2:7 a repeat's count is 1 to 99999"),
        ("case a\n> \\{9*100000}", "2:7 a repeat's count is 1 to 99999"),
        ("case a\n> \\{12345678901*99999}", "2:3 the text is longer than 1048576 octets"),
        ("case a\n> 1\t2", "2:4 a control character, U+0009, stands here as it is"),
        ("case a\n! \topen", "2:3 a control character, U+0009, stands here as it is"),
        ("case a\n\t", "2:1 a control character, U+0009, stands here as it is"),
        ("case \t", "1:6 a control character, U+0009, stands here as it is"),
        ("case a\n# \u{7f}", "2:3 a control character, U+007F, stands here as it is"),
        ("case a\n> 1\r", "2:4 a control character, U+000D, stands here as it is"),
        ("case a\n> \u{85}", "2:3 a control character, U+0085, stands here as it is"),
    ];
    for (source, expected) in rows {
        let error = parse("bad.transcript", source).expect_err(source);
        assert_eq!(format!("{}:{} {error}", error.line(), error.column()), expected, "{source:?}");
        assert_eq!(error.file(), "bad.transcript");
        assert!(error.help().is_some_and(|help| !help.to_string().is_empty()));
    }
}

#[test]
fn errors_show_the_part_they_are_about() {
    let cut = |source: &str| {
        let error = parse("test", source).unwrap_err();
        let span = *error.labels().unwrap().next().unwrap().inner();
        source[span.offset()..span.offset() + span.len()].to_owned()
    };
    assert_eq!(cut("case a\ncovrs A"), "covrs");
    assert_eq!(cut("case a\n> ä \\{any} x"), "\\{any}");
    assert_eq!(cut("case a\n> \\{9*123456} x"), "123456");
    assert_eq!(cut("case a\n! opne "), "opne");
    assert_eq!(cut("case a\n> 1\u{7}2"), "\u{7}");
    let long = format!("case a\n> {}x{}", r"\{9*99999}".repeat(10), r"\{8*48586}");
    assert_eq!(cut(&long), r"\{8*48586}");
}

#[test]
fn octets_that_are_not_utf8_are_placed() {
    let error = parse_octets("test", b"case a\n> \xc3\xa4 \xff\xfe").unwrap_err();
    assert_eq!((error.line(), error.column()), (2, 5));
    assert_eq!(error.to_string(), "the octet 0xff is not UTF-8");
    assert!(error.help().unwrap().to_string().contains(r"`\xff`"));
    assert_eq!(parse_octets("test", b"case a\n").unwrap(), parse("test", "case a\n").unwrap());
    assert_eq!(parse_octets("test", b"case \xe2\x82").unwrap_err().column(), 6);
}

#[test]
fn repeats_hold_escapes_and_print_again() {
    let read = |text: &str| {
        let cases = parse("test", &format!("case a\n>> {text}\n")).expect("a transcript");
        let Act::Send { text, .. } = &cases[0].dialogue.steps[0].act else { panic!("not a send") };
        (text.literal().expect("no holes").to_vec(), text.to_string())
    };
    for (written, unit, count) in [
        (r"\{1 2 +\n*20000}", &b"1 2 +\n"[..], 20000),
        (r"\{\xff*3000}", b"\xff", 3000),
        (r"\{\t*1024}", b"\t", 1024),
        (r"\{é\u{85}*40}", "é\u{85}".as_bytes(), 40),
        (r"\{\\*27}", b"\\", 27),
    ] {
        assert_eq!(read(written), (unit.repeat(count), written.to_owned()));
    }
}
