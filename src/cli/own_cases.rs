//! Cases of a user's own.

use std::path::{Path, PathBuf};

use trueline_conformance::case::{self, Case};
use trueline_conformance::dialect::{Dialect, LINE, name_of, spec_of};
use trueline_conformance::transcript;
use trueline_protocol::service::Service;

use super::exit::Failure;

/// The cases of `--cases-from`, file by file in the order of their names.
pub(super) fn own_cases(
    folder: &Path,
    service: Service,
    dialect: Option<&'static Dialect>,
) -> Result<Vec<Case>, Failure> {
    let cannot = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::misused(
            format!("{} cannot be read: {error}", path.display()),
            "`--cases-from` takes a folder of *.transcript files",
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|error| cannot(folder, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "transcript"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(cannot(folder, &"it holds no *.transcript file"));
    }
    let mut cases: Vec<Case> = Vec::new();
    for file in files {
        let octets = std::fs::read(&file).map_err(|error| cannot(&file, &error))?;
        let name = file.display().to_string();
        for written in transcript::parse_octets(&name, &octets).map_err(Failure::usage)? {
            let wrong = |what: String| {
                Failure::misused(format!("{name}: case {}: {what}", written.name), "mend the case")
            };
            let mut case = Case::written(&written, spec_of(dialect), service).map_err(wrong)?;
            let name = name_of(dialect);
            match &written.dialect {
                Some(written_in) if *written_in == name => case.in_words_of(dialect),
                Some(written_in) if written_in != LINE => {
                    return Err(wrong(format!("it is written in another dialect than {name}")));
                }
                _ => {}
            }
            if case.covers.is_empty() {
                return Err(wrong(
                    "it does not say what it `covers`, so a failure would mean nothing".to_owned(),
                ));
            }
            let named = |other: &Case| other.name == case.name;
            if case::all().any(named) || cases.iter().any(named) {
                return Err(wrong("another case has this name".to_owned()));
            }
            cases.push(case);
        }
    }
    Ok(cases)
}
