//! The values of a dialect file: words, texts, and tables of a few keys. What is wrong with one is told with its own place.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use trueline_protocol::dialect::Number;

use crate::dialect::{Blanks, Operands};
use crate::spec::Level;
use crate::target::Lifetime;
use crate::transport::Transport;

/// A word of a few, each of which stands for something.
pub(super) trait Words: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

/// What a word stands for.
#[derive(Clone, Copy)]
pub(super) struct Word<T>(pub(super) T);

impl Words for Transport {
    const ALL: &'static [(&'static str, Self)] = &[("tcp", Self::Tcp), ("udp", Self::Udp)];
}

impl Words for Blanks {
    const ALL: &'static [(&'static str, Self)] =
        &[("exact", Self::Exact), ("around", Self::Around)];
}

impl Words for Lifetime {
    const ALL: &'static [(&'static str, Self)] = &[("loops", Self::Loops), ("once", Self::Once)];
}

impl Words for Option<Level> {
    const ALL: &'static [(&'static str, Self)] = &[
        ("required", Some(Level::Must)),
        ("robustness", Some(Level::Should)),
        ("informational", Some(Level::May)),
        ("none", None),
    ];
}

/// How many requests a connection has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Requests {
    One,
    Many,
}

impl Words for Requests {
    const ALL: &'static [(&'static str, Self)] = &[("one", Self::One), ("many", Self::Many)];
}

/// How many clients are served at the same time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clients {
    One,
    Several,
}

impl Words for Clients {
    const ALL: &'static [(&'static str, Self)] = &[("one", Self::One), ("several", Self::Several)];
}

impl Words for Number {
    const ALL: &'static [(&'static str, Self)] = &[
        ("plain", Self::Plain),
        ("float", Self::Float),
        ("short", Self::Short),
        ("truncated", Self::Truncated),
        ("floor", Self::Floor),
        ("int32", Self::Binary32),
    ];
}

impl Words for Operands {
    const ALL: &'static [(&'static str, Self)] =
        &[("integers", Self::Integers), ("spelled", Self::Spelled), ("python", Self::Python)];
}

/// The words, as a message lists them.
fn listed<T: Words>() -> String {
    let words: Vec<String> = T::ALL.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn word<T: Words, E: Error>(text: &str) -> Result<T, E> {
    let known = T::ALL.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
    known.ok_or_else(|| E::custom(format!("unknown word `{text}`, expected {}", listed::<T>())))
}

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One<T>(PhantomData<T>);

        impl<T: Words> Visitor<'_> for One<T> {
            type Value = Word<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&listed::<T>())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Word<T>, E> {
                word(text).map(Word)
            }
        }

        deserializer.deserialize_any(One(PhantomData))
    }
}

/// A word, or a table of a few keys.
trait WordOrTable: Words {
    type Table: for<'de> Deserialize<'de>;
    /// The table, as a message shows it.
    const EXAMPLE: &'static str;
    fn of(table: Self::Table) -> Self;
}

struct Either<T>(PhantomData<T>);

impl<'de, T: WordOrTable> Visitor<'de> for Either<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, or a table such as `{}`", listed::<T>(), T::EXAMPLE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        word(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::Table::deserialize(MapAccessDeserializer::new(map)).map(T::of)
    }
}

/// Integers between these.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Between {
    least: i64,
    most: i64,
}

impl WordOrTable for Operands {
    type Table = Between;
    const EXAMPLE: &'static str = "{ least = 0, most = 1000 }";
    fn of(table: Between) -> Self {
        Self::Between(table.least, table.most)
    }
}

/// With what is calculated.
pub(super) struct Range(pub(super) Operands);

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(PhantomData)).map(Self)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decimals {
    decimals: u8,
}

impl WordOrTable for Number {
    type Table = Decimals;
    const EXAMPLE: &'static str = "{ decimals = 3 }";
    fn of(table: Decimals) -> Self {
        Self::Decimals(table.decimals)
    }
}

/// How a result is spelled.
pub(super) struct Spelled(pub(super) Number);

impl<'de> Deserialize<'de> for Spelled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(PhantomData)).map(Self)
    }
}

/// One for all operators, or one for each that is named.
pub(super) enum ByOperator<T> {
    Alike(T),
    Each(Vec<(Spanned<String>, Spanned<T>)>),
}

/// What may be said of each operator.
pub(super) trait OfOperator: for<'de> Deserialize<'de> {
    /// As a message names it.
    const EXPECTED: &'static str;
    fn text<E: Error>(text: &str) -> Result<Self, E>;
    /// What a table with this key says by itself, where it does.
    fn keyed<'de, A: MapAccess<'de>>(_key: &str, _map: &mut A) -> Result<Option<Self>, A::Error> {
        Ok(None)
    }
}

impl OfOperator for String {
    const EXPECTED: &'static str =
        "a text, or one for each operator, as in `{ \"+\" = \"…\", \"-\" = \"…\" }`";
    fn text<E: Error>(text: &str) -> Result<Self, E> {
        Ok(text.to_owned())
    }
}

impl OfOperator for Spelled {
    const EXPECTED: &'static str = "a word such as `\"plain\"`, `{ decimals = 3 }`, or one of them for each operator, as in \
         `{ \"/\" = \"float\" }`";
    fn text<E: Error>(text: &str) -> Result<Self, E> {
        word(text).map(Self)
    }
    fn keyed<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Option<Self>, A::Error> {
        let is_own = key == "decimals";
        Ok(if is_own { Some(Self(Number::Decimals(map.next_value()?))) } else { None })
    }
}

impl<'de, T: OfOperator> Deserialize<'de> for ByOperator<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<T>(PhantomData<T>);

        impl<'de, T: OfOperator> Visitor<'de> for All<T> {
            type Value = ByOperator<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ByOperator<T>, E> {
                T::text(text).map(ByOperator::Alike)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByOperator<T>, A::Error> {
                let mut each = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    if let Some(alike) = T::keyed(key.get_ref(), &mut map)? {
                        return match map.next_key::<String>()? {
                            None if each.is_empty() => Ok(ByOperator::Alike(alike)),
                            _ => Err(A::Error::custom(format!(
                                "`{}` stands alone: say it of all operators, or of each",
                                key.get_ref()
                            ))),
                        };
                    }
                    each.push((key, map.next_value()?));
                }
                Ok(ByOperator::Each(each))
            }
        }

        deserializer.deserialize_any(All(PhantomData))
    }
}

/// One value, or a list.
pub(super) enum OneOrMore<T> {
    One(T),
    More(Vec<Spanned<T>>),
}

impl<T> OneOrMore<T> {
    /// All of them, each with its place.
    pub(super) fn all(it: Spanned<Self>) -> Vec<Spanned<T>> {
        let place = it.span();
        match it.into_inner() {
            Self::One(one) => vec![Spanned::new(place, one)],
            Self::More(more) => more,
        }
    }
}

/// What a text may stand for.
pub(super) trait OfText: for<'de> Deserialize<'de> {
    /// As a message names it.
    fn expected() -> String;
    fn text<E: Error>(text: &str) -> Result<Self, E>;
}

impl OfText for String {
    fn expected() -> String {
        "a text".to_owned()
    }
    fn text<E: Error>(text: &str) -> Result<Self, E> {
        Ok(text.to_owned())
    }
}

impl<T: Words> OfText for Word<T> {
    fn expected() -> String {
        listed::<T>()
    }
    fn text<E: Error>(text: &str) -> Result<Self, E> {
        word(text).map(Self)
    }
}

impl<'de, T: OfText> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Some<T>(PhantomData<T>);

        impl<'de, T: OfText> Visitor<'de> for Some<T> {
            type Value = OneOrMore<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}, or several in brackets", T::expected())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMore<T>, E> {
                T::text(text).map(OneOrMore::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<OneOrMore<T>, A::Error> {
                let mut more = Vec::new();
                while let Option::Some(one) = all.next_element()? {
                    more.push(one);
                }
                Ok(OneOrMore::More(more))
            }
        }

        deserializer.deserialize_any(Some(PhantomData))
    }
}

/// What becomes of requests that are not served.
pub(super) enum Refusal {
    /// A reply to those of one error.
    Reply(String),
    /// Something else, to those of some errors.
    Codes(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Refusal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a reply, or for `silent`, `closes` and `stops` a list of errors such as `[\"syntax\"]`",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Refusal, E> {
                Ok(Refusal::Reply(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Refusal, A::Error> {
                let mut codes = Vec::new();
                while let Some(code) = all.next_element()? {
                    codes.push(code);
                }
                Ok(Refusal::Codes(codes))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
