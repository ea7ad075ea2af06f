//! A program in C or C++: one file with `main`, and all the others of its folder that have none.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::build::Tool;
use super::folder::{Folder, here, word};
use super::{Build, Kind, Launch, code, extension, no_leader};

const C: [&str; 1] = ["c"];
const CPP: [&str; 4] = ["cc", "cpp", "cxx", "c++"];

/// What compiles C: the first one that is there.
const C_COMPILERS: Tool = Tool { names: &["gcc", "cc", "clang"], package: "gcc" };
/// What compiles C++, and C beside it.
const CPP_COMPILERS: Tool = Tool { names: &["g++", "c++", "clang++"], package: "g++" };

pub(super) const KIND: Kind = Kind {
    leads: no_leader,
    is_one,
    is_program: |file| {
        code::has_main(&code::words(&code::read(file)), 0, &["int", "void", "auto", ";", "}", ">"])
    },
    is_made: |_| false,
    source: |folder, file| {
        let product = product(file);
        let files = with_parts(folder, file, &KIND);
        let is_cpp = files.iter().any(|file| CPP.contains(&&*extension(Path::new(file))));
        let tool = if is_cpp { &CPP_COMPILERS } else { &C_COMPILERS };
        let words = ["-O1", "-pthread", "-o"].map(OsString::from);
        let words = words.into_iter().chain([word(&product)]).chain(files.iter().map(word));
        let command = vec![here(&product)];
        let build = Build::new(folder, tool, words.chain(["-lm".into()]), command.clone());
        Ok(Launch { command, build: Some(build), ..Launch::default() })
    },
};

fn is_one(file: &Path) -> bool {
    let extension = extension(file);
    C.iter().chain(&CPP).any(|known| *known == extension)
}

/// What a program is called that is made of this file.
pub(super) fn product(file: &OsStr) -> OsString {
    let mut product = Path::new(file).file_stem().unwrap_or(file).to_owned();
    product.push(".out");
    product
}

/// A program's file, and those of its folder that are programs of their own no more than headers are.
pub(super) fn with_parts(folder: &Folder, file: &OsStr, kind: &Kind) -> Vec<OsString> {
    folder.those(|path| {
        path.file_name() == Some(file) || (kind.is_one)(path) && !(kind.is_program)(path)
    })
}
