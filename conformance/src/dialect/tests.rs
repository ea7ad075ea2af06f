//! Dialect files and their schema, and dialogues said and heard in their words.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};

use super::*;
use crate::judge::{Fault, Kind};
use crate::transcript::{self, Client, Dialogue};

/// A calculator as most are.
const PLAIN: &str = "framing = { ends = \"\\n\" }\nrequest = \"{left} {operator} {right}\"\n\
                     reply = \"{left}{operator}{right} = {result}\"\n";

pub(super) fn calculator(keys: &str) -> Dialect {
    let text = format!("[calculator]\n{keys}");
    let wrong = |wrong: settings::Wrong| panic!("{}\n\n{text}", wrong.what);
    file::dialect("test", &text, Service::Calculator).unwrap_or_else(wrong)
}

/// Every dialect file that there is, with its name.
fn files() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/classroom/dialects");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let text = std::fs::read_to_string(entry.path().join(format!("{name}.toml"))).unwrap();
            (name, text)
        })
        .collect();
    files.extend(BUILT_IN.map(|(name, text)| (name.to_owned(), text.to_owned())));
    files.push(("template".to_owned(), TEMPLATE.to_owned()));
    assert!(files.len() > 10);
    files
}

/// What the schema finds wrong with a file.
fn unlike_schema(text: &str) -> Vec<String> {
    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
    });
    let file: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n\n{text}"));
    let file = serde_json::to_value(file).unwrap();
    VALIDATOR.iter_errors(&file).map(|error| error.to_string()).collect()
}

/// What is wrong with a file, of whatever services it is.
fn wrong_with(text: &str) -> Option<String> {
    match file::services(text) {
        Ok(services) => services
            .into_iter()
            .find_map(|service| file::dialect("test", text, service).err())
            .map(|wrong| wrong.what),
        Err(wrong) => Some(wrong.what),
    }
}

#[test]
fn every_file_is_read_and_is_of_the_schema() {
    for (name, text) in files() {
        assert_eq!(wrong_with(&text), None, "{name}");
        assert_eq!(unlike_schema(&text), Vec::<String>::new(), "{name}");
    }
}

/// The keys that a table takes, as it says itself of one that it does not take.
fn keys(text: &str) -> Vec<String> {
    let wrong = wrong_with(text).unwrap();
    assert!(wrong.starts_with("unknown field `zzz`"), "{wrong}");
    wrong.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// Tables of keys, each as the beginning of a file of which the last line is one of them.
const TABLES: [&str; 6] = [
    "[calculator]\n",
    "[[calculator.also]]\n",
    "[calculator.quit]\n",
    "[calculator.framing]\n",
    "[calculator.operands]\n",
    "[calculator.reply-framing]\n",
];

/// The template with an example said: lines that begin with `#` and no blank, those that follow each other together as long as
/// each has another key. What they say instead of what stands there takes its place.
fn examples() -> Vec<String> {
    let lines: Vec<&str> = TEMPLATE.lines().collect();
    let key = |line: &str| line.split([' ', '=']).next().unwrap_or_default().to_owned();
    let example = |line: &str| {
        let said = line.strip_prefix('#')?;
        (!said.starts_with([' ', ':']) && !said.is_empty()).then(|| said.to_owned())
    };
    let mut examples: Vec<(usize, Vec<String>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(said) = example(line) else { continue };
        match examples.last_mut() {
            Some((begin, group))
                if *begin + group.len() == at
                    && !group.iter().any(|other| key(other) == key(&said)) =>
            {
                group.push(said);
            }
            _ => examples.push((at, vec![said])),
        }
    }
    let said = |(begin, group): &(usize, Vec<String>)| {
        let table = |at: usize| lines[..at].iter().rposition(|line| line.starts_with('['));
        let mut out = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            match at.checked_sub(*begin).and_then(|place| group.get(place)) {
                Some(said) => out.push(said.clone()),
                None => {
                    let is_replaced = !group[0].starts_with('[')
                        && group.iter().any(|said| key(said) == key(line));
                    if !(is_replaced && table(at) == table(*begin)) {
                        out.push((*line).to_owned());
                    }
                }
            }
        }
        out.join("\n")
    };
    examples.iter().map(said).collect()
}

#[test]
fn every_example_of_the_template_is_true() {
    let examples = examples();
    assert!(examples.len() > 50, "{}", examples.len());
    for text in examples {
        // Prompts are for what is sent before the last message.
        assert_eq!(wrong_with(&text), None, "{text}");
        assert_eq!(unlike_schema(&text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_template_and_the_schema_have_every_key() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    for table in TABLES {
        for key in keys(&format!("{table}zzz = 1")) {
            let is_said = TEMPLATE.lines().any(|line| {
                let line = line.strip_prefix('#').unwrap_or(line);
                line.starts_with(&format!("{key} = "))
                    || line.starts_with(&format!("[calculator.{key}]"))
                    || line.starts_with(&format!("[[calculator.{key}]]"))
                    || line.contains(&format!("{{ {key} = "))
                    || line.contains(&format!(", {key} = "))
            });
            assert!(is_said, "the template is silent about `{key}`");
            assert!(SCHEMA.contains(&format!("\"{key}\":")), "the schema has no `{key}`");
        }
    }
    for service in Service::ALL {
        assert!(schema["properties"][service.as_str()].is_object(), "{service}");
        assert!(TEMPLATE.contains(&format!("[{service}]")), "{service}");
    }
    // The address that editors read it from is the place where it stands.
    let first = TEMPLATE.lines().next().unwrap();
    let (_, path) = first.split_once("/main/").unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    assert_eq!(std::fs::read_to_string(root.join(path)).unwrap(), SCHEMA);
}

/// What is refused because of a key, or of what kind its value is, the schema refuses, too; what is taken, it takes.
#[test]
fn the_schema_refuses_what_is_refused() {
    let values = [
        "1",
        "-1",
        "300",
        "0.5",
        "true",
        "\"word\"",
        "\"\"",
        "[]",
        "[1]",
        "[\"word\"]",
        "{}",
        "{ zzz = 1 }",
        "\"none\"",
        "\"once\"",
        "\"one\"",
        "\"python\"",
        "{ decimals = 3 }",
        "{ decimals = 300 }",
        "{ \"+\" = \"plain\" }",
        "{ \"%\" = \"plain\" }",
        "{ words = [] }",
        "{ words = \"q\", stops = 1 }",
        "{ least = 1 }",
        "{ ends = 1 }",
        "{ ends = \"\" }",
        "{ length = 9 }",
        "{ length = 2, size = 2 }",
        "{ digits = 0 }",
        "{ size = 0 }",
        "{ size = 9, pad = \"ab\" }",
        "{ pad = \" \" }",
        "{ syntax = 1 }",
        "{ syntaks = \"x\" }",
        "{ silent = \"syntax\" }",
        "{ silent = [\"syntaks\"] }",
        "{ FRAME-1 = \"must\" }",
        "{ FRAME-1 = \"none\" }",
        "[{ request = 1, reply = \"x\" }]",
        "[{ request = \"x\" }]",
    ];
    let (mut refused, mut taken) = (0, 0);
    for service in Service::ALL {
        let needed = [
            ("framing", "{ ends = \"\\n\" }"),
            ("request", "\"{left} {operator} {right}\""),
            ("reply", "\"reply\""),
        ];
        for key in keys("[calculator]\nzzz = 1") {
            for value in values {
                let others = needed.iter().filter(|(name, _)| {
                    *name != key
                        && (*name != "request" || *service == Service::Calculator)
                        && (*name != "reply" || *service != Service::Connect)
                });
                let mut text = format!("[{service}]\n{key} = {value}\n");
                others.for_each(|(name, value)| text += &format!("{name} = {value}\n"));
                let wrong = wrong_with(&text);
                let is_unlike = !unlike_schema(&text).is_empty();
                match wrong {
                    None => {
                        taken += 1;
                        assert!(!is_unlike, "the schema refuses what is taken:\n{text}");
                    }
                    Some(what) => {
                        let by_kind = file::services(&text).is_err()
                            || what.contains("has no `")
                            || what.contains("is none of the operators")
                            || what.contains("is no error");
                        refused += usize::from(by_kind);
                        assert!(
                            !by_kind || is_unlike,
                            "the schema takes what is refused, {what}:\n{text}"
                        );
                    }
                }
            }
        }
    }
    assert!(refused > 1000 && taken > 50, "{refused} {taken}");
    assert!(!unlike_schema("[calculater]\n").is_empty());
}

fn dialogue(written: &str) -> Dialogue {
    let source = format!("case test\ncovers FRAME-1\nservice calculator\n{written}");
    let read = transcript::parse("test", &source).unwrap_or_else(|error| panic!("{error}"));
    read.into_iter().next().unwrap().dialogue
}

/// A dialogue in the words of a dialect, as it is written.
fn said(dialect: &Dialect, written: &str) -> Option<String> {
    let speech = dialect.speak(&dialogue(written), Transport::Tcp)?;
    assert_eq!(speech.origin.len(), speech.dialogue.steps.len());
    Some(speech.dialogue.to_string())
}

#[test]
fn dialogues_in_other_words() {
    let worded = calculator(&format!(
        "{PLAIN}operators = {{ \"+\" = \"ADD\", \"/\" = \"DIV\" }}\nresult = {{ \"/\" = {{ decimals = 3 }} }}\n\
         greeting = \"hello\"\n[calculator.errors]\ndivision-by-zero = \"no {{any}}\"\nsilent = [\"syntax\"]\n\
         closes = [\"operator\"]\n"
    ));
    for (written, due) in [
        (
            "> 10 20 +\n< Sum of 10 and 20 is 30\n! end\n? closed\n",
            "! open\n< hello\n> 10 ADD 20\n< 10ADD20 = 30\n! end\n? closed\n",
        ),
        (
            "> 10 3 /\n< Div of 10 and 3 is 3.3333333333333335\n",
            "! open\n< hello\n> 10 DIV 3\n< 10DIV3 = 3.333\n",
        ),
        // What is silent is seen by what comes next.
        (
            "> 1 / 0\n< ERR division-by-zero\\{detail}\n> what\n< ERR syntax\\{detail}\n> 1+1\n< 1+1 = 2\n",
            "! open\n< hello\n> 1 DIV 0\n< no \\{any}\n> what\n> 1 ADD 1\n< 1ADD1 = 2\n",
        ),
        ("> 1 % 2\n< ERR operator\\{detail}\n", "! open\n< hello\n> 1 % 2\n? closed\n"),
    ] {
        assert_eq!(said(&worded, written).as_deref(), Some(due), "{written}");
    }
    // There is no word for it; it is not calculated with; nothing is said of what comes of it.
    for unsayable in [
        "> 2 3 *\n< Product of 2 and 3 is 6\n",
        "> 10000 1 +\n< Sum of 10000 and 1 is 10001\n",
        "> +1 1 +\n< Sum of +1 and 1 is 2\n",
        ">\n< ERR empty\\{detail}\n",
    ] {
        assert_eq!(said(&worded, unsayable), None, "{unsayable}");
    }
}

#[test]
fn messages_that_end_otherwise() {
    let framed = |framing: &str| calculator(&PLAIN.replace("{ ends = \"\\n\" }", framing));
    let one = "> 1 2 +\n< Sum of 1 and 2 is 3\n! end\n? closed\n";
    let two = "> 1 2 +\n> 3 4 +\n< Sum of 1 and 2 is 3\n< Sum of 3 and 4 is 7\n";
    for framing in ["{ length = 2 }", "{ digits = 16 }", "{ size = 32 }", "{ ends = \";\" }"] {
        assert!(said(&framed(framing), one).is_some() && said(&framed(framing), two).is_some());
    }
    // Where nothing tells replies apart, two are not asked for at once.
    assert!(said(&framed("\"none\""), one).is_some());
    assert_eq!(said(&framed("\"none\""), two), None);
    // What the end of the stream ends is asked once.
    let ended = framed("\"end\"\nrequests = \"one\"");
    let due = "> 1 + 2\n! end\n< 1+2 = 3\n? closed\n";
    assert_eq!(said(&ended, one).as_deref(), Some(due));
    assert_eq!(said(&ended, two), None);
    let syntax = "[calculator.errors]\nempty = \"error\"\nsyntax = \"error\"\n";
    let empty = ">\n< ERR empty\\{detail}\n";
    assert_eq!(said(&framed(&format!("\"end\"\nrequests = \"one\"\n{}", "")), empty), None);
    assert!(said(&calculator(&format!("{PLAIN}{syntax}")), empty).is_some());
}

#[test]
fn requests_of_several_messages() {
    let keys = "framing = { ends = \"\\n\" }\nrequest = [\"{left}\", \"{operator}\", \"{right}\"]\n\
                prompts = [\"operator?\", \"\"]\nreply = \"{result}\"\nquit = { words = \"q\" }\n\
                [calculator.errors]\nsyntax = \"error\"\ndivision-by-zero = \"error\"\n";
    let several = calculator(keys);
    let one = "> 1 2 +\n< Sum of 1 and 2 is 3\n";
    assert_eq!(
        said(&several, one).as_deref(),
        Some(">> 1\\n\n< operator?\n>> +\\n\n>> 2\\n\n< 3\n")
    );
    // Nobody says which of the messages is refused.
    assert_eq!(said(&several, "> what\n< ERR syntax\\{detail}\n"), None);
}

/// A word that ends the conversation is no request, whatever else it may say.
#[test]
fn a_quit_word_asks_nothing() {
    let zero = "> 0 0 /\n< ERR division-by-zero\\{detail}\n";
    let errors = "[calculator.errors]\ndivision-by-zero = \"error\"\n";
    assert!(said(&calculator(&format!("{PLAIN}{errors}")), zero).is_some());
    let quit = format!("{PLAIN}quit = {{ words = \"0 / 0\" }}\n{errors}");
    assert_eq!(said(&calculator(&quit), zero), None);
}

/// A wrong reply is one of `line`, where it is known which.
#[test]
fn faults_in_the_words_of_line() {
    let dialect = calculator(&format!("{PLAIN}[calculator.errors]\nsyntax = \"bad\"\n"));
    let line = dialogue("> 1 2 +\n< Sum of 1 and 2 is 3\n");
    let speech = dialect.speak(&line, Transport::Tcp).unwrap();
    for (came, meant) in [
        ("1+2 = 4", "Sum of 1 and 2 is 4"),
        ("bad", "ERR syntax"),
        ("something else", "something else"),
    ] {
        let fault = Fault { step: 1, client: Client::A, kind: Kind::Wrong(came.into()) };
        let heard = dialect.heard(&line, &speech, &fault, Transport::Tcp);
        assert_eq!(heard.kind, Kind::Wrong(meant.into()), "{came}");
    }
}

/// Octets of requests, and of much that is none.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => Just("\n".to_owned()),
        2 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        3 => "[+-]?[0-9]{1,4} [0-9]{1,3} {1,2}[-+*/%x]",
        3 => "-?[0-9]{1,3} ?[-+*/%^] ?[+-]?[0-9]{1,3}",
        2 => "\\( ?[-+*/%] ?, ?[0-9]{1,3} ?, ?-?[0-9]{1,3} ?\\)",
        1 => "[ 0-9a-z+(),é\u{0}\t]{0,12}",
        1 => (1020usize..1028).prop_map(|n| "7".repeat(n)),
    ];
    let octets = prop_oneof![9 => piece.prop_map(String::into_bytes), 1 => vec(any::<u8>(), 0..4)];
    vec(octets, 0..16).prop_map(|pieces| pieces.concat())
}

/// What a server says on a connection on which these pieces arrive, and to a datagram.
fn replies(mut server: Box<dyn Server>, pieces: &[&[u8]]) -> (Vec<u8>, Vec<Action>) {
    let (connection, mut actions) = (Connection(1), Vec::new());
    server.on(Now::ZERO, Event::Accepted(connection), &mut actions);
    for piece in pieces {
        server.on(Now::ZERO, Event::Received(connection, piece), &mut actions);
    }
    server.on(Now::ZERO, Event::Ended(connection), &mut actions);
    let peer: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let whole = pieces.concat();
    server.on(Now::ZERO, Event::Datagram(peer, &whole[..whole.len().min(2000)]), &mut actions);
    let (mut said, mut others) = (Vec::new(), Vec::new());
    for action in actions {
        match action {
            Action::Send(_, octets) => said.extend(octets),
            other => others.push(other),
        }
    }
    (said, others)
}

proptest! {
    /// The file of `line` says what SPEC.md does: a server made of it answers as the reference does, octet by octet.
    #[test]
    fn the_file_of_line_is_line(stream in stream(), cuts in vec(any::<prop::sample::Index>(), 0..4), service in prop::sample::select(&[Service::Calculator, Service::WordLength, Service::Message, Service::Greeting][..])) {
        let (_, text) = BUILT_IN[0];
        let dialect = file::dialect(LINE, text, service).map_err(|wrong| wrong.what).unwrap();
        let mut places: BTreeSet<usize> = cuts.iter().map(|it| it.index(stream.len() + 1)).collect();
        places.extend([0, stream.len()]);
        let places: Vec<usize> = places.into_iter().collect();
        let pieces: Vec<&[u8]> = places.windows(2).map(|two| &stream[two[0]..two[1]]).collect();
        let reference = || Box::new(Responder::of(service));
        let (due, came) = (replies(reference(), &pieces), replies(dialect.server(reference()), &pieces));
        prop_assert_eq!(String::from_utf8_lossy(&came.0), String::from_utf8_lossy(&due.0));
        prop_assert_eq!(came.1, due.1);
    }
}
