//! Why nothing to launch was found: always a matter of what was given.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::blame::Blame;

/// Why it was not found out how to launch what is at a path. `path` is what was given.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum SourceError {
    /// It cannot be looked at.
    #[error("{} cannot be read: {why}", path.display())]
    #[diagnostic(help("check how it is spelled, and whether you may read it"))]
    Unreadable { path: PathBuf, why: io::Error },
    /// A file of a kind that nobody knows how to run.
    #[error("how {} is run is not known", path.display())]
    #[diagnostic(help("give the command that runs it instead"))]
    Unknown { path: PathBuf },
    /// It is built by what needs a network.
    #[error("{} is built by {tool}, which is not called here: it wants a network", path.display())]
    #[diagnostic(help("build it, and give the jar, or the command that runs it"))]
    Unsupported { path: PathBuf, tool: &'static str },
    /// A folder without a program.
    #[error("there is no program in {}", path.display())]
    #[diagnostic(help("name the program, or give the command that runs it"))]
    Empty { path: PathBuf },
    /// A folder with several.
    #[error("{} holds several programs: {}", path.display(), programs.join(", "))]
    #[diagnostic(help("name one of them, such as {example}"))]
    Ambiguous { path: PathBuf, programs: Vec<String>, example: String },
    /// A notebook, or a package, that is not what its name says.
    #[error("{} is not what it should be: {what}", path.display())]
    #[diagnostic(help("save it again, and check it"))]
    Malformed { path: PathBuf, what: String },
}

impl SourceError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::User
    }
}
