//! A notebook: the code of its cells, one after the other, as a program in Python.

use std::fmt::Write;

use serde::Deserialize;

use super::python::PYTHON;
use super::{Build, Kind, Launch, extension, no_leader};

pub(super) const KIND: Kind = Kind {
    leads: no_leader,
    is_one: |file| extension(file) == "ipynb",
    is_program: |_| true,
    is_made: |_| false,
    source: |folder, file| {
        let text = std::fs::read(folder.path.join(file)).map_err(|error| error.to_string())?;
        let code = code(&text)?;
        let mut program = file.to_owned();
        program.push(".py");
        let launch = Launch::by(&[PYTHON], &program);
        let build = Build::none(folder, &launch.command).adding(program, code);
        Ok(Launch { build: Some(build), ..launch })
    },
};

/// What of a notebook matters here (nbformat 4).
#[derive(Deserialize)]
struct Notebook {
    cells: Vec<Cell>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    kernelspec: Option<Kernel>,
}

/// What runs the cells; the language is not always told.
#[derive(Deserialize)]
struct Kernel {
    language: Option<String>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    #[serde(default)]
    source: Text,
}

/// A text, whole or line by line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Lines(Vec<String>),
}

impl Default for Text {
    fn default() -> Self {
        Self::Lines(Vec::new())
    }
}

impl Text {
    fn whole(self) -> String {
        match self {
            Self::Whole(text) => text,
            Self::Lines(lines) => lines.concat(),
        }
    }
}

/// The program of a notebook, or what is wrong with it and where.
fn code(notebook: &[u8]) -> Result<String, String> {
    let notebook = notebook.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(notebook);
    let notebook: Notebook = serde_json::from_slice(notebook).map_err(|error| error.to_string())?;
    let language = notebook.metadata.kernelspec.and_then(|kernel| kernel.language);
    if let Some(language) = language.filter(|it| !it.eq_ignore_ascii_case("python")) {
        return Err(format!("its cells are in {language}, and only those in Python are run"));
    }
    let mut program = String::new();
    let cells = notebook.cells.into_iter().filter(|cell| cell.cell_type == "code");
    for (number, cell) in (1..).zip(cells) {
        // Writing to a string cannot fail.
        let _ = writeln!(program, "# code cell {number}");
        plain(&cell.source.whole(), &mut program);
    }
    Ok(program)
}

/// Adds a cell without what Python alone does not understand: a line of it becomes a comment, so that the others stay where
/// they are. A cell that begins with `%%` is none of Python's as a whole, but for a few that run it as it is.
fn plain(cell: &str, program: &mut String) {
    let is_foreign = cell.trim_start().starts_with("%%")
        && !["%%time", "%%capture"].iter().any(|it| cell.trim_start().starts_with(it));
    for line in cell.lines() {
        let text = line.trim_start();
        if is_foreign {
            let _ = writeln!(program, "# {line}");
        } else if text.starts_with(['%', '!']) {
            let indent = &line[..line.len() - text.len()];
            let _ = writeln!(program, "{indent}pass  # {text}");
        } else {
            let _ = writeln!(program, "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cells_come_in_their_order_without_magic() {
        let notebook = r##"{"nbformat": 4, "cells": [
            {"cell_type": "markdown", "source": ["# Server\n"]},
            {"cell_type": "code", "source": ["%matplotlib inline\n", "import socket\n", "if True:\n", "    !pip install x"]},
            {"cell_type": "code", "source": "%%bash\nls"},
            {"cell_type": "code", "source": "print('é')"}]}"##;
        let due = "# code cell 1\npass  # %matplotlib inline\nimport socket\nif True:\n    pass  # !pip install x\n\
                   # code cell 2\n# %%bash\n# ls\n# code cell 3\nprint('é')\n";
        assert_eq!(code(notebook.as_bytes()).unwrap(), due);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let wrong = code(b"{\"cells\": [\n  {\"cell_type\": \"code\",,\n").unwrap_err();
        assert!(wrong.contains("line 2 column 24"), "{wrong}");
        assert!(code(b"{}").unwrap_err().contains("missing field `cells`"));
    }
}
