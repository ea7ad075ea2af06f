//! Generated cases of SPEC.md section 6.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::Service;

use super::{Case, Stage, generated};
use crate::service::word_length::{foreign, latin, line, spaced, word};
use crate::service::{ask, blanks, texts};
use crate::spec::Spec;
use crate::transcript::{Dialogue, Transcript};

/// Most octets of a line that is not about long lines.
const MOST: usize = 900;

/// The test vectors of SPEC.md section 15.
const VECTORS: &str = include_str!("../../../protocol/vectors/words.tsv");

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, covers: &str, stage, dialogues| {
        generated(Service::WordLength, name, covers, None, stage, true, dialogues)
    };
    vec![
        of("word-length.any", "WORD-1", Stage::One, |_| asked(line(vec(latin(), 1..9), MOST))),
        of("word-length.characters.any", "WORD-2", Stage::One, |_| {
            asked(line(vec(word(), 1..12), MOST))
        }),
        of("word-length.first.any", "WORD-3", Stage::One, |_| {
            asked(line(vec(foreign(), 1..8), MOST))
        }),
        of("word-length.blanks.any", "WORD-4", Stage::One, |_| asked(spaced())),
        of("word-length.blank.any", "WORD-5", Stage::Errors, |_| asked(blanks())),
        of("word-length.many.any", "WORD-6", Stage::One, |_| {
            asked(line(vec(texts("1*4%x61-7A"), 30..500), REQUEST_TEXT_MAX))
        }),
        of("word-length.many.characters", "WORD-2", Stage::One, |_| {
            asked(line(vec(word(), 20..120), MOST))
        }),
        vectors(),
    ]
}

fn asked(requests: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Dialogue> {
    requests.prop_map(|request| ask(Service::WordLength, &request)).boxed()
}

/// The test vectors, with the replies that they say.
fn vectors() -> Case {
    let rows = VECTORS.lines().filter(|line| !line.starts_with('#'));
    let asked = rows.filter_map(|row| {
        let (word, rest) = row.split_once('\t')?;
        let (length, _) = rest.split_once('\t')?;
        let reply = format!("{length} {}", word.chars().next()?);
        Some(Dialogue::pair(word, crate::transcript::Text::octets(reply)))
    });
    let transcript = Transcript {
        name: "word-length.vectors".to_owned(),
        covers: vec!["WORD-2".to_owned(), "WORD-3".to_owned()],
        dialogue: Dialogue::joined(&asked.collect::<Vec<_>>()),
        ..Transcript::default()
    };
    super::known(&transcript, Spec::current(), Service::WordLength)
}
