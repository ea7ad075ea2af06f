//! Where reports go: each `--format` to its `--output`, or to standard output.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tempfile::NamedTempFile;
use trueline_conformance::report::{Colours, Report, human, json};

use super::exit::{Exit, Failure};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// For programs; `conformance/schema/report-1.json` describes it
    Json,
}

/// One report that was asked for.
#[derive(Debug)]
pub(super) struct Output {
    format: Format,
    /// Standard output when `None`.
    file: Option<Reserved>,
}

/// A file that is written whole or not at all: nothing is there, or what was there, until the report is.
#[derive(Debug)]
struct Reserved {
    path: PathBuf,
    beside: NamedTempFile,
}

fn reserved(path: &Path) -> Result<Reserved, Failure> {
    let folder =
        path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::misused(
            format!("{} cannot be written: {error}", path.display()),
            "name a file in a folder that exists and is yours to write",
        )
    };
    if path.is_dir() {
        return Err(cannot(&"it is a folder"));
    }
    std::fs::metadata(folder).map_err(|error| cannot(&error))?;
    let beside = tempfile::Builder::new().prefix(".trueline-").tempfile_in(folder);
    Ok(Reserved { path: path.to_owned(), beside: beside.map_err(|error| cannot(&error.kind()))? })
}

/// The `--format` and `--output` options in the order in which they were given.
pub(super) fn in_order(matches: &clap::ArgMatches) -> Vec<Result<Format, PathBuf>> {
    let formats = matches.get_many::<Format>("format").into_iter().flatten();
    let formats = matches.indices_of("format").into_iter().flatten().zip(formats.map(|it| Ok(*it)));
    let outputs = matches.get_many::<PathBuf>("output").into_iter().flatten();
    let outputs = outputs.map(|it| Err(it.clone()));
    let outputs = matches.indices_of("output").into_iter().flatten().zip(outputs);
    let mut all: Vec<_> = formats.chain(outputs).collect();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, option)| option).collect()
}

/// Opens what was asked for, before anything is checked.
///
/// An `--output` belongs to the `--format` before it, or to the human report when there is none.
pub(super) fn opened(order: Vec<Result<Format, PathBuf>>) -> Result<Vec<Output>, Failure> {
    let mut outputs: Vec<Output> = Vec::new();
    for option in order {
        match option {
            Ok(format) => outputs.push(Output { format, file: None }),
            Err(path) => {
                if outputs.last().is_none_or(|last| last.file.is_some()) {
                    outputs.push(Output { format: Format::Human, file: None });
                }
                if let Some(last) = outputs.last_mut() {
                    last.file = Some(reserved(&path)?);
                }
            }
        }
    }
    if outputs.is_empty() {
        outputs.push(Output { format: Format::Human, file: None });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Failure::misused(
            "two reports would go to standard output",
            "give all but one of them a file: `--format json --output report.json`",
        ));
    }
    Ok(outputs)
}

/// Writes a report to where it was asked for.
pub(super) fn write(report: &Report, outputs: Vec<Output>) -> Result<(), Failure> {
    for Output { format, file } in outputs {
        let terminal = file.is_none() && io::stdout().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
            || std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        let colours = if terminal && !plain { Colours::Ansi } else { Colours::None };
        let text = match format {
            Format::Human => human(report, colours),
            Format::Json => format!("{:#}\n", json(report)),
        };
        match file {
            Some(Reserved { path, mut beside }) => {
                let written = beside.write_all(text.as_bytes()).and_then(|()| {
                    published(&beside)?;
                    beside.persist(&path).map_err(|error| error.error)
                });
                written.map_err(|error| lost(&path, &error))?;
            }
            // Whoever stops reading has read enough.
            None => match io::stdout().write_all(text.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    return Err(lost(Path::new("standard output"), &error));
                }
                _ => {}
            },
        }
    }
    Ok(())
}

/// A temporary file is its owner's alone; a report is read by others, too.
#[cfg(unix)]
fn published(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn published(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

fn lost(name: &Path, error: &io::Error) -> Failure {
    let report = miette::miette!("the report could not be written to {}: {error}", name.display());
    Failure { report, exit: Exit::Inconclusive }
}
