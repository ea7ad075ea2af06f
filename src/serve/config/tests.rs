//! What files say, and what is said of those that say it wrongly.

use super::*;

fn labels(error: &SettingsError) -> impl Iterator<Item = miette::LabeledSpan> + '_ {
    miette::Diagnostic::labels(error).into_iter().flatten()
}

fn parse(name: &str, text: &str) -> Result<Vec<Place>, SettingsError> {
    places(text).map_err(|wrong| wrong.found_in(name, text))
}

fn all(service: Service, listen: &[&str], transports: Transports) -> Place {
    let listen = listen.iter().map(|it| it.parse().expect("an address")).collect();
    Place { service, listen, transports }
}

/// The message, and the parts of the text that it is about.
fn wrong(text: &str) -> (String, Vec<&str>) {
    let error = parse("services.toml", text).expect_err("refused");
    let parts = labels(&error).map(|it| &text[it.offset()..it.offset() + it.len()]);
    (error.to_string(), parts.collect())
}

#[test]
fn a_file_says_where_services_listen() {
    let (first, last) = (Service::ALL[0], Service::ALL[Service::ALL.len() - 1]);
    let text = format!(
        "# Where to listen.\n[{last}]\nlisten = 'localhost:0'\n\n[{first}]\n\
         listen = [\"127.0.0.1:8040\", \"[::1]:8040\"]\ntransport = \"both\"\n"
    );
    let read = parse("services.toml", &text).expect("read");
    let both = ["127.0.0.1:8040", "[::1]:8040"];
    assert_eq!(
        read,
        [all(first, &both, Transports::Both), all(last, &["localhost:0"], Transports::Tcp)]
    );
    let windows = format!("\u{feff}{first} = {{ listen = '[::]:1', transport = 'udp' }}\r\n");
    let read = parse("services.toml", &windows).expect("read");
    assert_eq!(read, [all(first, &["[::]:1"], Transports::Udp)]);
}

#[test]
fn the_example_is_what_the_readme_shows() {
    assert_eq!(parse("services.toml", EXAMPLE).expect("read").len(), 2);
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&format!("```toml\n{EXAMPLE}```\n")));
}

#[test]
fn what_is_wrong_is_shown_in_its_place() {
    let here = "listen = '127.0.0.1:0'";
    for (text, message, part) in [
        (format!("[calculater]\n{here}"), "no such service; there are:", "calculater"),
        (format!("[message]\n{here}\nport = 3"), "unknown field `port`", "port"),
        (format!("[message]\n{here}\ntransport = 'sctp'"), "not a transport", "'sctp'"),
        (format!("[message]\n{here}\ntransport = 6"), "invalid type: integer `6`", "6"),
        ("[message]\nlisten = 8040".into(), "invalid type: integer `8040`", "8040"),
        ("[message]\nlisten = '8040'".into(), "not an address to listen on", "'8040'"),
        ("[message]\nlisten = ['[::1]:1', 'x']".into(), "not an address to listen on", "'x'"),
        ("[message]\nlisten = ['[::1]:1', 2]".into(), "invalid type: integer `2`", "2"),
        ("[message]\nlisten = []".into(), "no address to listen on", "[]"),
        ("[message]\ntransport = 'udp'".into(), "missing field `listen`", "[message]"),
        ("message = '127.0.0.1:1'".into(), "invalid type: string", "'127.0.0.1:1'"),
        (format!("[message]\n{here}\n[message]\n"), "duplicate key", "message"),
        (format!("[message\n{here}"), "unclosed table", ""),
    ] {
        let (said, parts) = wrong(&text);
        assert!(said.starts_with(message), "{text}: {said}");
        assert_eq!(parts, [part], "{text}: {said}");
    }
}

#[test]
fn a_file_that_names_nothing_is_named() {
    for text in ["", "# nothing\n", "\r\n"] {
        assert_eq!(wrong(text), ("services.toml: no service is named".to_owned(), vec![]));
    }
}

#[test]
fn nothing_listens_where_something_listens() {
    let two = |one: &str, other: &str| {
        format!("[message]\nlisten = {one}\n[calculator]\nlisten = {other}\n")
    };
    for (one, other) in [
        ("'127.0.0.1:80'", "'127.0.0.1:80'"),
        ("'localhost:80'", "'[::1]:80'"),
        ("'0.0.0.0:80'", "'127.0.0.1:80'"),
        ("'127.0.0.1:80'", "'[::]:80'"),
    ] {
        let text = two(one, other);
        let (said, parts) = wrong(&text);
        assert_eq!(said, "calculator and message both listen on port 80 (tcp)");
        assert_eq!(parts, [one, other]);
    }
    let twice = "[message]\nlisten = ['127.0.0.1:80', '127.0.0.1:80']\ntransport = 'udp'";
    assert_eq!(wrong(twice).0, "message listens twice on port 80 (udp)");
    for (one, other) in [
        ("'127.0.0.1:0'", "'127.0.0.1:0'"),
        ("'127.0.0.1:80'", "'127.0.0.2:80'"),
        ("'127.0.0.1:80'", "'[::1]:80'"),
        ("'0.0.0.0:80'", "'[::1]:80'"),
        ("'127.0.0.1:80'", "'127.0.0.1:80'\ntransport = 'udp'"),
    ] {
        assert!(parse("services.toml", &two(one, other)).is_ok(), "{one} {other}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("services.toml");
    assert!(
        read(&path).expect_err("missing").to_string().contains("services.toml: it cannot be read")
    );
    std::fs::write(&path, b"[message]\nlisten = '\xff'").expect("written");
    let error = read(&path).expect_err("not text");
    assert_eq!(error.to_string(), "this is not UTF-8");
    assert_eq!(labels(&error).next().expect("a label").offset(), 20);
}
