//! A package that cargo builds, from what is in it: nothing is fetched.

use std::path::{Path, PathBuf};

use super::build::{Made, Tool};
use super::{Build, Kind, Launch};

const PACKAGE: &str = "Cargo.toml";
const CARGO: Tool = Tool { names: &["cargo"], package: "cargo" };
/// Where it puts programs.
const RELEASE: &str = "target/release";

pub(super) const KIND: Kind = Kind {
    leads: |folder| folder.has(PACKAGE).then(|| PACKAGE.into()),
    is_one: |file| file.file_name().is_some_and(|name| name == PACKAGE),
    is_program: |_| false,
    is_made: |_| false,
    source: |folder, _| {
        let words = ["build", "--release", "--offline"].map(Into::into);
        let mut build = Build::new(folder, &CARGO, words, Vec::new())
            .making(Made::In(RELEASE))
            .with_scratch(["CARGO_HOME"])
            // Wherever else the user has cargo put what it makes.
            .with_environment([("CARGO_TARGET_DIR", "target")])
            .leaving(|path| path.starts_with("target"), is_intermediate);
        if let Some(rustup) = rustup() {
            // The toolchains and which one is used; there are no credentials in it.
            build = build.with_environment([("RUSTUP_HOME", rustup.clone())]).showing(
                ["toolchains", "settings.toml", "update-hashes"].map(|name| rustup.join(name)),
            );
        }
        Ok(Launch { build: Some(build), ..Launch::default() })
    },
};

/// What is in the folder of products and is none.
fn is_intermediate(path: &Path) -> bool {
    path.starts_with("target") && path.components().count() > 2 && {
        let is_folder = path.parent() == Some(Path::new(RELEASE))
            && ["deps", "build", "incremental", ".fingerprint", "examples"]
                .iter()
                .any(|name| path.file_name().is_some_and(|it| it == *name));
        is_folder || !path.starts_with(RELEASE)
    }
}

/// Where rustup keeps toolchains, if it does.
fn rustup() -> Option<PathBuf> {
    let named = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".rustup"));
    named.or_else(usual).filter(|folder| folder.join("toolchains").is_dir())
}
