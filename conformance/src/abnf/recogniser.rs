//! Tells whether a text matches. All the ways to match are followed at once: from a set of places in the text to the set
//! of places that an expression can end at, so that no grammar, however ambiguous, is tried twice at one place.

use std::collections::BTreeSet;

use super::{Expression, Grammar};

/// Places between the characters of a text, in octets.
type Places = BTreeSet<usize>;

impl Grammar {
    /// Whether the whole of a text is as an expression says, whose names are rules of this grammar.
    pub fn matches(&self, expression: &Expression, text: &str) -> bool {
        self.after(expression, text, &Places::from([0])).contains(&text.len())
    }

    /// Where an expression can end that begins at one of these places.
    fn after(&self, expression: &Expression, text: &str, from: &Places) -> Places {
        if from.is_empty() {
            return Places::new();
        }
        match expression {
            Expression::Alternation(of) => {
                of.iter().flat_map(|it| self.after(it, text, from)).collect()
            }
            Expression::Concatenation(of) => {
                of.iter().fold(from.clone(), |from, it| self.after(it, text, &from))
            }
            Expression::Repetition { least, most, of } => {
                self.repeated(*least, *most, of, text, from)
            }
            Expression::Rule(name) => self
                .find(name)
                .map_or_else(Places::new, |it| self.after(&it.definition, text, from)),
            Expression::Range(first, last) => {
                let next = |at: &usize| text[*at..].chars().next().map(|c| (at + c.len_utf8(), c));
                let fits = |(end, c)| (*first..=*last).contains(&c).then_some(end);
                from.iter().filter_map(|at| next(at).and_then(fits)).collect()
            }
            Expression::Text { text: due, cased } => {
                let same = |it: &str| it == due || !cased && it.eq_ignore_ascii_case(due);
                let ends = from.iter().map(|at| (*at, at + due.len()));
                let fits = |(at, end)| text.get(at..end).is_some_and(same).then_some(end);
                ends.filter_map(fits).collect()
            }
        }
    }

    fn repeated(
        &self,
        least: usize,
        most: Option<usize>,
        of: &Expression,
        text: &str,
        from: &Places,
    ) -> Places {
        let mut last = from.clone();
        for _ in 0..least {
            last = self.after(of, text, &last);
        }
        let mut all = last.clone();
        let mut times = least;
        // A place that was reached before, by fewer, leads nowhere else.
        while !last.is_empty() && most.is_none_or(|most| times < most) {
            last = &self.after(of, text, &last) - &all;
            all.extend(&last);
            times += 1;
        }
        all
    }
}
