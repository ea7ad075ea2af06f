//! What is found in folders of all sorts.

use std::fs;

use super::*;

/// Goes on one line of a C program that is one.
const MAIN: &str = "int main(void) { return 0; }\n";
const JAVA_MAIN: &str = "class Server { public static void main(String[] a) { } }\n";

/// How what is at `path` of a folder with these files is launched by hand, or why not.
fn found(files: &[(&str, &str)], path: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    // Temporary folders lie where everybody's do; this one is somebody's.
    let folder = folder.path().join("ada");
    fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let hidden = |text: String| text.replace(folder.to_str().unwrap(), "ADA");
    let source = find(&folder.join(path)).map_err(|error| hidden(error.to_string()))?;
    let recipe = source.recipe(&[], Transport::Tcp);
    assert_eq!(
        recipe.directory.as_deref(),
        Some(&*folder.join(path)).filter(|it| it.is_dir()).or(Some(&folder))
    );
    let line = hidden(recipe.by_hand());
    Ok(line.split(" && ").filter(|it| !it.starts_with("cd ")).collect::<Vec<_>>().join(" && "))
}

#[track_caller]
fn finds(files: &[(&str, &str)], line: &str) {
    assert_eq!(found(files, "").as_deref(), Ok(line));
}

#[track_caller]
fn finds_none(files: &[(&str, &str)], why: &str) {
    assert_eq!(found(files, "").unwrap_err().trim_end_matches('/'), why);
}

#[test]
fn a_file_is_told_by_its_name() {
    for (file, text, line) in [
        ("calc.py", "", "python3 calc.py"),
        ("my server (2).py", "", "python3 'my server (2).py'"),
        ("خادم 服务器.py", "", "python3 'خادم 服务器.py'"),
        ("-v.py", "", "python3 ./-v.py"),
        ("SERVER.PY", "", "python3 SERVER.PY"),
        ("a.ipynb", r#"{"cells": []}"#, "python3 a.ipynb.py"),
        ("a.mjs", "", "node a.mjs"),
        ("a.jar", "", "java -jar a.jar"),
        ("run", "#!/usr/bin/env python3\r\n", "python3 run"),
        ("run.sh", "#!/bin/sh -e\n", "/bin/sh -e run.sh"),
        ("a.go", "package main\nfunc main() {}\n", "go build -o a.out a.go && ./a.out"),
        ("a.c", MAIN, "gcc -O1 -pthread -o a.out a.c -lm && ./a.out"),
        ("a b.cpp", MAIN, "g++ -O1 -pthread -o 'a b.out' 'a b.cpp' -lm && './a b.out'"),
    ] {
        assert_eq!(found(&[(file, text)], file).as_deref(), Ok(line));
        finds(&[(file, text)], line);
    }
}

#[test]
fn what_is_not_known_is_said() {
    assert_eq!(found(&[("a.pl", "")], "a.pl").unwrap_err(), "how ADA/a.pl is run is not known");
    finds_none(&[], "there is no program in ADA");
    finds_none(
        &[("notes.txt", ""), ("util.c", "int f;\n"), (".server.py", "")],
        "there is no program in ADA",
    );
    finds_none(
        &[("pom.xml", "")],
        "ADA/ is built by Maven, which is not called here: it wants a network",
    );
    finds_none(&[("a.py", ""), ("b.js", "")], "ADA/ holds several programs: a.py, b.js");
    let notebook = found(&[("a.ipynb", "{\"cells\": [\n1]}")], "a.ipynb").unwrap_err();
    assert!(
        notebook.starts_with("ADA/a.ipynb is not what it should be: ")
            && notebook.contains("line 2"),
        "{notebook}"
    );
}

#[test]
fn a_file_says_how_its_folder_is_built() {
    finds(&[("Cargo.toml", ""), ("src/main.rs", "")], "cargo build --release --offline");
    finds(
        &[("go.mod", ""), ("a.go", ""), ("b.go", "")],
        "go build -o server.out . && ./server.out",
    );
    finds(
        &[("package.json", r#"{"main": "lib/go.js"}"#), ("lib/go.js", ""), ("x.js", "")],
        "node lib/go.js",
    );
    finds(&[("package.json", "{}"), ("index.js", ""), ("x.js", "")], "node index.js");
    finds(&[("Makefile", "a:\n"), ("a.c", MAIN), ("b.c", MAIN)], "make");
    finds(&[("Makefile", "test:\n\tpytest\n"), ("server.py", "")], "python3 server.py");
    // What a package names must be its own.
    finds(&[("package.json", r#"{"main": "../go.js"}"#), ("server.js", "")], "node server.js");
}

#[test]
fn the_parts_of_a_program_belong_to_it() {
    finds(
        &[("server.c", MAIN), ("client.c", MAIN), ("util.c", "int f;\n"), ("util.h", "")],
        "gcc -O1 -pthread -o server.out server.c util.c -lm && ./server.out",
    );
    finds(
        &[
            ("main.go", "package main\nfunc main() {}\n"),
            ("x.go", "package main\n"),
            ("x_test.go", ""),
        ],
        "go build -o main.out main.go x.go && ./main.out",
    );
    let javac = "javac -encoding UTF-8 -d . -sourcepath .";
    finds(
        &[
            ("Server.java", JAVA_MAIN),
            ("Client.java", "class Client { static void main(String[] a) { } }"),
            ("X.java", "class X { }"),
        ],
        &format!("{javac} Client.java Server.java X.java && java -cp . Server"),
    );
    finds(
        &[
            ("src/edu/Server.java", &format!("package edu;\n{JAVA_MAIN}")),
            ("src/edu/X.java", "package edu; class X { }"),
        ],
        &format!("{javac} src/edu/Server.java src/edu/X.java && java -cp . edu.Server"),
    );
}

/// A submission may hold a link to whatever it would like to see.
#[cfg(unix)]
#[test]
fn links_to_elsewhere_are_no_programs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.py"), "").unwrap();
    let own = folder.path().join("ada");
    fs::create_dir(&own).unwrap();
    std::os::unix::fs::symlink("../secret.py", own.join("server.py")).unwrap();
    assert!(matches!(find(&own), Err(SourceError::Empty { .. })));
    std::os::unix::fs::symlink("..", own.join("lib")).unwrap();
    fs::write(own.join("package.json"), r#"{"main": "lib/secret.py"}"#).unwrap();
    fs::write(own.join("main.py"), "").unwrap();
    assert_eq!(find(&own).unwrap().recipe(&[], Transport::Tcp).shown(), "python3 main.py");
}

/// A file among everybody's is copied alone: nothing else there is its own.
#[test]
fn a_file_among_everything_is_alone() {
    let file = tempfile::Builder::new().suffix(".py").tempfile_in("/tmp").unwrap();
    let recipe = find(file.path()).unwrap().recipe(&["{port}".into()], Transport::Tcp);
    assert!(recipe.build.is_some());
    let recipe = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(recipe.built())
        .unwrap();
    let folder = recipe.directory.clone().unwrap();
    let beside: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(beside, [file.path().file_name().unwrap()]);
    drop(recipe);
    assert!(!folder.exists(), "what was made for a recipe is gone with it");
}
