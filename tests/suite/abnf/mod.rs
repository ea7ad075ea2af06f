//! The rules of SPEC.md and the parsers of `protocol` are the same grammar.

mod parsers;
mod quotes;
mod replies;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestError, TestRunner};
use trueline_conformance::abnf::{Expression, Generator, Grammar};
use trueline_conformance::spec::Spec;

use parsers::{LENIENT, PARSERS, Parser};

/// Of so many short texts of one length all are tried.
const ALL_OF: usize = 16_000;

/// What says more of a rule in short texts than one character of each kind does, and up to which length.
const TELLING: [(&str, &str, u32); 9] = [
    ("request", " 1+%", 6),
    ("postfix", " 1+-", 7),
    ("infix", " 1+-", 7),
    ("tuple", "(+,1)", 7),
    ("result", "-01.e+", 6),
    ("scientific", "1.e+0", 7),
    ("words", "a\t ", 8),
    ("lengths", "1 a,", 7),
    ("line", "a\r\n", 8),
];

/// A rule, what it stands for, and its parser.
struct Held {
    name: String,
    grammar: &'static Grammar,
    definition: Expression,
    parser: Parser,
}

impl Held {
    /// That the rule and its parser say the same of a text.
    fn agrees(&self, text: &str) -> Result<(), String> {
        let by = |matches| if matches { "matches" } else { "does not match" };
        let due = self.grammar.matches(&self.definition, text);
        let is = (self.parser)(text);
        let (due_by, is_by) = (by(due), by(is));
        let Self { name, .. } = self;
        (due == is).then_some(()).ok_or_else(|| {
            format!("rule `{name}`: {text:?} {due_by} by SPEC.md, and {is_by} by its parser")
        })
    }
}

/// The rules, where the operator of a request may be unknown (CALC-17).
static LENIENTLY: LazyLock<Grammar> =
    LazyLock::new(|| spec().also("operator =/ unknown-operator").unwrap());

/// Every parser of the tables with its rule.
fn held() -> Vec<Held> {
    let pair = |grammar: &'static Grammar| {
        move |(name, parser): &(&str, Parser)| {
            let name = name.replace('_', "-");
            let definition = grammar.find(&name).map(|rule| rule.definition.clone());
            let definition =
                definition.unwrap_or_else(|| panic!("`{name}` is a parser and no rule of SPEC.md"));
            Held { name, grammar, definition, parser: *parser }
        }
    };
    let strict = PARSERS.iter().map(pair(spec()));
    strict.chain(LENIENT.iter().map(pair(&LENIENTLY))).collect()
}

fn spec() -> &'static Grammar {
    Spec::current().grammar()
}

#[test]
fn every_rule_has_one_parser_and_every_parser_a_rule() {
    let parsers: Vec<String> = PARSERS.iter().map(|(name, _)| name.replace('_', "-")).collect();
    let rules: Vec<&str> = spec().rules().iter().map(|rule| rule.name.as_str()).collect();
    assert!(rules.len() > 30, "{rules:?}");
    for rule in &rules {
        let count = parsers.iter().filter(|parser| parser == rule).count();
        assert_eq!(count, 1, "rule `{rule}` of SPEC.md has {count} parsers in the table");
    }
    for parser in &parsers {
        assert!(rules.contains(&parser.as_str()), "`{parser}` is a parser and no rule of SPEC.md");
    }
}

#[test]
fn rule_and_parser_agree_on_what_the_rule_makes_and_one_edit_away() {
    all_agree(|held| {
        for_each(&made(held), |(text, near)| {
            held.agrees(&text)?;
            near.iter().try_for_each(|text| held.agrees(text))
        })
    });
}

/// That something holds of every rule and its parser; of all of which it does not, why not.
fn all_agree(holds: impl Fn(&Held) -> Result<(), String>) {
    let wrong: Vec<String> = held().iter().filter_map(|held| holds(held).err()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Texts that a rule makes, each with some that are one edit away from it.
fn made(held: &Held) -> impl Strategy<Value = (String, Vec<String>)> {
    let texts = Generator::new(held.grammar).texts(&held.definition);
    let telling = select(ends(&kinds(held)));
    let put = prop_oneof![3 => telling, 1 => any::<char>()];
    (texts, vec((0u8..4, any::<Index>(), put), 16)).prop_map(|(text, edits)| {
        let near = edits.into_iter().map(|(how, place, put)| edited(&text, how, place, put));
        let near = near.collect();
        (text, near)
    })
}

/// That something holds of whatever is made; of the smallest of which it does not, why not.
fn for_each<S: Strategy>(
    made: &S,
    holds: impl Fn(S::Value) -> Result<(), String>,
) -> Result<(), String> {
    // What is found is mended in SPEC.md or in the parser; there is nothing to keep.
    let config = Config { failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(made, |it| holds(it).map_err(TestCaseError::fail));
    outcome.map_err(|error| match error {
        TestError::Fail(why, _) => why.to_string(),
        TestError::Abort(why) => why.to_string(),
    })
}

/// One character more, one less, one replaced, or two exchanged.
fn edited(text: &str, how: u8, place: Index, put: char) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = place.index(letters.len() + 1);
    match how {
        0 => letters.insert(at, put),
        1 if at < letters.len() => _ = letters.remove(at),
        2 if at < letters.len() => letters[at] = put,
        3 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.push(put),
    }
    letters.into_iter().collect()
}

#[test]
fn rule_and_parser_agree_on_all_short_texts() {
    all_agree(|held| {
        let kinds = kinds(held);
        let all = |alphabet: &[char], length| {
            of_length(alphabet, length).try_for_each(|text| held.agrees(&text))
        };
        // Characters of one kind are the same to the rule, and need not be to the parser.
        all(&ends(&kinds), 1)?;
        let one_of_each: Vec<char> = kinds.iter().map(|(first, _)| *first).collect();
        let possible = |length: &u32| one_of_each.len().pow(*length) <= ALL_OF;
        (0..8).take_while(possible).try_for_each(|length| all(&one_of_each, length))?;
        TELLING.iter().filter(|it| it.0 == held.name).try_for_each(|(_, alphabet, most)| {
            let alphabet: Vec<char> = alphabet.chars().collect();
            (0..=*most).try_for_each(|length| all(&alphabet, length))
        })
    });
}

/// All texts of so many characters.
fn of_length(alphabet: &[char], length: u32) -> impl Iterator<Item = String> {
    (0..alphabet.len().pow(length)).map(move |number| {
        let place = |at: u32| number / alphabet.len().pow(at) % alphabet.len();
        (0..length).map(|at| alphabet[place(at)]).collect()
    })
}

/// The first and the last of the characters of each kind.
fn ends(kinds: &[(char, char)]) -> Vec<char> {
    kinds.iter().flat_map(|(first, last)| [*first, *last]).collect()
}

/// The kinds of characters that a rule tells apart, each by its first and its last character.
fn kinds(held: &Held) -> Vec<(char, char)> {
    let terminals = terminals(held.grammar, &held.definition);
    let before = |c: char| ('\0'..c).next_back();
    let after = |c: char| (c..=char::MAX).nth(1);
    let edges = terminals.iter().flat_map(|&(first, last)| {
        [before(first), Some(first), Some(last), after(last)].into_iter().flatten()
    });
    let mut kinds: BTreeMap<Vec<bool>, (char, char)> = BTreeMap::new();
    for edge in edges.chain(['\0', char::MAX]).collect::<BTreeSet<_>>() {
        let of = terminals.iter().map(|(first, last)| (*first..=*last).contains(&edge)).collect();
        kinds.entry(of).or_insert((edge, edge)).1 = edge;
    }
    kinds.into_values().collect()
}

/// The ranges of characters that a text of an expression is made of.
fn terminals(grammar: &Grammar, expression: &Expression) -> BTreeSet<(char, char)> {
    match expression {
        Expression::Alternation(of) | Expression::Concatenation(of) => {
            of.iter().flat_map(|it| terminals(grammar, it)).collect()
        }
        Expression::Repetition { of, .. } => terminals(grammar, of),
        Expression::Rule(name) => {
            let rules = grammar.find(name).into_iter();
            rules.flat_map(|rule| terminals(grammar, &rule.definition)).collect()
        }
        Expression::Range(first, last) => BTreeSet::from([(*first, *last)]),
        Expression::Text { text, .. } => text.chars().map(|c| (c, c)).collect(),
    }
}
