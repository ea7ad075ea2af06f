//! A program in Java: compiled with all that is in its folder, or a jar.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::build::Tool;
use super::folder::{Folder, word};
use super::{Build, Kind, Launch, code, extension, no_leader};

const JAVAC: Tool = Tool { names: &["javac"], package: "default-jdk-headless" };
/// Names of files are text to Java, in the encoding of the locale.
const LOCALE: (&str, &str) = ("LC_ALL", "C.UTF-8");

pub(super) const KIND: Kind = Kind {
    leads: no_leader,
    is_one: |file| ["java", "jar"].contains(&&*extension(file)),
    is_program: |file| is_jar(file) || main_class(&code::read(file)).is_some(),
    is_made: is_jar,
    source: |folder, file| {
        let environment = vec![(LOCALE.0.into(), LOCALE.1.into())];
        if is_jar(Path::new(file)) {
            return Ok(Launch { environment, ..Launch::by(&["java", "-jar"], file) });
        }
        let path = folder.path.join(file);
        let text = code::read(&path);
        let class = main_class(&text).unwrap_or_else(|| named_like(&path));
        let files = parts(folder, Path::new(file));
        let options = ["-encoding", "UTF-8", "-d", ".", "-sourcepath", "."].map(OsString::from);
        let words = options.into_iter().chain(files.iter().map(word));
        let command: Vec<OsString> = ["java", "-cp", ".", &class].map(OsString::from).into();
        let build = Build::new(folder, &JAVAC, words, command.clone()).with_environment([LOCALE]);
        Ok(Launch { command, environment, build: Some(build) })
    },
};

fn is_jar(file: &Path) -> bool {
    extension(file) == "jar"
}

fn is_source(file: &Path) -> bool {
    extension(file) == "java" && file.file_name().is_some_and(|name| name != "module-info.java")
}

/// The programs in the folders below, for one that has none itself: packages are folders.
pub(super) fn below(folder: &Folder) -> Vec<OsString> {
    let is_program = |file: &Path| is_source(file) && (KIND.is_program)(file);
    folder.all_below(&is_program).into_iter().map(PathBuf::into_os_string).collect()
}

/// What is compiled with a file: its folder, or, if that lies below, all that there is.
fn parts(folder: &Folder, file: &Path) -> Vec<PathBuf> {
    if file.components().count() > 1 {
        return folder.all_below(&is_source);
    }
    let files = folder.those(is_source);
    files.into_iter().map(PathBuf::from).collect()
}

fn named_like(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The class whose `main` starts a program, with its package: the last one of all that begins before `main`.
fn main_class(code: &str) -> Option<String> {
    let words = code::words(code);
    let main = words
        .windows(3)
        .position(|three| three[0].1 == "void" && three[1] == (1, "main") && three[2].1 == "(")?;
    let mut classes = words[..main].windows(2).filter(|two| {
        two[0].0 == 0 && ["class", "interface", "enum", "record"].contains(&two[0].1)
    });
    let class = classes.next_back().map(|two| two[1].1)?;
    let end = words.iter().position(|(_, word)| *word == ";").unwrap_or(0);
    let package = match words.first() {
        Some((0, "package")) => words[1..end].iter().map(|(_, word)| *word).collect(),
        _ => String::new(),
    };
    Some(if package.is_empty() { class.to_owned() } else { format!("{package}.{class}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_with_main_is_found() {
        let main = main_class;
        let some = |name: &str| Some(name.to_owned());
        let nested = "import java.net.*; public class Server { static class Client { } \
                      public static void main(String[] a) { } }";
        assert_eq!(main(nested), some("Server"));
        let second = "package edu.line; class Words { void f() { } } class Go { static void main(String[] a) { } }";
        assert_eq!(main(second), some("edu.line.Go"));
        assert_eq!(main("class Words { int main; void f() { main(); } }"), None);
    }
}
