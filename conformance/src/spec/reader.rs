//! Reads SPEC.md: headings, requirement paragraphs (SPEC.md 1.2), fenced `abnf` rules and fenced `transcript` examples.

use std::collections::BTreeMap;

use thiserror::Error;
use trueline_protocol::service::Manner;

use super::Spec;
use super::requirement::{Id, Level, Party, Requirement};
use crate::abnf::{AbnfError, Block, Grammar};
use crate::transcript::{self, Transcript, TranscriptError};

/// What is wrong with a specification, and where.
#[derive(Debug, Error)]
pub enum SpecError {
    /// A requirement that cannot be read.
    #[error("line {line}: {what}")]
    Requirement {
        /// Counted from one.
        line: usize,
        /// What is wrong and how to mend it.
        what: String,
    },
    /// A rule that cannot be read, or is not whole.
    #[error(transparent)]
    Rule(#[from] AbnfError),
    /// An example that cannot be read.
    #[error("the example that begins on line {line}: {error}")]
    Example {
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        error: Box<TranscriptError>,
    },
}

/// Reads a specification.
///
/// # Errors
///
/// A paragraph that begins like a requirement and is not one, an id used twice or needed and not there, a sentence with
/// no keyword, rules that are no grammar, an example that does not parse.
pub fn read(text: &str) -> Result<Spec, SpecError> {
    let mut requirements = BTreeMap::new();
    let mut examples: Vec<Transcript> = Vec::new();
    let mut rules: Vec<(String, String, usize)> = Vec::new();
    let mut section = String::new();
    let mut lines = text.lines().zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        if let Some(heading) = line.strip_prefix('#') {
            heading.trim_start_matches('#').trim().clone_into(&mut section);
        } else if line == "```transcript" {
            let block = until(&mut lines, |line| line == "```");
            let read = transcript::parse("SPEC.md", &block.join("\n"))
                .map_err(|error| SpecError::Example { line: number, error: Box::new(error) })?;
            examples.extend(read);
        } else if line == "```abnf" {
            let block = until(&mut lines, |line| line == "```");
            rules.push((block.join("\n"), section.clone(), number + 1));
        } else if line.starts_with("```") {
            until(&mut lines, |line| line == "```");
        } else if line.starts_with("**") {
            let rest = until(&mut lines, str::is_empty);
            let paragraph = std::iter::once(line).chain(rest).collect::<Vec<_>>().join(" ");
            let at = |what: String| SpecError::Requirement { line: number, what };
            let requirement = requirement(&paragraph, &section).map_err(at)?;
            let id = requirement.id;
            if requirements.insert(id, requirement).is_some() {
                return Err(at(format!("{id} is used twice")));
            }
        }
    }
    let unknown = requirements.values().flat_map(|requirement| &requirement.needs);
    if let Some(id) = unknown.into_iter().find(|id| !requirements.contains_key(id)) {
        return Err(SpecError::Requirement {
            line: 0,
            what: format!("{id} is needed and not there"),
        });
    }
    let blocks: Vec<Block<'_>> =
        rules.iter().map(|(text, section, line)| Block { text, section, line: *line }).collect();
    Ok(Spec { requirements, examples, grammar: Grammar::read(&blocks)? })
}

fn until<'a>(
    lines: &mut impl Iterator<Item = (&'a str, usize)>,
    last: impl Fn(&str) -> bool,
) -> Vec<&'a str> {
    lines.map(|(line, _)| line).take_while(|line| !last(line)).collect()
}

/// The attributes that say how services are spoken.
const MANNERS: [(&str, Manner); 4] = [
    ("conversation", Manner::Conversation),
    ("announcement", Manner::Announcement),
    ("talk", Manner::Talk),
    ("visit", Manner::Visit),
];

/// `**ID** [attributes] The sentence. *Untested: reason.*`
fn requirement(paragraph: &str, section: &str) -> Result<Requirement, String> {
    let form = "a requirement reads `**ID** [attributes] Sentence.`";
    let (id, rest) = paragraph[2..].split_once("**").ok_or(form)?;
    let id = Id::parse(id).ok_or_else(|| format!("`{id}` is not an id of a known area"))?;
    let rest = rest.trim_start();
    let (attributes, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or(form)?,
        None => ("", rest),
    };
    let (sentence, untested) = match rest.split_once("*Untested:") {
        Some((sentence, reason)) => {
            (sentence, Some(reason.trim().trim_end_matches('*').to_owned()))
        }
        None => (rest, None),
    };
    let sentence = sentence.trim().to_owned();
    let level = level(&sentence).ok_or_else(|| format!("{id} has no keyword of BCP 14"))?;
    let section = section.to_owned();
    let mut requirement = Requirement {
        id,
        level,
        sentence,
        section,
        transport: None,
        manners: Vec::new(),
        party: Party::Server,
        needs: Vec::new(),
        untested,
    };
    for attribute in attributes.split(';').map(str::trim).filter(|attribute| !attribute.is_empty())
    {
        if let Ok(transport) = attribute.parse() {
            requirement.transport = Some(transport);
        } else if let Some((_, manner)) = MANNERS.iter().find(|(name, _)| *name == attribute) {
            requirement.manners.push(*manner);
        } else if attribute == "client" {
            requirement.party = Party::Client;
        } else if let Some(ids) = attribute.strip_prefix("needs ") {
            for id in ids.split(',').map(str::trim) {
                let id =
                    Id::parse(id).ok_or_else(|| format!("`{id}` is not an id of a known area"))?;
                requirement.needs.push(id);
            }
        } else {
            return Err(format!(
                "`{attribute}` is not an attribute: tcp, udp, conversation, announcement, talk, visit, client or needs"
            ));
        }
    }
    Ok(requirement)
}

/// The strictest keyword in a sentence.
fn level(sentence: &str) -> Option<Level> {
    let word = |keyword: &str| {
        sentence.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == keyword)
    };
    [
        (Level::Must, &["MUST", "REQUIRED", "SHALL"][..]),
        (Level::Should, &["SHOULD", "RECOMMENDED"]),
        (Level::May, &["MAY", "OPTIONAL"]),
    ]
    .into_iter()
    .find_map(|(level, keywords)| keywords.iter().any(|keyword| word(keyword)).then_some(level))
}
