//! Each requirement's page: what SPEC.md says, why it matters, a right and a wrong exchange, and the usual mistake in
//! Python with its mend.
//!
//! What a page teaches is written in a file for each area, `FRAME.md` and so on: below the area's title and a word on it,
//! `## FRAME-5`, why it matters, a block of `python mistake`, what comes of it, and a block of `python mend`. The name of a
//! wrong server behind `mistake` says whose exchange is shown; it is the first that is told by the requirement, otherwise.
//! All the rest of a page is read off SPEC.md and the zoo.

mod exchange;
mod markdown;
mod reader;
mod text;

use std::sync::LazyLock;

use crate::mutant::Mutant;
use crate::spec::Id;

pub use exchange::{Wrong, right, right_of_client, wrong};
pub use markdown::markdown;
pub use reader::{PageError, read};
pub use text::{area as area_in_text, page as page_in_text, wrapped};

/// What is written about each area, in the order of SPEC.md.
const TEXTS: [(&str, &str); 10] = [
    ("FRAME", include_str!("FRAME.md")),
    ("CLIENT", include_str!("CLIENT.md")),
    ("ERR", include_str!("ERR.md")),
    ("CALC", include_str!("CALC.md")),
    ("WORD", include_str!("WORD.md")),
    ("MSG", include_str!("MSG.md")),
    ("GREET", include_str!("GREET.md")),
    ("TIME", include_str!("TIME.md")),
    ("CHAT", include_str!("CHAT.md")),
    ("CONN", include_str!("CONN.md")),
];

/// The pages of an area.
#[derive(Clone, Debug)]
pub struct Area {
    /// The part of its ids before the number.
    pub name: &'static str,
    /// What it is about, in a word or two.
    pub title: String,
    /// The same, in a paragraph or two.
    pub about: String,
    /// A page for each requirement, in the order of their numbers.
    pub pages: Vec<Page>,
}

/// What is taught of a requirement.
#[derive(Clone, Debug)]
pub struct Page {
    /// The requirement.
    pub id: Id,
    /// Why it matters: paragraphs, with an empty line between them.
    pub why: String,
    /// The usual mistake; where no check can tell there need be none.
    pub usual: Option<Usual>,
}

/// The usual mistake in Python.
#[derive(Clone, Debug)]
pub struct Usual {
    /// A few lines of Python.
    pub mistake: String,
    /// The wrong server that makes the same mistake, where it is not the first that the requirement tells.
    pub like: Option<&'static Mutant>,
    /// What comes of it, and what to do.
    pub because: String,
    /// The same lines, right.
    pub mend: String,
}

/// Every area.
pub fn areas() -> &'static [Area] {
    static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
        let read = |(name, text)| read(name, text).unwrap_or_else(|error| panic!("{error}"));
        TEXTS.into_iter().map(read).collect()
    });
    &AREAS
}

/// The area of this name.
pub fn area(name: &str) -> Option<&'static Area> {
    areas().iter().find(|area| area.name == name)
}

/// The page of this requirement.
pub fn of(id: Id) -> Option<&'static Page> {
    area(id.area())?.pages.iter().find(|page| page.id == id)
}
