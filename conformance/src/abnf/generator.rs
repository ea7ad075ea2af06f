//! Makes texts that match: every alternative and every number of repetitions alike, and the ends of each range more often
//! than what lies between.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};

use super::{Expression, Grammar};

/// How many more there are at most where a grammar sets no bound.
const MORE: usize = 8;

/// Makes texts by the rules of a grammar, some of which may be taken from elsewhere.
#[derive(Clone, Debug)]
pub struct Generator<'g> {
    grammar: &'g Grammar,
    given: BTreeMap<String, BoxedStrategy<String>>,
}

impl<'g> Generator<'g> {
    /// Makes texts by the rules of a grammar.
    pub const fn new(grammar: &'g Grammar) -> Self {
        Self { grammar, given: BTreeMap::new() }
    }

    /// Takes what matches a rule from here: of all its texts those that tell something.
    pub fn given(mut self, rule: &str, texts: impl Strategy<Value = String> + 'static) -> Self {
        self.given.insert(rule.to_ascii_lowercase(), texts.boxed());
        self
    }

    /// Texts that are as an expression says, whose names are rules of the grammar.
    pub fn texts(&self, expression: &Expression) -> BoxedStrategy<String> {
        match expression {
            Expression::Alternation(of) => Union::new(of.iter().map(|it| self.texts(it))).boxed(),
            Expression::Concatenation(of) => {
                let parts: Vec<_> = of.iter().map(|it| self.texts(it)).collect();
                parts.prop_map(|parts| parts.concat()).boxed()
            }
            Expression::Repetition { least, most, of } => {
                let (least, most) = (*least, most.unwrap_or(least + MORE));
                vec(self.texts(of), least..=most).prop_map(|parts| parts.concat()).boxed()
            }
            Expression::Rule(name) => match (self.given.get(name), self.grammar.find(name)) {
                (Some(given), _) => given.clone(),
                (None, Some(rule)) => self.texts(&rule.definition),
                (None, None) => Just(String::new()).boxed(),
            },
            Expression::Range(first, last) => range(*first, *last).prop_map(String::from).boxed(),
            Expression::Text { text, cased: true } => Just(text.clone()).boxed(),
            Expression::Text { text, cased: false } => {
                let letters: Vec<char> = text.chars().collect();
                vec(any::<bool>(), letters.len())
                    .prop_map(move |small| {
                        let letters = letters.iter().zip(small);
                        let cased = |(c, small): (&char, _)| match small {
                            true => c.to_ascii_lowercase(),
                            false => c.to_ascii_uppercase(),
                        };
                        letters.map(cased).collect()
                    })
                    .boxed()
            }
        }
    }
}

/// A character of a range, the first or the last in one of four.
fn range(first: char, last: char) -> impl Strategy<Value = char> {
    (0..8, prop::char::range(first, last)).prop_map(move |(end, between)| match end {
        0 => first,
        1 => last,
        _ => between,
    })
}
