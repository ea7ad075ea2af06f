//! Dialect files: the one to begin with, what holds in one, and what is said of one that is wrong.

use super::*;
use trueline_conformance::dialect::{SCHEMA, TEMPLATE};

/// A calculator's table that nothing is wrong with; what is wrong with it is added.
const FRAMING: &str = "framing = { ends = \"\\n\" }\n";
const REQUEST: &str = "request = \"{left} {operator} {right}\"\n";
const REPLY: &str = "reply = \"{result}\"\n";

/// Checks by a dialect file, which is wrong.
fn refused(name: &str, service: &str, file: impl AsRef<[u8]>) {
    let shell = Shell::new();
    shell.file("homework.toml", file);
    let line = format!("trueline check {service} --dialect homework.toml 127.0.0.1:8040");
    told(&shell, &format!("dialect-{name}"), &line, 2);
}

#[test]
fn a_file_to_begin_with() {
    let shell = Shell::new();
    told(&shell, "init-dialect", "trueline init dialect", 0);
    assert_eq!(std::fs::read_to_string(shell.here().join("dialect.toml")).unwrap(), TEMPLATE);
    // What is there is left alone.
    shell.file("dialect.toml", "mine");
    told(&shell, "init-dialect-again", "trueline init dialect", 2);
    assert_eq!(std::fs::read_to_string(shell.here().join("dialect.toml")).unwrap(), "mine");
    told(&shell, "init-dialect-elsewhere", "trueline init dialect 'my homework.toml'", 0);
    told(&shell, "init-dialect-nowhere", "trueline init dialect missing/dialect.toml", 2);
    told(&shell, "init-schema", "trueline init schema", 0);
    assert_eq!(std::fs::read_to_string(shell.here().join("dialect.schema.json")).unwrap(), SCHEMA);
    for (what, text) in [("dialect", TEMPLATE), ("schema", SCHEMA)] {
        let output = shell.command(&format!("trueline init {what} -")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
    }
    told(&shell, "init-nothing", "trueline init", 2);
}

/// What is to be had of a dialect is told before anything is checked.
#[test]
fn what_holds_in_a_dialect() {
    let shell = Shell::new();
    let table = format!(
        "[calculator]\n{FRAMING}{REQUEST}{REPLY}greeting = \"Welcome\"\nquit = {{ words = \"q\" }}\n\
         [calculator.errors]\ndivision-by-zero = \"never\"\n[calculator.tiers]\nFRAME-17 = \"informational\"\n"
    );
    shell.file("homework.toml", table);
    told(
        &shell,
        "list-requirements-dialect",
        "trueline list requirements --dialect homework.toml",
        0,
    );
    for (name, line, exit) in [
        ("list-cases-dialect", "trueline list cases --dialect homework.toml", 2),
        ("list-dialect-missing", "trueline list requirements --dialect missing.toml", 2),
        ("explain-DIALECT-1", "trueline explain dialect-1", 0),
        ("explain-DIALECT", "trueline explain DIALECT", 0),
    ] {
        told(&shell, name, line, exit);
    }
}

#[test]
fn files_that_are_none() {
    refused("empty", "calculator", "");
    refused("no-toml", "calculator", "[calculator\n");
    refused("not-utf8", "calculator", b"[calculator]\nreply = \"\xff\"\n");
    refused("no-table", "calculator", "calculator = 3\n");
    refused("unknown-service", "calculator", "[calculater]\nreply = \"x\"\n");
    refused("other-service", "message", format!("[calculator]\n{FRAMING}{REQUEST}{REPLY}"));
}

#[test]
fn keys_that_are_missing_or_too_many() {
    for (name, service, file) in [
        ("unknown-key", "calculator", "[calculator]\nrequst = \"x\"\n"),
        ("strange-key", "calculator", "[calculator]\nzzz = \"x\"\n"),
        ("key-of-another", "message", "[message]\nreply = \"x\"\noperands = \"integers\"\n"),
        ("quit-of-a-greeting", "greeting", "[greeting]\nreply = \"x\"\nquit = { words = \"q\" }\n"),
        ("no-framing", "calculator", "[calculator]\nreply = \"x\"\nrequest = \"x\"\n"),
        (
            "greeting-over-udp",
            "message",
            "[message]\ntransport = \"udp\"\ngreeting = \"hi\"\nreply = \"x\"\n",
        ),
        ("no-request", "calculator", "[calculator]\nframing = \"none\"\nreply = \"x\"\n"),
        ("no-reply", "message", "[message]\nframing = \"none\"\n"),
        ("twice", "message", "[message]\nreply = \"x\"\nreply = \"y\"\n"),
    ] {
        refused(name, service, file);
    }
}

#[test]
fn framings_that_are_none() {
    for (name, framing) in [
        ("type", "3"),
        ("word", "\"lines\""),
        ("ends-type", "{ ends = 3 }"),
        ("ends-none", "{ ends = [] }"),
        ("ends-empty", "{ ends = [\"\\n\", \"\"] }"),
        ("key", "{ end = \"\\n\" }"),
        ("two", "{ ends = \"\\n\", length = 2 }"),
        ("nothing", "{}"),
        ("length", "{ length = 64 }"),
        ("digits", "{ digits = 0 }"),
        ("size", "{ size = 0 }"),
        ("pad", "{ size = 64, pad = \"é\" }"),
        ("pad-alone", "{ pad = \" \" }"),
    ] {
        let file = format!("[calculator]\nframing = {framing}\n{REQUEST}{REPLY}");
        refused(&format!("framing-{name}"), "calculator", file);
    }
}

#[test]
fn words_that_are_wrong() {
    for (name, request, reply) in [
        ("unknown-field", "\"{left} {op} {right}\"", "\"{result}\""),
        ("field-missing", "\"{left} {right}\"", "\"{result}\""),
        ("field-twice", "[\"{left} {operator}\", \"{right} {right}\"]", "\"{result}\""),
        ("field-elsewhere", "\"{left} {operator} {right}\"", "\"{length}\""),
        ("fields-touch", "\"{left}{right} {operator}\"", "\"{result}\""),
        ("brace", "\"{left {operator} {right}\"", "\"{result}\""),
        ("request-empty", "[]", "\"{result}\""),
        ("request-type", "1", "\"{result}\""),
        ("request-of-numbers", "[\"{left}\", 1]", "\"{result}\""),
        ("reply-terminated", "\"{left} {operator} {right}\"", "\"{result}\\n\""),
        ("reply-operator", "\"{left} {operator} {right}\"", "{ \"+\" = \"x\", \"%\" = \"y\" }"),
        ("reply-type", "\"{left} {operator} {right}\"", "{ \"+\" = 1 }"),
    ] {
        let file = format!("[calculator]\n{FRAMING}request = {request}\nreply = {reply}\n");
        refused(name, "calculator", file);
    }
    refused("too-many-forms", "calculator", {
        let also = format!("[[calculator.also]]\n{REQUEST}{REPLY}");
        format!("[calculator]\n{FRAMING}{REQUEST}{REPLY}{also}{also}{also}")
    });
    let size = format!("[calculator]\nframing = {{ size = 4 }}\n{REQUEST}{REPLY}");
    refused("too-long", "calculator", size);
}

#[test]
fn values_that_are_wrong() {
    for (name, line) in [
        ("transport", "transport = \"tpc\""),
        ("transport-none", "transport = []"),
        ("prompts", "prompts = [\"OK\"]"),
        ("operators-symbol", "operators = { plus = \"+\" }"),
        ("operators-empty", "operators = { \"+\" = \"\" }"),
        ("operators-same", "operators = { \"+\" = \"x\", \"*\" = \"x\" }"),
        ("operators-none", "operators = {}"),
        ("result", "result = { \"/\" = \"flaot\" }"),
        ("result-mixed", "result = { decimals = 2, \"/\" = \"float\" }"),
        ("operands", "operands = { least = 5, most = 1 }"),
        ("operands-half", "operands = { least = 5 }"),
        ("operands-type", "operands = 5"),
        ("tolerance", "tolerance = -0.5"),
        ("blanks", "blanks = true"),
        ("quit", "quit = \"q\""),
        ("quit-none", "quit = { words = [] }"),
        ("closes", "closes = \"no\""),
        ("lifetime", "lifetime = \"forever\""),
        ("greeting", "greeting = \"1 Add\\n2 Subtract\""),
        ("errors", "errors = { syntaks = \"error\" }"),
        ("errors-listed", "errors = { silent = [\"empty\", \"syntaks\"] }"),
        ("errors-silent", "errors = { silent = \"empty\" }"),
        ("errors-list", "errors = { empty = [\"syntax\"] }"),
        ("errors-twice", "errors = { empty = \"error\", silent = [\"empty\"] }"),
        ("errors-field", "errors = { empty = \"{left} is missing\" }"),
        ("tiers", "tiers = { FRAME-99 = \"none\" }"),
        ("tiers-word", "tiers = { FRAME-9 = \"should\" }"),
    ] {
        let file = format!("[calculator]\n{FRAMING}{REQUEST}{REPLY}{line}\n");
        refused(&format!("value-{name}"), "calculator", file);
    }
}

/// What README shows is a file, and its commands are commands.
#[test]
fn readme_shows_a_dialect() {
    let readme = include_str!("../../README.md");
    let part = |mark: &str| {
        let begun = readme.split(mark).nth(1).expect("an example");
        begun.split("```").next().unwrap().to_owned()
    };
    let shell = Shell::new();
    let commands = part("<!-- dialect -->\n```sh\n");
    let mut commands = commands.lines();
    for _ in 0..2 {
        let (exit, text) = shell.run(commands.next().unwrap());
        assert_eq!(exit, 0, "{text}");
    }
    shell.file("homework.toml", part("<!-- homework -->\n```toml\n"));
    // There is no such program, but there is nothing else to say.
    let (exit, text) = shell.run(commands.next().unwrap());
    assert!(exit != 0 && text.contains("server.py"), "{text}");
    let served = "trueline serve calculator --dialect homework.toml --listen 127.0.0.1:0";
    let check = "trueline check calculator --dialect homework.toml --cases 4";
    let (exit, text) = shell.run(&format!("{check} -- {served}"));
    assert_eq!(exit, 0, "{text}");
    assert!(commands.next().is_some_and(|line| served.starts_with(line)));
}
