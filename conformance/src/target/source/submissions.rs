//! A folder of submissions: each program that lies in it, and each folder with one.

use std::path::Path;

use super::folder::Folder;
use super::{Source, SourceError, found, leader, pick};
use crate::spec::Party;

/// What tools leave in folders.
const LEFT_BY_TOOLS: [&str; 3] = ["__pycache__", "node_modules", "__MACOSX"];

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct Submissions {
    /// The submissions by their names, in this order, and how each is launched.
    pub found: Vec<(String, Result<Source, SourceError>)>,
    /// Those whose programs say by their names that they are of the other party.
    pub left_out: Vec<String>,
}

/// Finds the servers, or the clients, of a folder. A program that lies in it is a file alone: what several submissions share
/// would be everybody's.
///
/// # Errors
///
/// The folder cannot be read.
pub fn submissions(folder: &Path, party: Party) -> Result<Submissions, SourceError> {
    let unreadable = |why| SourceError::Unreadable { path: folder.to_owned(), why };
    let mut names = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort();
    let mut submissions = Submissions::default();
    for name in names {
        let (path, shown) = (folder.join(&name), name.to_string_lossy().into_owned());
        let is_folder = path.is_dir();
        let is_skipped = shown.starts_with('.') || LEFT_BY_TOOLS.contains(&shown.as_str());
        if is_skipped || !is_folder && !pick::is_program(&path) {
            continue;
        }
        let is_of_others = if is_folder {
            Folder::read(&path).is_ok_and(|folder| holds_others(&folder, party))
        } else {
            pick::is_unwanted(&name, party)
        };
        if is_of_others {
            submissions.left_out.push(shown);
        } else {
            submissions.found.push((shown, found(&path, party, true)));
        }
    }
    Ok(submissions)
}

/// Whether all programs of a folder say that they are of the other party.
fn holds_others(folder: &Folder, party: Party) -> bool {
    let programs = folder.those(pick::is_program);
    let all = programs.iter().all(|name| pick::is_unwanted(name, party));
    leader(folder).is_none() && !programs.is_empty() && all
}
