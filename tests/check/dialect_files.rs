//! Checks by files: the one that `trueline init dialect` writes, and that of `line`, which the reference keeps.

use trueline_conformance::dialect::{BUILT_IN, TEMPLATE};

use super::*;

/// A file of this text, in a folder of its own.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dialect.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// As it stands the file is right about a homework.
#[test]
fn the_file_to_begin_with() {
    let (_folder, path) = file(TEMPLATE);
    let infix = classroom("dialects/infix/server.py");
    let checked = check(&["--dialect", &path], &["--", python(), &infix, &free_port()]);
    assert_eq!(checked.exit, 0, "{:#}", checked.report);
    // A server of `line` is wrong about it.
    let line = serve("calculator", &["--listen", "127.0.0.1:0"]);
    assert_eq!(check(&["--dialect", &path], &[&line.address.to_string()]).exit, 1);
}

/// The reference speaks `line` as its file says, and a server made of the file as SPEC.md does.
#[test]
fn the_file_of_line() {
    let (_folder, path) = file(BUILT_IN[0].1);
    for (service, transport) in [("calculator", "tcp"), ("word-length", "udp"), ("message", "tcp")]
    {
        let served = ["--listen", "127.0.0.1:0", "--transport", transport];
        let by_file = [&served[..], &["--dialect", &path]].concat();
        let transport = ["--transport", transport];
        let reference = serve(service, &served);
        let options = [&transport[..], &["--dialect", &path]].concat();
        let checked = check_of(service, &options, &[&reference.address.to_string()]);
        assert_eq!(checked.exit, 0, "{:#}", checked.report);
        let made = serve(service, &by_file);
        let checked = check_of(service, &transport, &[&made.address.to_string()]);
        assert_eq!(checked.exit, 0, "{:#}", checked.report);
    }
}
