//! All pages as one document.

use super::{Area, Page, Usual, areas, right, right_of_client, wrapped, wrong};
use crate::report::Colours;
use crate::spec::{Requirement, Spec};

/// Columns of a line of text.
const COLUMNS: usize = 125;

/// What stands at its beginning.
const HEAD: &str = "\
# The requirements, one by one

What each requirement of [SPEC.md](../SPEC.md) is there for: what it says, why it matters, a right and a wrong exchange, and
the usual mistake in Python with its mend. SPEC.md's [1.4](../SPEC.md#14-examples) says how exchanges are written; the wrong
ones are those of wrong servers that trueline knows, `trueline serve calculator --mutant NAME` runs one. `trueline explain ID`
shows a page in the terminal, and which cases ask about the requirement.

In Python, `reply(line)` stands for what makes the text of a reply of the octets of a request, and `send(connection, text)`
for what sends it; [server.py](../tests/classroom/page/server.py) is a right server of small functions which most of these
mistakes and mends fit into.

<!-- Written by `cargo run -- explain --all --markdown > conformance/REQUIREMENTS.md`: change conformance/src/page instead. -->
";

/// All pages as one document.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for Area { name, title, about, pages } in areas() {
        text += &format!("\n## {name}: {title}\n\n{about}\n");
        text.extend(pages.iter().map(page));
    }
    text
}

fn page(page: &Page) -> String {
    let Some(requirement) = Spec::current().get(page.id) else { return String::new() };
    let Requirement { id, level, transport, sentence, untested, .. } = requirement;
    let transport = transport.map_or("TCP and UDP", |it| it.acronym());
    let mut text = format!("\n### {id}\n\n");
    text += &wrapped(&format!("{sentence} ({level}, {transport})"), "> ", COLUMNS);
    text += &format!("\n\n{}\n", page.why);
    match untested {
        Some(reason) => text += &format!("\nNo case: {reason}\n"),
        None => text += &exchanges(page),
    }
    if let Some(Usual { mistake, because, mend, .. }) = &page.usual {
        text += &format!("\nThe usual mistake:\n\n{}\n{because}\n", fenced("python", mistake));
        text += &format!("\nIts mend:\n\n{}", fenced("python", mend));
    }
    text
}

fn exchanges(page: &Page) -> String {
    let mut text = String::new();
    if let Some(case) = right_of_client(page.id) {
        text += &format!("\nA right exchange, `{}`:\n\n", case.name);
        return text + &fenced("text", &case.dialogue.to_string());
    }
    if let Some(example) = right(page.id) {
        text += &format!("\nA right exchange, `{}`:\n\n", example.name);
        text += &fenced("text", &example.dialogue.to_string());
    }
    match wrong(page.id, page.usual.as_ref()) {
        Ok(wrong) => {
            let mutant = wrong.mutant;
            let said = format!("A wrong one, of a server that {}. {}", mutant.wrong, wrong.said());
            text += &format!("\n{}\n\n", wrapped(&said, "", COLUMNS));
            text += &fenced("text", &wrong.shown(Colours::None));
        }
        Err(why) => text += &format!("\nA wrong one is not shown here: {why}.\n"),
    }
    text
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}
