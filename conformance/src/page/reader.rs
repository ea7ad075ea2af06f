//! Reads what is written about an area.

use std::iter::Peekable;

use thiserror::Error;

use super::{Area, Page, Usual};
use crate::mutant::{self, Mutant};
use crate::spec::Id;

/// What is wrong with what is written about an area, and where.
#[derive(Debug, Error)]
#[error("{area}.md, line {line}: {what}")]
pub struct PageError {
    /// The area.
    pub area: &'static str,
    /// Counted from one.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub what: String,
}

/// Reads what is written about an area.
///
/// # Errors
///
/// An id that is of no requirement of the area, or out of order; a page that does not say why, or has a mistake and no
/// mend; a block that is called otherwise; a wrong server that nobody knows.
pub fn read(name: &'static str, text: &str) -> Result<Area, PageError> {
    let mut lines = text.lines().zip(1..).peekable();
    let at = |(line, what): (usize, String)| PageError { area: name, line, what };
    let (first, _) = lines.next().unwrap_or_default();
    let title = first.strip_prefix("# ").ok_or("the first line reads `# Title`");
    let title = title.map_err(|what| at((1, what.to_owned())))?.to_owned();
    let about = prose(&mut lines);
    let mut pages: Vec<Page> = Vec::new();
    while let Some((heading, line)) = lines.next() {
        let page = page(name, heading, &mut lines).map_err(|what| at((line, what)))?;
        if pages.last().is_some_and(|last| last.id >= page.id) {
            return Err(at((line, format!("{} belongs further up, and only once", page.id))));
        }
        pages.push(page);
    }
    Ok(Area { name, title, about, pages })
}

fn page<'a>(
    area: &str,
    heading: &str,
    lines: &mut Peekable<impl Iterator<Item = (&'a str, usize)>>,
) -> Result<Page, String> {
    let id = heading.strip_prefix("## ").and_then(Id::parse).filter(|id| id.area() == area);
    let id = id.ok_or_else(|| format!("a page begins with `## {area}-1`, or another number"))?;
    let why = prose(lines);
    if why.is_empty() {
        return Err(format!("say why {id} matters"));
    }
    let Some((fence, _)) = lines.next_if(|(line, _)| line.starts_with("```")) else {
        return Ok(Page { id, why, usual: None });
    };
    let like = like(fence)?;
    let mistake = block(lines);
    let because = prose(lines);
    let mend = lines.next_if(|(line, _)| *line == "```python mend");
    mend.ok_or_else(|| format!("the mistake of {id} wants a block of `python mend`"))?;
    let mend = block(lines);
    if !prose(lines).is_empty() {
        return Err(format!("{id} ends with its mend"));
    }
    Ok(Page { id, why, usual: Some(Usual { mistake, like, because, mend }) })
}

/// The wrong server that a mistake is like, if it names one.
fn like(fence: &str) -> Result<Option<&'static Mutant>, String> {
    let form = "the first block of a page is of `python mistake`";
    match fence.strip_prefix("```python mistake").ok_or(form)?.trim_start() {
        "" => Ok(None),
        name => mutant::find(name)
            .map(Some)
            .ok_or_else(|| format!("no wrong server is called `{name}`")),
    }
}

/// Paragraphs, up to a heading or a block.
fn prose<'a>(lines: &mut Peekable<impl Iterator<Item = (&'a str, usize)>>) -> String {
    let mut found = Vec::new();
    while let Some((line, _)) =
        lines.next_if(|(line, _)| !line.starts_with('#') && !line.starts_with("```"))
    {
        found.push(line);
    }
    found.join("\n").trim().to_owned()
}

fn block<'a>(lines: &mut impl Iterator<Item = (&'a str, usize)>) -> String {
    lines
        .map(|(line, _)| line)
        .take_while(|line| *line != "```")
        .map(|it| format!("{it}\n"))
        .collect()
}
