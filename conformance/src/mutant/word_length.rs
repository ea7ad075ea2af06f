//! Wrong servers of word-length.

use std::borrow::Cow;
use std::collections::BTreeSet;

use trueline_protocol::error::ErrorCode;
use trueline_protocol::grammar::is_blank;
use trueline_protocol::responder::Server;
use trueline_protocol::service::{Reply, Service};
use trueline_protocol::word_length::Lengths;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::seam::{answering, right, wording};
use super::{Mutant, of};

pub(super) fn mutants() -> Vec<Mutant> {
    let spelling = of(Service::WordLength, "spelling", None);
    let meaning = of(Service::WordLength, "meaning", None);
    let characters =
        "Decode the octets first, then count what a `str` of Python holds: code points.";
    vec![
        spelling("counts-octets", "WORD-2", "counts octets", characters, |service| {
            counting(service, str::len)
        }),
        spelling("counts-utf16", "WORD-2", "counts units of UTF-16", characters, |service| {
            counting(service, |word| word.encode_utf16().count())
        }),
        spelling(
            "counts-graphemes",
            "WORD-2",
            "counts what a reader takes for letters",
            "Count code points: `e` and a combining accent are two.",
            |service| counting(service, |word| word.graphemes(true).count()),
        ),
        spelling(
            "counts-letters",
            "WORD-2",
            "counts letters and digits only",
            "Signs and marks are characters, too.",
            |service| {
                counting(service, |word| word.chars().filter(|c| c.is_alphanumeric()).count())
            },
        ),
        spelling(
            "counts-one-more",
            "WORD-2",
            "counts one character too many",
            "A word of five characters has length 5: len(), and no more.",
            |service| counting(service, |word| word.chars().count() + 1),
        ),
        spelling(
            "counts-terminator",
            "WORD-2 WORD-4",
            "counts the end of the line with the last word",
            "Remove the terminator before you split.",
            |service| {
                wording(service, |reply| match reply {
                    Reply::WordLength(Lengths { words }) => {
                        let last = words.len() - 1;
                        joined(words.iter().enumerate().map(|(at, word)| {
                            pair(word.chars().count() + usize::from(at == last), first(word))
                        }))
                    }
                    reply => reply.to_string(),
                })
            },
        ),
        meaning(
            "composes",
            "WORD-2 WORD-3",
            "composes letters and their marks before it counts",
            "Do not normalise: count what was sent.",
            |service| mapping(service, |word| word.nfc().collect()),
        ),
        meaning(
            "strips-mark",
            "WORD-2 WORD-3",
            "removes a byte order mark at the beginning of a request",
            "U+FEFF is a character like any other. JavaScript's trim and TextDecoder remove it.",
            |service| {
                answering(service, |text| {
                    right(Service::WordLength, text.strip_prefix('\u{feff}').unwrap_or(text))
                })
            },
        ),
        meaning(
            "folds-case",
            "WORD-3",
            "changes words to small letters",
            "Answer with the first character as it was sent.",
            |service| mapping(service, |word| word.chars().map(small).collect()),
        ),
        spelling(
            "first-octet",
            "WORD-3",
            "takes the first octet of a word for its first character",
            characters,
            |service| beginning(service, |word| char::from(word.as_bytes()[0]).to_string()),
        ),
        spelling(
            "first-unit",
            "WORD-3",
            "takes the first unit of UTF-16 for the first character",
            "Half of a surrogate pair is no character: iterate over code points.",
            |service| {
                beginning(service, |word| {
                    let units: Vec<u16> = word.encode_utf16().take(1).collect();
                    String::from_utf16_lossy(&units)
                })
            },
        ),
        spelling(
            "first-grapheme",
            "WORD-3",
            "answers with the first letter and the marks upon it",
            "Answer with one code point.",
            |service| beginning(service, |word| word.graphemes(true).take(1).collect()),
        ),
        spelling(
            "last-character",
            "WORD-3",
            "answers with the last character",
            "Answer with the first.",
            |service| beginning(service, |word| word.chars().last().into_iter().collect()),
        ),
        meaning(
            "first-word",
            "WORD-1 WORD-4 WORD-6",
            "answers the first word only",
            "Answer each word.",
            |service| choosing(service, |words| words.truncate(1)),
        ),
        meaning(
            "forgets-repeated",
            "WORD-1 WORD-6",
            "answers a word that comes twice once",
            "Answer each word; a dict or a set keeps only one of them.",
            |service| {
                choosing(service, |words| {
                    let mut seen = BTreeSet::new();
                    words.retain(|word| seen.insert(word.clone()));
                })
            },
        ),
        meaning(
            "sorts-words",
            "WORD-1 WORD-4 WORD-6",
            "answers the words in the order of the alphabet",
            "Answer them in the order of the request; a set has none.",
            |service| choosing(service, |words| words.sort()),
        ),
        meaning(
            "hundred-words",
            "WORD-6",
            "answers a hundred words at most",
            "Answer all words of a line.",
            |service| choosing(service, |words| words.truncate(100)),
        ),
        spelling(
            "whole-line",
            "WORD-1 WORD-4 WORD-6",
            "answers with the length of the whole line",
            "Split the request at blanks.",
            |service| {
                wording(service, |reply| match reply {
                    Reply::WordLength(Lengths { words }) => {
                        let line = words.join(" ");
                        pair(line.chars().count(), first(&line))
                    }
                    reply => reply.to_string(),
                })
            },
        ),
        spelling(
            "letter-first",
            "WORD-1",
            "writes the letter before the number",
            "The number comes first: `5 h`.",
            |service| words(service, |word| format!("{} {}", first(word), word.chars().count())),
        ),
        spelling(
            "joins-by-comma",
            "WORD-1",
            "writes no blank behind the comma",
            "Join the pairs with a comma and a blank.",
            |service| {
                wording(service, |reply| match reply {
                    Reply::WordLength(_) => reply.to_string().replace(", ", ","),
                    reply => reply.to_string(),
                })
            },
        ),
        spelling(
            "trailing-comma",
            "WORD-1 WORD-4 WORD-6",
            "writes a comma behind the last pair",
            "Write the comma between pairs: `\", \".join(pairs)`.",
            |service| {
                wording(service, |reply| match reply {
                    Reply::WordLength(_) => format!("{reply}, "),
                    reply => reply.to_string(),
                })
            },
        ),
        spelling(
            "short-reply",
            "WORD-6",
            "cuts its reply at 1024 octets",
            "A reply may have 4096 octets; sendall sends them all.",
            |service| {
                wording(service, |reply| {
                    let mut reply = reply.to_string();
                    reply.truncate(reply.floor_char_boundary(1024));
                    reply
                })
            },
        ),
        meaning(
            "splits-at-each-blank",
            "WORD-4",
            "takes two blanks for a word of no letters",
            "Several blanks separate like one: split() without an argument, not split(' ').",
            |service| {
                answering(service, |text| {
                    if text.chars().all(is_blank) {
                        return right(Service::WordLength, text);
                    }
                    let words = text.split(is_blank).map(|word| Cow::Owned(word.to_owned()));
                    Reply::WordLength(Lengths { words: words.collect() })
                })
            },
        ),
        meaning(
            "tab-is-letter",
            "WORD-4",
            "takes HTAB for a letter",
            "Blanks are SP and HTAB.",
            |service| {
                answering(service, |text| {
                    if text.chars().all(is_blank) {
                        return right(Service::WordLength, text);
                    }
                    let words = text.split(' ').filter(|word| !word.is_empty());
                    Reply::WordLength(words.collect::<Lengths<'_>>().into_owned())
                })
            },
        ),
        meaning(
            "nothing-for-blanks",
            "WORD-5",
            "answers a request of blanks with an empty reply",
            "No word is `ERR empty`.",
            |service| {
                answering(service, |text| {
                    if !text.is_empty() && text.chars().all(is_blank) {
                        return Reply::WordLength(Lengths { words: Vec::new() });
                    }
                    right(Service::WordLength, text)
                })
            },
        ),
        meaning(
            "one-word-only",
            "WORD-1 WORD-4 WORD-6",
            "refuses requests of several words",
            "A request is one word or more.",
            |service| {
                answering(service, |text| match right(Service::WordLength, text) {
                    Reply::WordLength(Lengths { words }) if words.len() > 1 => {
                        Reply::Error(ErrorCode::Syntax)
                    }
                    reply => reply,
                })
            },
        ),
    ]
}

fn pair(length: usize, letter: impl std::fmt::Display) -> String {
    format!("{length} {letter}")
}

fn joined(pairs: impl Iterator<Item = String>) -> String {
    pairs.collect::<Vec<_>>().join(", ")
}

/// The first character of a word, where there is one.
fn first(word: &str) -> String {
    word.chars().take(1).collect()
}

/// The small letter, where it is one character, too.
fn small(c: char) -> char {
    let mut lower = c.to_lowercase();
    lower.next().filter(|_| lower.next().is_none()).unwrap_or(c)
}

/// Writes each word otherwise.
fn words(service: Service, word: fn(&str) -> String) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        Reply::WordLength(Lengths { words }) => joined(words.iter().map(|it| word(it))),
        reply => reply.to_string(),
    })
}

/// Counts otherwise.
fn counting(service: Service, count: fn(&str) -> usize) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        Reply::WordLength(Lengths { words }) => {
            joined(words.iter().map(|word| pair(count(word), first(word))))
        }
        reply => reply.to_string(),
    })
}

/// Takes something else for the first character.
fn beginning(service: Service, begin: fn(&str) -> String) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        Reply::WordLength(Lengths { words }) => {
            joined(words.iter().map(|word| pair(word.chars().count(), begin(word))))
        }
        reply => reply.to_string(),
    })
}

/// Answers to other words.
fn mapping(service: Service, map: fn(&str) -> String) -> Box<dyn Server> {
    answering(service, move |text| match right(Service::WordLength, text) {
        Reply::WordLength(Lengths { words }) => {
            let words = words.iter().map(|word| Cow::Owned(map(word)));
            Reply::WordLength(Lengths { words: words.collect() })
        }
        reply => reply,
    })
}

/// Answers some of the words, or all in another order.
fn choosing(service: Service, choose: fn(&mut Vec<Cow<'static, str>>)) -> Box<dyn Server> {
    answering(service, move |text| match right(Service::WordLength, text) {
        Reply::WordLength(Lengths { mut words }) => {
            choose(&mut words);
            Reply::WordLength(Lengths { words })
        }
        reply => reply,
    })
}
