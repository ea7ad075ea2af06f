//! Where reports go: each `--format` to its `--output`, or to standard output.
//!
//! Everything is opened before anything is checked, so that a check is not performed in vain. What is there under the
//! name of a file is replaced when its report is whole. All reports are tried; if one of them cannot be written, the
//! check ends as inconclusive, whatever it found: whoever reads it would find none, or an old one.

mod failures;
mod sink;

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tokio::sync::oneshot;
use trueline_conformance::report::{Colours, Told, human, json};

use super::exit::{Exit, Failure};
pub(super) use failures::Folder;
use sink::Sink;

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
    sink: Sink,
}

impl Output {
    /// The file that it is written to, if it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.sink.file_name()
    }
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

/// Which format goes where; to standard output when `None`.
///
/// An `--output` belongs to the `--format` before it. Where there is but one of each, nobody can mean anything else than
/// both together; where there is no `--format`, the report is the one for people.
fn paired(order: Vec<Result<Format, PathBuf>>) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let order = match <[_; 2]>::try_from(order) {
        Ok([Err(path), Ok(format)]) => return Ok(vec![(format, Some(path))]),
        Ok(order) => order.into(),
        Err(order) => order,
    };
    if !order.iter().any(Result::is_ok) && order.len() < 2 {
        return Ok(vec![(Format::Human, order.into_iter().find_map(Result::err))]);
    }
    let mut pairs: Vec<(Format, Option<PathBuf>)> = Vec::new();
    for option in order {
        match (option, pairs.last_mut()) {
            (Ok(format), _) => pairs.push((format, None)),
            (Err(path), Some((_, output @ None))) => *output = Some(path),
            (Err(path), _) => {
                return Err(Failure::misused(
                    format!("it is not said which report goes to {}", path.display()),
                    format!(
                        "put its format before it: `--format json --output {}`",
                        path.display()
                    ),
                ));
            }
        }
    }
    Ok(pairs)
}

/// Opens what was asked for, before anything is checked.
pub(super) fn opened(order: Vec<Result<Format, PathBuf>>) -> Result<Vec<Output>, Failure> {
    let mut outputs: Vec<Output> = Vec::new();
    for (format, path) in paired(order)? {
        let sink = match path {
            None => Sink::Standard,
            Some(path) => Sink::open(&path).map_err(|error| {
                Failure::misused(
                    format!("{} cannot be written: {error}", path.display()),
                    "name a file in a folder that exists and is yours to write",
                )
            })?,
        };
        if outputs.iter().any(|other| other.sink.is_same(&sink)) {
            return Err(Failure::misused(
                format!("two reports would go to {sink}"),
                "give each a file of its own: `--format json --output report.json`",
            ));
        }
        outputs.push(Output { format, sink });
    }
    Ok(outputs)
}

/// Writes what there is to tell to where it was asked for; `exit` is what it ends with.
pub(super) async fn write(told: Told<'_>, exit: Exit, outputs: Vec<Output>) -> Result<(), Failure> {
    let mut texts: Vec<(Sink, String)> = Vec::new();
    for Output { format, sink } in outputs {
        let terminal = sink.is_standard() && io::stdout().is_terminal();
        let text = match (format, told) {
            // Standard error tells all there is.
            (Format::Human, Told::Unlaunched(_)) if sink.is_standard() => continue,
            (Format::Human, _) => human(told, colours(terminal)),
            (Format::Json, _) => format!("{:#}\n", json(told, exit.code())),
        };
        texts.push((sink, text));
    }
    // Files come first: nobody can keep them waiting.
    texts.sort_by_key(|(sink, _)| !sink.is_file());
    // Whoever reads a pipe slowly keeps a thread of its own waiting, and not the signals that end the check.
    let (done, written) = oneshot::channel();
    let writing = move || {
        let each = texts.into_iter().filter_map(|(sink, text)| {
            let name = sink.to_string();
            let error = sink.write(&text).err()?;
            Some(format!("the report could not be written to {name}: {error}"))
        });
        // Nobody listens any more when the check was interrupted.
        let _ = done.send(each.collect::<Vec<_>>());
    };
    let lost = match std::thread::Builder::new().spawn(writing) {
        Ok(_) => written.await.unwrap_or_else(|_| vec!["no report could be written".to_owned()]),
        Err(error) => vec![format!("no report could be written: {error}")],
    };
    if lost.is_empty() {
        return Ok(());
    }
    let help = format!("the conclusion was `{}`; see to it, and check again", told.conclusion());
    let report = miette::miette!(help = help, "{}", lost.join("\n"));
    Err(Failure { report, exit: Exit::Inconclusive })
}

/// Writes a file that is no report, whole or not at all.
pub(super) fn replaced(path: &Path, text: &str) -> Result<(), Failure> {
    Sink::open(path)
        .and_then(|sink| sink.write(text))
        .map_err(|error| Failure::machine(format!("{} cannot be written: {error}", path.display())))
}

/// How something is drawn that people read.
pub(super) fn colours(terminal: bool) -> Colours {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
        || std::env::var_os("TERM").as_deref() == Some(OsStr::new("dumb"));
    if terminal && !plain { Colours::Ansi } else { Colours::None }
}
