//! A program in JavaScript, and a package whose file of that name says which it is.

use std::ffi::OsString;

use super::folder::Folder;
use super::{Kind, Launch, extension};

const PACKAGE: &str = "package.json";
/// What a package starts with that does not say it.
const USUAL: [&str; 4] = ["server.js", "server.mjs", "index.js", "index.mjs"];

pub(super) const KIND: Kind = Kind {
    leads: |folder| main(folder).ok().flatten().map(|_| PACKAGE.into()),
    is_one: |file| {
        ["js", "mjs", "cjs"].contains(&&*extension(file))
            || file.file_name().is_some_and(|name| name == PACKAGE)
    },
    is_program: |file| extension(file) != "json",
    is_made: |_| false,
    source: |folder, file| {
        if file != PACKAGE {
            return Ok(Launch::by(&["node"], file));
        }
        let main = main(folder)?.ok_or("its `main` is not there")?;
        Ok(Launch::by(&["node"], &main))
    },
};

/// The file that a package starts with: one of its own.
fn main(folder: &Folder) -> Result<Option<OsString>, String> {
    let text = std::fs::read(folder.path.join(PACKAGE)).map_err(|error| error.to_string())?;
    let package: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let named = package.get("main").and_then(serde_json::Value::as_str);
    let mut names = named.into_iter().chain(USUAL);
    let is_own = |name: &&str| folder.holds(name.as_ref());
    Ok(names.find(is_own).map(OsString::from))
}
