//! Each nom parser of `protocol` stands in the table and quotes its rule as SPEC.md has it.

use std::collections::BTreeSet;

use super::parsers::PARSERS;
use super::spec;

/// Where the nom parsers stand.
const SOURCES: [&str; 7] = [
    include_str!("../../../protocol/src/grammar.rs"),
    include_str!("../../../protocol/src/calculator/grammar.rs"),
    include_str!("../../../protocol/src/word_length/grammar.rs"),
    include_str!("../../../protocol/src/message.rs"),
    include_str!("../../../protocol/src/greeting.rs"),
    include_str!("../../../protocol/src/time.rs"),
    include_str!("../../../protocol/src/chat.rs"),
];

/// The rules that framing reads, without nom.
const FRAMED: [&str; 5] = ["text", "char", "line", "sent", "datagram"];

/// The public nom parsers, each by the name of its rule and with its comment.
fn parsers() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in SOURCES {
        let mut comment = String::new();
        for line in source.lines() {
            if let Some(words) = line.strip_prefix("///") {
                comment += words;
                continue;
            }
            let comment = std::mem::take(&mut comment);
            if let Some((name, types)) =
                line.strip_prefix("pub fn ").and_then(|it| it.split_once('('))
                && types.contains("-> IResult<")
            {
                found.push((name.replace('_', "-"), comment));
            }
        }
    }
    found
}

#[test]
fn every_nom_parser_is_in_the_table() {
    let found: BTreeSet<String> = parsers().into_iter().map(|(name, _)| name).collect();
    let framed = FRAMED.into_iter().map(str::to_owned);
    let held: BTreeSet<String> = PARSERS.iter().map(|(name, _)| name.replace('_', "-")).collect();
    assert_eq!(found.into_iter().chain(framed).collect::<BTreeSet<_>>(), held);
}

#[test]
fn every_nom_parser_quotes_its_rule() {
    for (name, comment) in parsers() {
        let rule = spec().find(&name);
        let rule = rule.unwrap_or_else(|| panic!("`{name}` is a parser and no rule of SPEC.md"));
        let quoted = comment.split('`').nth(1).and_then(|rule| rule.split_once(" = "));
        let (quoted_name, quoted) =
            quoted.unwrap_or_else(|| panic!("the comment of parser `{name}` quotes no rule"));
        assert_eq!(quoted_name, name, "the comment of parser `{name}` quotes another rule");
        let quoted = spec().expression(quoted);
        assert_eq!(
            quoted.as_ref(),
            Ok(&rule.definition),
            "the comment of parser `{name}` quotes it otherwise than SPEC.md, which has\n{}",
            rule.source
        );
    }
}
