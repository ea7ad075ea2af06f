//! A program in Go: a module, or the files of a folder. Nothing is fetched.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::build::Tool;
use super::folder::{here, word};
use super::native::{product, with_parts};
use super::{Build, Kind, Launch, code, extension};

const MODULE: &str = "go.mod";
const GO: Tool = Tool { names: &["go"], package: "golang-go" };
const ENVIRONMENT: [(&str, &str); 3] =
    [("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")];

pub(super) const KIND: Kind = Kind {
    leads: |folder| folder.has(MODULE).then(|| MODULE.into()),
    is_one: |file| is_source(file) || file.file_name().is_some_and(|name| name == MODULE),
    is_program: |file| code::has_main(&code::words(&code::read(file)), 0, &["func"]),
    is_made: |_| false,
    source: |folder, file| {
        let is_module = file == MODULE || folder.has(MODULE);
        let product = if is_module { OsString::from("server.out") } else { product(file) };
        let what = if is_module { vec![".".into()] } else { with_parts(folder, file, &PARTS) };
        let words = ["build".into(), "-o".into(), word(&product)].into_iter();
        let words = words.chain(what.iter().map(word));
        let command = vec![here(&product)];
        let build = Build::new(folder, &GO, words, command.clone())
            .with_environment(ENVIRONMENT)
            .with_scratch(["GOCACHE", "GOPATH"]);
        Ok(Launch { command, build: Some(build), ..Launch::default() })
    },
};

/// The same without what is no part of a program.
const PARTS: Kind = Kind { is_one: is_source, ..KIND };

fn is_source(file: &Path) -> bool {
    let is_test = file.file_stem().is_some_and(|stem| ends_with(stem, "_test"));
    extension(file) == "go" && !is_test
}

fn ends_with(name: &OsStr, end: &str) -> bool {
    name.as_encoded_bytes().ends_with(end.as_bytes())
}
