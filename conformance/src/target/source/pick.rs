//! Which of several programs is the server, or the client: by their names, and only if they tell.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::folder::Folder;
use super::{KINDS, SourceError, UNSUPPORTED, unsupported};
use crate::spec::Party;

/// How much a name looks like that of a server, or of a client: the less the better. The examples are those of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Looks {
    /// `server.py`.
    Wanted,
    /// `calculator_server.py`.
    OfWanted,
    /// `main.py`.
    Main,
    Other,
    /// `client.py`, `test_server.py`.
    Unwanted,
}

fn looks(name: &OsStr, party: Party) -> Looks {
    let (wanted, unwanted) = match party {
        Party::Server => ("server", "client"),
        Party::Client => ("client", "server"),
    };
    let stem = Path::new(name).file_stem().unwrap_or(name).to_string_lossy().to_lowercase();
    let is = |word: &str| stem.trim_matches('_') == word;
    let has = |word: &str| stem.contains(word);
    match () {
        () if is(wanted) => Looks::Wanted,
        () if has(unwanted) || has("test") => Looks::Unwanted,
        () if has(wanted) => Looks::OfWanted,
        () if is("main") => Looks::Main,
        () => Looks::Other,
    }
}

/// Whether a name says that it is no program of this party.
pub(super) fn is_unwanted(name: &OsStr, party: Party) -> bool {
    looks(name, party) == Looks::Unwanted
}

/// The one that looks most like a server, or a client, if it is one alone. Of two that look alike, what is no product comes
/// first.
pub(super) fn most_like<N: AsRef<OsStr>>(
    party: Party,
    names: &[N],
    is_made: impl Fn(&OsStr) -> bool,
) -> Option<&N> {
    let rank = |name: &N| (looks(name.as_ref(), party), is_made(name.as_ref()));
    let best = names.iter().map(rank).min()?;
    let mut first = names.iter().filter(|name| rank(name) == best);
    let found = first.next()?;
    first.next().is_none().then_some(found)
}

/// The program of a folder that has no file which says what it is.
pub(super) fn only(folder: &Folder, path: &Path, party: Party) -> Result<OsString, SourceError> {
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
    if let Some(program) = most_like(party, &programs, is_made) {
        return Ok(program.clone());
    }
    let Some(first) = programs.iter().min_by_key(|name| looks(name, party)) else {
        return Err(SourceError::Empty { path: path.to_owned() });
    };
    Err(SourceError::Ambiguous {
        path: path.to_owned(),
        example: path.join(first).display().to_string(),
        programs: programs.iter().map(|name| name.to_string_lossy().into_owned()).collect(),
    })
}

/// Whether a file is a program rather than a part of one, or something else.
pub(super) fn is_program(file: &Path) -> bool {
    let kind = KINDS.iter().find(|kind| (kind.is_one)(file));
    kind.is_some_and(|kind| (kind.is_program)(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(names: &[&str]) -> Option<String> {
        picked_as(Party::Server, names)
    }

    fn picked_as(party: Party, names: &[&str]) -> Option<String> {
        let found = most_like(party, names, |name| name == "server" || name == "a.out");
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
    fn the_name_tells_the_client() {
        let client = |names: &[&str]| picked_as(Party::Client, names);
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(client(&["client.py", "server.py", "words.py"]), some("client.py"));
        assert_eq!(client(&["Server.java", "ChatClient.java"]), some("ChatClient.java"));
        assert_eq!(client(&["server.py", "main.py"]), some("main.py"));
        assert!(is_unwanted(OsStr::new("my_server.py"), Party::Client));
        assert!(is_unwanted(OsStr::new("Client.java"), Party::Server));
        assert!(!is_unwanted(OsStr::new("calc.py"), Party::Client));
    }

    #[test]
    fn names_that_do_not_tell_are_not_guessed() {
        assert_eq!(picked(&["a.py", "b.py"]), None);
        assert_eq!(picked(&["udp_server.py", "tcp_server.py"]), None);
        assert_eq!(picked(&[]), None);
    }
}
