use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;

fn read(text: &str) -> Result<Grammar, AbnfError> {
    Grammar::read(&[Block { text, section: "1 Test", line: 10 }])
}

fn matches(rules: &str, expression: &str, text: &str) -> bool {
    let grammar = read(rules).unwrap();
    grammar.matches(&grammar.expression(expression).unwrap(), text)
}

#[test]
fn every_form_of_an_expression_matches_what_it_says() {
    for (expression, yes, no) in [
        (r#""ab""#, &["ab", "AB", "aB"][..], &["a", "abc", ""][..]),
        (r#"%s"ab""#, &["ab"], &["AB", "Ab"]),
        (r#"%i"ab""#, &["ab", "Ab"], &["ac"]),
        (r#""""#, &[""], &["a"]),
        ("%x61", &["a"], &["A", ""]),
        ("%d97", &["a"], &["A"]),
        ("%b1100001", &["a"], &["A"]),
        ("%x61.62.63", &["abc"], &["a", "ab", "ABC"]),
        ("%x61-63", &["a", "b", "c"], &["d", "`", "ab"]),
        ("%xA0-D7FF / %xE000-10FFFF", &["é", "\u{d7ff}", "\u{e000}", "\u{10ffff}"], &["a", ""]),
        ("DIGIT digit", &["12"], &["1", "123"]),
        ("2DIGIT", &["12"], &["1", "123"]),
        ("1*2DIGIT", &["1", "12"], &["", "123"]),
        ("*2DIGIT", &["", "1", "12"], &["123"]),
        ("2*DIGIT", &["12", "1234"], &["1"]),
        ("*DIGIT", &["", "1", "1234"], &["a"]),
        ("0DIGIT", &[""], &["1"]),
        ("[DIGIT] ALPHA", &["1a", "a"], &["1", "12a"]),
        ("(DIGIT / ALPHA) HTAB", &["1\t", "a\t"], &["\t", "1a\t"]),
        ("DIGIT ALPHA / SP", &["1a", " "], &["1 ", "1"]),
        ("HEXDIG", &["0", "a", "F"], &["g"]),
        ("CR LF", &["\r\n"], &["\n"]),
    ] {
        for text in yes {
            assert!(matches("", expression, text), "{expression} and {text:?}");
        }
        for text in no {
            assert!(!matches("", expression, text), "{expression} and {text:?}");
        }
    }
}

#[test]
fn a_rule_goes_on_over_lines_and_comments() {
    let rules =
        "; what it is\r\na = \"1\" ; one\r\n  / \"2\"\n\t; or\n / b\n\nB = ; later\n %x33\n";
    let grammar = read(rules).unwrap();
    let lines: Vec<_> = grammar.rules().iter().map(|it| (it.name.as_str(), it.line)).collect();
    assert_eq!(lines, [("a", 11), ("B", 16)]);
    assert_eq!(grammar.find("b").unwrap().source, "B = ; later\n %x33");
    for text in ["1", "2", "3"] {
        assert!(matches(rules, "a", text), "{text}");
    }
    assert!(!matches(rules, "A", "4"));
    // The last line needs no end.
    assert!(matches("a = \"1\"", "a", "1"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (rules, line, what) in [
        ("a = b", 10, "rule `b` is not defined"),
        ("a = \"1\"\n\na = \"2\"", 12, "rule `a` is defined in 1 Test already"),
        ("a = \"1\"\nA = \"2\"", 11, "rule `A` is defined in 1 Test already"),
        ("SP = \"1\"", 10, "rule `SP` is defined in RFC 5234 B.1 already"),
        ("a =/ \"1\"", 10, "there is no rule `a` to add to"),
        ("a = \"1\"\nb = c\nc = *(\"2\" / [b])", 11, "rule `b` refers to itself"),
        ("a = \"1\"\n  / ( \"2\"\nb = \"3\"", 11, "the rule ends too early"),
        ("a = \"1\" /\nb = \"2\"", 10, "the rule ends too early"),
        ("a = [\"1\"", 10, "the rule ends too early"),
        ("a = %xD800", 10, "`D800`"),
        ("a = %x0-110000", 10, "`110000`"),
        ("a = %x62-61", 10, "`-61`"),
        ("a = 2*1\"1\"", 10, "`2*1"),
        ("a = 99999999999999999999\"1\"", 10, "`99999999999999999999"),
        ("a = <prose>", 10, "`<prose>`"),
        ("a = \"é\"", 10, "`\"é\"`"),
        ("a = \"1", 10, "`\"1`"),
        (" a = \"1\"", 10, "` a = "),
        ("\n\na", 12, "the rule ends too early"),
        ("a b = c", 10, "`b = c`"),
    ] {
        let error = read(rules).unwrap_err();
        assert!(error.line == line && error.what.contains(what), "{rules:?}: {error}");
    }
    assert!(read("").unwrap().expression("1*nothing").is_err());
    assert!(read("").unwrap().expression("SP )").is_err());
}

#[test]
fn alternatives_can_be_added() {
    let grammar = read("a = b / \"2\"\nb = \"1\"").unwrap().also("b =/ \"3\"").unwrap();
    let rule = grammar.expression("a").unwrap();
    assert!(["1", "2", "3"].iter().all(|text| grammar.matches(&rule, text)));
    assert_eq!(grammar.also("c = d").unwrap_err().what, "rule `d` is not defined");
}

/// Where there are many ways to match, none is lost, and they are not tried one after the other.
#[test]
fn ambiguous_grammars_are_followed_every_way() {
    assert!(matches("", "*ALPHA %x61 *ALPHA", "bbab"));
    assert!(matches("", "(%x61 / %x61.62) (%x62.63 / %x63)", "abc"));
    assert!(matches("", "1*2%x61 1*2%x61 %x61", "aaaaa"));
    assert!(!matches("", "1*2%x61 1*2%x61 %x61", "aaaaaa"));
    assert!(matches("", "2*3(*SP)", ""));
    let many = "a".repeat(2000);
    assert!(!matches("b = *(*%x61 / *%x61.61)", "*b *b %x62", &many));
    assert!(matches("b = *(*%x61 / *%x61.61)", "*b *b %x62", &format!("{many}b")));
}

#[test]
fn every_alternative_and_each_end_is_generated() {
    let grammar = read("a = \"x\" / %x30-39 / *2(%s\"Y\" b)\nb = %xA0-D7FF").unwrap();
    let texts = Generator::new(&grammar).texts(&grammar.expression("a").unwrap());
    let mut runner = TestRunner::deterministic();
    let made: Vec<String> =
        (0..2000).map(|_| texts.new_tree(&mut runner).unwrap().current()).collect();
    for due in ["x", "X", "0", "5", "9", "", "Y\u{a0}", "Y\u{d7ff}", "Y\u{a0}Y\u{d7ff}"] {
        assert!(made.iter().any(|text| text == due), "{due:?} is never made");
    }
}

#[test]
fn rules_can_be_taken_from_elsewhere() {
    let grammar = read("a = \"(\" B \")\"\nb = 1*DIGIT").unwrap();
    let texts = Generator::new(&grammar).given("B", Just("7".to_owned()));
    let texts = texts.texts(&grammar.expression("a").unwrap());
    assert_eq!(texts.new_tree(&mut TestRunner::deterministic()).unwrap().current(), "(7)");
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["%x61", "%x61-63", "%s\"b\"", "\"aB\"", "\"\"", "ALPHA"]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} / {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} {b})")),
            inner.clone().prop_map(|a| format!("[{a}]")),
            (0..3, 0..3, inner)
                .prop_map(|(least, more, a)| format!("{least}*{}({a})", least + more)),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_generated_matches(expression in expression(), seed in any::<u64>()) {
        let grammar = read("").unwrap();
        let expression = grammar.expression(&expression).unwrap();
        let texts = Generator::new(&grammar).texts(&expression);
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed.to_le_bytes().repeat(4)),
        );
        for _ in 0..8 {
            let text = texts.new_tree(&mut runner).unwrap().current();
            prop_assert!(grammar.matches(&expression, &text), "{text:?}");
        }
    }

    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), "[ab=/()*%xsd0-9\\[\\]\" ;\n\t-]{0,24}"]) {
        let _ = read(&text);
        let _ = read(&format!("a = {text}"));
    }
}
