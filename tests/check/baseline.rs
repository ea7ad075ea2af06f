//! What is known to be broken, written down: each way in which a check differs from it is told apart, and fails.

use super::*;

use std::fs;

use tempfile::TempDir;

const ASKED: [&str; 4] = ["--only", "CALC-11,CALC-12,FRAME-4", "--cases", "8"];

/// A wrong server, checked against a file.
struct Against {
    folder: TempDir,
}

impl Against {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("known.toml"), text).unwrap();
        Self { folder }
    }

    fn file(&self) -> String {
        self.folder.path().join("known.toml").to_str().unwrap().to_owned()
    }

    /// The exit code, and the state of each requirement that the file or the check tells of.
    fn check(&self, mutant: &str, options: &[&str]) -> (i32, Vec<String>) {
        let server = serve("calculator", &["--listen", "127.0.0.1:0", "--mutant", mutant]);
        let file = self.file();
        let options = [&ASKED[..], &["--baseline", &file], options].concat();
        let checked = check(&options, &[&server.address.to_string()]);
        let told = checked.report["baseline"]["requirements"].as_array().cloned();
        let told = told.unwrap_or_default().into_iter();
        let told = told.map(|it| format!("{} {}", it["id"], it["state"]).replace('"', ""));
        (checked.exit, told.collect())
    }
}

fn entry(id: &str, signature: &str) -> String {
    format!("\n[[known]]\nid = \"{id}\"\nsignature = \"{signature}\"\nreason = \"waits for May\"\n")
}

const HEAD: &str = "service = \"calculator\"\ntransport = \"tcp\"\n";

#[test]
fn what_was_written_is_what_is_expected() {
    let against = Against::new(HEAD);
    assert_eq!(against.check("floor-division", &["--write-baseline"]), (0, vec![]));
    let written = fs::read_to_string(against.file()).unwrap();
    assert!(written.contains("id = \"CALC-12\"\n"), "{written}");
    assert!(written.contains("reason = \"known when the baseline was written\"\n"), "{written}");
    let known = vec!["CALC-12 known".to_owned()];
    assert_eq!(against.check("floor-division", &["--seed", "7"]), (0, known));
    // The reason that somebody has given is kept.
    fs::write(against.file(), written.replace("known when the baseline was written", "mine"))
        .unwrap();
    assert_eq!(against.check("floor-division", &["--write-baseline"]).0, 0);
    assert!(fs::read_to_string(against.file()).unwrap().contains("reason = \"mine\"\n"));
}

#[test]
fn whatever_is_otherwise_is_told_and_fails() {
    for (known, mutant, expected) in [
        (String::new(), "floor-division", &["CALC-12 new"][..]),
        (entry("CALC-12", "calculator.division: silence"), "floor-division", &["CALC-12 changed"]),
        (entry("CALC-11", "calculator.sum: silence"), "last-first", &["CALC-11 mended"]),
        (
            entry("WORD-1", "a: wrong") + &entry("CALC-99", "a: wrong"),
            "last-first",
            &["CALC-99 stale", "WORD-1 stale"],
        ),
    ] {
        let against = Against::new(&format!("{HEAD}{known}"));
        let (exit, told) = against.check(mutant, &[]);
        assert_eq!(
            (exit, told),
            (1, expected.iter().map(|&it| it.to_owned()).collect()),
            "{known}"
        );
    }
}

#[test]
fn a_file_that_says_nothing_useful_is_refused() {
    for (text, said) in [
        ("service = \"time\"\ntransport = \"tcp\"\n", "another service than calculator"),
        ("service = \"calculator\"\n", "transport"),
        (&*(HEAD.to_owned() + &entry("CALC-1", "a") + &entry("CALC-1", "b")), "stands here twice"),
        (
            &*(HEAD.to_owned() + &entry("CALC-1", "a").replace("waits for May", " ")),
            "no reason is given",
        ),
        (&*(HEAD.to_owned() + &entry("CALC-1", "a").replace("reason", "because")), "because"),
    ] {
        let against = Against::new(text);
        let words = ["check", "calculator", "--baseline", &against.file(), "127.0.0.1:1"];
        let output = trueline(&words).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(said), "{error}");
    }
}
