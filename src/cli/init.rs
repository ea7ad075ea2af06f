//! `trueline init`: files to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use clap::{Args, Subcommand};
use trueline_conformance::dialect::{SCHEMA, TEMPLATE};

use super::exit::{Exit, Failure};

/// Write a file to begin with
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Init {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A dialect file: how a homework is spoken, every key explained
    ///
    /// As it stands it is of a calculator that is asked `10 + 20`, a line each way, and answers `30`.
    Dialect {
        /// Where to write it; `-` is standard output. What is there already is left alone
        #[arg(default_value = "dialect.toml")]
        file: String,
    },
    /// The JSON schema of dialect files, for editors
    ///
    /// An editor that knows TOML completes keys with it, and marks what is wrong. The first line of a dialect file names it:
    /// `#:schema dialect.schema.json`.
    Schema {
        /// Where to write it; `-` is standard output. What is there already is left alone
        #[arg(default_value = "dialect.schema.json")]
        file: String,
    },
}

impl Init {
    pub(super) fn perform(self) -> Result<Exit, Failure> {
        let (file, text) = match &self.what {
            What::Dialect { file } => (file, TEMPLATE),
            What::Schema { file } => (file, SCHEMA),
        };
        let mut out = std::io::stdout();
        // Whoever stops reading has read enough.
        if file == "-" {
            let _ = out.write_all(text.as_bytes());
            return Ok(Exit::Conforms);
        }
        written(Path::new(file), text)?;
        let quoted = shell_words::quote(file);
        let _ = match self.what {
            What::Dialect { .. } => writeln!(
                out,
                "{file} explains every key; next:\n\n  trueline check calculator --dialect {quoted} server.py"
            ),
            What::Schema { .. } => {
                writeln!(
                    out,
                    "{file} is for editors; the first line of a dialect file names it:\n\n  #:schema {file}"
                )
            }
        };
        Ok(Exit::Conforms)
    }
}

/// Writes a file that is not there yet.
fn written(path: &Path, text: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let path = path.display();
        match error.kind() {
            ErrorKind::AlreadyExists => Failure::misused(
                format!("{path} is there already"),
                "it is left alone: name another file, or move it away",
            ),
            _ => Failure::misused(
                format!("{path} cannot be written: {error}"),
                "name a file in a folder that is there, or `-` for standard output",
            ),
        }
    })
}
