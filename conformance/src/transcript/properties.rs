//! Printing and reading are each other's inverse, and no source makes the parser panic.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    let repeated = (any::<char>(), 1..40usize).prop_map(|(c, count)| c.to_string().repeat(count));
    let edges = select(vec![" ", "  ", "\\", "{", "}", "*", "\t", "\r\n", "\u{301}", "\u{feff}"]);
    prop_oneof![
        vec(any::<u8>(), 0..12),
        any::<String>().prop_map(String::into_bytes),
        repeated.prop_map(String::into_bytes),
        (edges, 1..20usize).prop_map(|(edge, count)| edge.repeat(count).into_bytes()),
    ]
}

fn sent() -> impl Strategy<Value = Text> {
    vec(octets(), 0..4).prop_map(|octets| Text::octets(octets.concat()))
}

fn expected() -> impl Strategy<Value = Text> {
    let near = Near::new(-2.5, 0.01).map(Hole::Near);
    let holes =
        [Hole::Detail, Hole::Time, Hole::Now, Hole::Any, Hole::Blanks].into_iter().chain(near);
    let hole = select(holes.collect::<Vec<_>>()).prop_map(Piece::Hole);
    let piece = prop_oneof![2 => octets().prop_map(Piece::Octets), 1 => hole];
    vec(piece, 0..6).prop_map(|pieces| pieces.into_iter().collect())
}

fn step() -> impl Strategy<Value = Step> {
    let wordy = grammar::DEEDS.into_iter().chain(grammar::EXPECTATIONS);
    let act = prop_oneof![
        (sent(), any::<bool>()).prop_map(|(text, framed)| Act::Send { text, framed }),
        (expected(), any::<bool>()).prop_map(|(text, framed)| Act::Expect { text, framed }),
        select(wordy.map(|(_, act)| act).collect::<Vec<_>>()),
        sent().prop_map(Act::Type),
        expected().prop_map(Act::Printed),
    ];
    let client = prop::char::range('A', 'Z').prop_map(|letter| Client::new(letter).unwrap());
    prop_oneof![
        6 => (client, act).prop_map(|(client, act)| Step { client, act }),
        1 => r"[^\p{Cc}]{0,12}".prop_map(Step::note),
    ]
}

fn transcript() -> impl Strategy<Value = Transcript> {
    let ids = || vec("[A-Za-z0-9.-]{1,8}", 0..3);
    let value = || option::of(r"[^\p{Cc} ]([^\p{Cc}]{0,8}[^\p{Cc} ])?");
    let transport = option::of(select(vec!["tcp".to_owned(), "udp".to_owned()]));
    let head = ("[A-Za-z0-9.-]{1,12}", ids(), ids(), value(), value(), transport, value());
    (head, vec(step(), 0..8)).prop_map(
        |((name, covers, needs, service, dialect, transport, deliver), steps)| Transcript {
            name,
            covers,
            needs,
            service,
            dialect,
            transport,
            deliver,
            dialogue: Dialogue::of(steps),
        },
    )
}

/// Source that gets past the first character more often than arbitrary strings do.
fn nearly() -> impl Strategy<Value = String> {
    let parts = [
        "case",
        "covers",
        "needs",
        "transport",
        "tcp",
        " ",
        "\n",
        "\r\n",
        "A",
        "B",
        ">",
        "<",
        "$",
        "!",
        "?",
        "#",
        "open",
        "quiet",
        "\\",
        "\\x",
        "\\u{",
        "\\{",
        "any",
        "9",
        "*",
        "}",
        "ff",
        "ä",
        "\t",
        "\u{feff}",
    ];
    vec(select(parts.to_vec()), 0..40).prop_map(|parts| parts.concat())
}

fn print(cases: &[Transcript]) -> String {
    cases.iter().map(Transcript::to_string).collect()
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(cases in vec(transcript(), 1..4)) {
        let printed = print(&cases);
        prop_assert_eq!(&parse("test", &printed).unwrap(), &cases);
        prop_assert_eq!(parse("test", &printed.replace('\n', "\r\n")).unwrap(), cases);
        let hidden = |c: char| c.is_control() && c != '\n';
        prop_assert!(!printed.contains(hidden));
    }

    #[test]
    fn what_is_read_prints_canonically(source in nearly()) {
        if let Ok(cases) = parse("test", &format!("case a\n{source}")) {
            prop_assert_eq!(parse("test", &print(&cases)).unwrap(), cases);
        }
    }

    #[test]
    fn nothing_panics(source in prop_oneof![any::<String>(), nearly()]) {
        for source in [source.clone(), format!("case a\n> {source}")] {
            if let Err(error) = parse("test", &source) {
                prop_assert!(error.line() > 0 && error.column() > 0);
                prop_assert!(!error.to_string().contains(char::is_control));
            }
        }
    }

    #[test]
    fn nothing_panics_on_a_spoilt_transcript(
        cases in vec(transcript(), 1..3),
        spoils in vec((any::<Index>(), 0..4usize, vec(any::<u8>(), 0..3)), 1..4),
    ) {
        let mut source = print(&cases).into_bytes();
        for (place, length, put) in spoils {
            let start = place.index(source.len() + 1);
            let end = source.len().min(start + length);
            source.splice(start..end, put);
        }
        if let Err(error) = parse_octets("test", &source) {
            prop_assert!(error.line() > 0 && error.column() > 0);
        }
    }
}
