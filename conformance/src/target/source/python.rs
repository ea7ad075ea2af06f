//! A program in Python: python3 takes it however its lines end.

use super::{Kind, Launch, extension, no_leader};

/// What runs it.
pub(super) const PYTHON: &str = "python3";

pub(super) const KIND: Kind = Kind {
    leads: no_leader,
    is_one: |file| extension(file) == "py",
    is_program: |file| {
        let parts = ["__init__.py", "conftest.py", "setup.py"];
        !file.file_name().is_some_and(|name| parts.iter().any(|part| name == *part))
    },
    is_made: |_| false,
    source: |_, file| Ok(Launch::by(&[PYTHON], file)),
};
