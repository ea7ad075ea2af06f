//! What a program that ended before it listened may have wanted: an argument, a variable, a line, an address.

use super::last_words::LastWords;

/// What they say that lack an argument.
const ARGUMENT: [&str; 9] = [
    "usage",
    "IndexError: list index out of range",
    "arguments are required",
    "not enough values to unpack",
    "index out of range",
    "out of bounds for length 0",
    "ArrayIndexOutOfBounds",
    "missing argument",
    "missing port",
];
/// What they say that lack a variable.
const VARIABLE: [&str; 3] = ["KeyError: 'PORT'", "environment variable", "PORT is not set"];
/// What they say that lack a line to read.
const LINE: [&str; 4] =
    ["EOFError", "NoSuchElementException", "end of file when reading", "unexpected EOF"];

/// What they say that want an address which is not there, or a way out.
const ADDRESS: [&str; 4] =
    ["Cannot assign requested address", "Network is unreachable", "EADDRNOTAVAIL", "ENETUNREACH"];

/// What to give a program with such last words, if they tell.
pub(super) fn suggestion(last_words: &LastWords) -> Option<&'static str> {
    let mention = |all: &[&str]| all.iter().any(|words| last_words.mention(words));
    if mention(&LINE) {
        Some("it reads a line: if that is to be its port, type it with `--input '{port}'`")
    } else if mention(&VARIABLE) {
        Some("it wants a variable: if that is to be its port, `--env 'PORT={port}'` sets one")
    } else if mention(&ADDRESS) {
        Some(
            "bind 127.0.0.1 or 0.0.0.0: no other address of this machine is sure to be there, and none at all where the \
             program is isolated (`--isolation none`)",
        )
    } else if mention(&ARGUMENT) {
        Some(
            "it wants an argument: if that is to be its port, `--arg '{port}'` gives it to a PATH, and `{port}` \
             stands for it in a command",
        )
    } else {
        None
    }
}
