//! A page for terminals.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, fill};

use super::{Area, Page, Usual, right, right_of_client, wrong};
use crate::report::Colours;
use crate::spec::{Requirement, Spec};

/// An area: what it is about, and its requirements.
pub fn area(area: &Area, columns: usize, colours: Colours) -> String {
    let mut text = format!("{}\n\n", colours.bold(&format!("{}: {}", area.name, area.title)));
    text += &paragraphs(&area.about, "  ", columns);
    for requirement in area.pages.iter().filter_map(|page| Spec::current().get(page.id)) {
        text += &format!("\n{}\n", colours.bold(&head(requirement)));
        text += &paragraphs(&requirement.sentence, "  ", columns);
    }
    text + &format!("\nMore of each: trueline explain {}-1\n", area.name)
}

/// A requirement's page, without its cases and wrong servers.
pub fn page(page: &Page, columns: usize, colours: Colours) -> String {
    let Some(requirement) = Spec::current().get(page.id) else { return String::new() };
    let head = format!("{}, SPEC.md {}", head(requirement), requirement.section);
    let mut text = format!("{}\n\n", colours.bold(&wrapped(&head, "", columns)));
    text += &paragraphs(&requirement.sentence, "  ", columns);
    if let Some(reason) = &requirement.untested {
        text += &format!("\n{}", paragraphs(&format!("No case: {reason}"), "", columns));
    }
    text += &format!("\n{}\n\n", colours.bold("Why it matters"));
    text += &paragraphs(&page.why, "  ", columns);
    if requirement.untested.is_none() {
        text += &exchanges(page, columns, colours);
    }
    if let Some(Usual { mistake, because, mend, .. }) = &page.usual {
        text += &format!("\n{}\n\n", colours.bold("The usual mistake in Python"));
        text += &format!("{}\n", indented(mistake));
        text += &paragraphs(because, "  ", columns);
        text += &format!("\n{}\n\n{}", colours.bold("Its mend"), indented(mend));
    }
    text
}

fn exchanges(page: &Page, columns: usize, colours: Colours) -> String {
    let mut text = String::new();
    if let Some(case) = right_of_client(page.id) {
        text += &format!("\n{}, {}\n\n", colours.bold("A right exchange"), case.name);
        return text + &indented(&case.dialogue.to_string());
    }
    if let Some(example) = right(page.id) {
        text += &format!("\n{}, {}\n\n", colours.bold("A right exchange"), example.name);
        text += &indented(&example.dialogue.to_string());
    }
    text += &format!("\n{}", colours.bold("A wrong one"));
    match wrong(page.id, page.usual.as_ref()) {
        Ok(wrong) => {
            let mutant = wrong.mutant;
            text += &format!(", {}\n\n", mutant.name);
            let said = format!("A server that {}. {}", mutant.wrong, wrong.said());
            text += &paragraphs(&said, "  ", columns);
            text += &format!("\n{}", indented(&wrong.shown(colours)));
        }
        Err(why) => {
            text += "\n\n";
            text += &paragraphs(&format!("None is shown: {why}."), "  ", columns);
        }
    }
    text
}

/// The id of a requirement, its level, and where it holds.
fn head(Requirement { id, level, transport, .. }: &Requirement) -> String {
    let transport = transport.map_or("TCP and UDP", |it| it.acronym());
    format!("{id} ({level}, {transport})")
}

/// Paragraphs, wrapped and indented.
fn paragraphs(text: &str, indent: &str, columns: usize) -> String {
    let each = text.split("\n\n").map(|it| format!("{}\n", wrapped(it, indent, columns)));
    each.collect::<Vec<_>>().join("\n")
}

/// A paragraph, wrapped at its blanks only: ids and commands stay whole.
pub fn wrapped(text: &str, indent: &str, columns: usize) -> String {
    let options = Options::new(columns)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    fill(&text.replace('\n', " "), options)
}

fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    text.lines().map(line).collect()
}
