//! Files that a user writes in TOML: read as UTF-8, and what is wrong with one told with its place and a mend.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource};
use serde::de::DeserializeOwned;

/// What is wrong with a file, where, and how to mend it.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct SettingsError {
    message: Box<str>,
    #[help]
    mend: Box<str>,
    #[source_code]
    file: NamedSource<Arc<str>>,
    #[label(collection)]
    places: Vec<LabeledSpan>,
}

/// What is wrong, before it is known in which file.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// What.
    pub what: String,
    /// How to mend it.
    pub mend: String,
    /// Where, in octets from the beginning; nowhere, when it is the whole.
    pub place: Option<Range<usize>>,
    /// Where else.
    pub again: Option<Range<usize>>,
}

impl Wrong {
    /// Something wrong at one place, or with the whole.
    pub fn new(
        what: impl Into<String>,
        mend: impl Into<String>,
        place: Option<Range<usize>>,
    ) -> Self {
        Self { what: what.into(), mend: mend.into(), place, again: None }
    }

    /// The error that is shown, once it is known what the file is called and what is in it.
    pub fn found_in(self, name: &str, text: &str) -> SettingsError {
        let message = match &self.place {
            Some(_) => self.what,
            None => format!("{name}: {}", self.what),
        };
        let label = |place: Option<Range<usize>>, label: &str| {
            place.map(|place| LabeledSpan::at(place, label))
        };
        let places = [label(self.place, "here"), label(self.again, "and here")];
        SettingsError {
            message: message.into(),
            mend: self.mend.into(),
            file: NamedSource::new(name, text.into()),
            places: places.into_iter().flatten().collect(),
        }
    }
}

/// Reads a file and makes something of its text; `mend` says what kind of file is meant.
///
/// # Errors
///
/// It cannot be read, is not UTF-8, or is not what `made` takes.
pub fn read<T>(
    path: &Path,
    mend: &str,
    made: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Result<T, SettingsError> {
    let name = path.display().to_string();
    let octets = std::fs::read(path).map_err(|error| {
        Wrong::new(format!("it cannot be read: {error}"), mend, None).found_in(&name, "")
    })?;
    let text = std::str::from_utf8(&octets).map_err(|error| {
        let at = error.valid_up_to();
        Wrong::new("this is not UTF-8", "save the file as UTF-8", Some(at..at))
            .found_in(&name, &String::from_utf8_lossy(&octets))
    })?;
    made(text).map_err(|wrong| wrong.found_in(&name, text))
}

/// What a text in TOML stands for; `mend` shows what could stand there.
///
/// # Errors
///
/// It is no TOML, or says something that nobody asked for.
pub fn from_toml<T: DeserializeOwned>(text: &str, mend: &str) -> Result<T, Wrong> {
    toml::from_str(text).map_err(|error| {
        let what = error.message();
        let mend = meant(what).map_or_else(|| mend.to_owned(), |it| format!("`{it}` may be meant"));
        Wrong::new(in_words(what), mend, error.span())
    })
}

/// A message without Rust's names of numbers.
fn in_words(message: &str) -> String {
    let (before, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let words = match expected {
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "i64" => "an integer",
        "f64" => "a number",
        "a boolean" => "true or false",
        _ => return message.to_owned(),
    };
    format!("{before}, expected {words}")
}

/// What may be meant by an unknown word, when a message lists one that is known and looks like it.
fn meant(message: &str) -> Option<&str> {
    let listed = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let mut listed = listed.map(|word| word.trim_matches('"'));
    let unknown = listed.next()?;
    nearest(unknown, listed)
}

/// The one among known words that looks like an unknown one.
pub fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|known| (strsim::normalized_damerau_levenshtein(unknown, known), known));
    let (likeness, nearest) = near.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (likeness >= 0.5).then_some(nearest)
}
