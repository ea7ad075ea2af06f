//! Every requirement has its page, the pages are true to SPEC.md and to the zoo, and the document made of them is current.

use std::collections::BTreeSet;
use std::process::Command;

use trueline_conformance::page::{self, Page, read};
use trueline_conformance::report::Colours;
use trueline_conformance::spec::{Id, Party, Spec};

/// Columns of a line of Python: it is indented by four.
const PYTHON_COLUMNS: usize = 76;

fn pages() -> impl Iterator<Item = &'static Page> {
    page::areas().iter().flat_map(|area| &area.pages)
}

#[test]
fn every_requirement_has_a_page_and_no_other() {
    let required: BTreeSet<Id> = Spec::current().requirements().map(|it| it.id).collect();
    let taught: BTreeSet<Id> = pages().map(|page| page.id).collect();
    let without: Vec<_> = required.difference(&taught).collect();
    assert!(without.is_empty(), "no page says why {without:?} matter");
    let unknown: Vec<_> = taught.difference(&required).collect();
    assert!(unknown.is_empty(), "SPEC.md has no {unknown:?}");
}

#[test]
fn what_can_be_tested_has_a_mistake_and_a_right_and_a_wrong_exchange() {
    // What only a kernel shows is shown by no exchange in simulation.
    let kernel: BTreeSet<&str> = ["FRAME-21", "FRAME-25", "MSG-4"].into();
    for page in pages() {
        let id = page.id.to_string();
        if Spec::current().get(page.id).is_some_and(|it| it.untested.is_some()) {
            continue;
        }
        assert!(page.usual.is_some(), "{id} has no mistake");
        if Spec::current().get(page.id).is_some_and(|it| it.party == Party::Client) {
            assert!(page::right_of_client(page.id).is_some(), "no case of {id}");
            continue;
        }
        assert!(page::right(page.id).is_some(), "SPEC.md has no example of {id}");
        match page::wrong(page.id, page.usual.as_ref()) {
            Ok(wrong) => {
                assert!(wrong.mutant.breaks(wrong.service).contains(&page.id), "{id}");
                assert!(!wrong.shown(Colours::None).is_empty(), "{id} shows nothing");
                // A page that names a wrong server shows that one.
                let like = page.usual.as_ref().and_then(|usual| usual.like);
                assert!(like.is_none_or(|like| like.name == wrong.mutant.name), "{id}: {like:?}");
            }
            Err(why) => assert!(kernel.contains(&*id), "{id} has no wrong exchange: {why}"),
        }
    }
}

#[test]
fn the_python_compiles() {
    let compiles = "import sys\nfor name, lines in zip(sys.argv[1::2], sys.argv[2::2]): compile(lines, name, 'exec')";
    let mut python = Command::new("python3");
    python.args(["-c", compiles]);
    for (page, usual) in pages().filter_map(|page| Some((page, page.usual.as_ref()?))) {
        for lines in [&usual.mistake, &usual.mend] {
            let wide = lines.lines().find(|line| line.len() > PYTHON_COLUMNS);
            assert_eq!(wide, None, "{} is too wide for a terminal of 80 columns", page.id);
            python.args([&page.id.to_string(), lines]);
        }
    }
    let done = python
        .output()
        .expect("this test runs Python: tests/setup installs python3; 3.9 or newer it must be");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_page_is_as_wide_as_it_is_told() {
    let own = |line: &str| !line.starts_with("    ");
    for columns in [60, 80] {
        for page in pages() {
            let text = page::page_in_text(page, columns, Colours::None);
            let wide =
                text.lines().filter(|line| own(line)).find(|it| it.chars().count() > columns);
            assert_eq!(wide, None, "{} in {columns} columns", page.id);
            assert!(!text.contains('\x1b'), "{}", page.id);
        }
    }
}

#[test]
fn the_document_is_current() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/REQUIREMENTS.md");
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(
        kept == page::markdown(),
        "conformance/REQUIREMENTS.md is not what the pages say; renew it:\n\
         cargo run -- explain --all --markdown > conformance/REQUIREMENTS.md"
    );
}

/// What cannot be read is refused, with its place.
#[test]
fn what_is_wrong_with_a_page_is_said() {
    let told = |text: &str| read("ERR", text).unwrap_err().to_string();
    let begun = "# errors\n\nWhat is told.\n\n";
    for (rest, what) in [
        (
            "## FRAME-1\n\nWhy.\n",
            "ERR.md, line 5: a page begins with `## ERR-1`, or another number",
        ),
        ("## ERR-1\n\n## ERR-2\n\nWhy.\n", "ERR.md, line 5: say why ERR-1 matters"),
        (
            "## ERR-2\n\nWhy.\n\n## ERR-1\n\nWhy.\n",
            "ERR.md, line 9: ERR-1 belongs further up, and only once",
        ),
        (
            "## ERR-1\n\nWhy.\n\n```python mistake\npass\n```\n\nSo.\n",
            "ERR.md, line 5: the mistake of ERR-1 wants a block of `python mend`",
        ),
        (
            "## ERR-1\n\nWhy.\n\n```python mistake nobody\npass\n```\n",
            "ERR.md, line 5: no wrong server is called `nobody`",
        ),
        (
            "## ERR-1\n\nWhy.\n\n```sh\nls\n```\n",
            "ERR.md, line 5: the first block of a page is of `python mistake`",
        ),
    ] {
        assert_eq!(told(&format!("{begun}{rest}")), what);
    }
    assert_eq!(told("## ERR-1\n"), "ERR.md, line 1: the first line reads `# Title`");
}
