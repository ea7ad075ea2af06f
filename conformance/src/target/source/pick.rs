//! Which of several programs is the server: by their names, and only if they tell.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::folder::Folder;
use super::{KINDS, SourceError, UNSUPPORTED, unsupported};

/// How much a name looks like a server's: the less the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Looks {
    /// `server.py`.
    Server,
    /// `calculator_server.py`.
    OfServer,
    /// `main.py`.
    Main,
    Other,
    /// `client.py`, `test_server.py`.
    NotServer,
}

fn looks(name: &OsStr) -> Looks {
    let stem = Path::new(name).file_stem().unwrap_or(name).to_string_lossy().to_lowercase();
    let is = |word: &str| stem.trim_matches('_') == word;
    let has = |word: &str| stem.contains(word);
    match () {
        () if is("server") => Looks::Server,
        () if has("client") || has("test") => Looks::NotServer,
        () if has("server") => Looks::OfServer,
        () if is("main") => Looks::Main,
        () => Looks::Other,
    }
}

/// The one that looks most like a server, if it is one alone. Of two that look alike, what is no product comes first.
pub(super) fn most_like_server<N: AsRef<OsStr>>(
    names: &[N],
    is_made: impl Fn(&OsStr) -> bool,
) -> Option<&N> {
    let rank = |name: &N| (looks(name.as_ref()), is_made(name.as_ref()));
    let best = names.iter().map(rank).min()?;
    let mut first = names.iter().filter(|name| rank(name) == best);
    let found = first.next()?;
    first.next().is_none().then_some(found)
}

/// The program of a folder that has no file which says what it is.
pub(super) fn only(folder: &Folder, path: &Path) -> Result<OsString, SourceError> {
    let is_program = |file: &Path| {
        let kind = KINDS.iter().find(|kind| (kind.is_one)(file));
        kind.is_some_and(|kind| (kind.is_program)(file))
    };
    let is_made = |name: &OsStr| {
        let file = folder.path.join(name);
        KINDS.iter().find(|kind| (kind.is_one)(&file)).is_some_and(|kind| (kind.is_made)(&file))
    };
    let mut programs = folder.those(is_program);
    if programs.is_empty() {
        let found = UNSUPPORTED.iter().find(|(name, _)| folder.has(name));
        if let Some(tool) = found.and_then(|(name, _)| unsupported(OsStr::new(name))) {
            return Err(SourceError::Unsupported { path: path.to_owned(), tool });
        }
        programs = super::java::below(folder);
    }
    if let Some(program) = most_like_server(&programs, is_made) {
        return Ok(program.clone());
    }
    let Some(first) = programs.iter().min_by_key(|name| looks(name)) else {
        return Err(SourceError::Empty { path: path.to_owned() });
    };
    Err(SourceError::Ambiguous {
        path: path.to_owned(),
        example: path.join(first).display().to_string(),
        programs: programs.iter().map(|name| name.to_string_lossy().into_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(names: &[&str]) -> Option<String> {
        let found = most_like_server(names, |name| name == "server" || name == "a.out");
        found.map(|name| (*name).to_owned())
    }

    #[test]
    fn the_name_tells_the_server() {
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(picked(&["client.py", "server.py", "words.py"]), some("server.py"));
        assert_eq!(
            picked(&["Client.java", "CalculatorServer.java"]),
            some("CalculatorServer.java")
        );
        assert_eq!(picked(&["test_server.py", "main.py", "x.py"]), some("main.py"));
        assert_eq!(picked(&["client.py", "calc.py"]), some("calc.py"));
        assert_eq!(picked(&["server", "server.c"]), some("server.c"));
        assert_eq!(picked(&["client.py"]), some("client.py"));
    }

    #[test]
    fn names_that_do_not_tell_are_not_guessed() {
        assert_eq!(picked(&["a.py", "b.py"]), None);
        assert_eq!(picked(&["udp_server.py", "tcp_server.py"]), None);
        assert_eq!(picked(&[]), None);
    }
}
