//! Grammars as values, and what makes one whole: every name is defined, once, and not by itself.

use std::collections::BTreeMap;

use super::{AbnfError, reader};

/// What texts look like (RFC 5234 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Like one of these (3.2).
    Alternation(Vec<Self>),
    /// Like these, one after the other (3.1).
    Concatenation(Vec<Self>),
    /// So many of these (3.6); an option is none or one (3.8).
    Repetition {
        /// At least.
        least: usize,
        /// At most; `None` sets no bound.
        most: Option<usize>,
        /// Of what.
        of: Box<Self>,
    },
    /// As the rule of this name, in small letters, has it: names are not case-sensitive (2.1).
    Rule(String),
    /// One character, from the first to the last (2.3, 3.4).
    Range(char, char),
    /// These characters, in ASCII (2.3, RFC 7405).
    Text {
        /// As they are written.
        text: String,
        /// Whether capital letters are others than small ones.
        cased: bool,
    },
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, as it is written.
    pub name: String,
    /// What it stands for.
    pub definition: Expression,
    /// The heading that it stands under, such as `5.1 Requests`.
    pub section: String,
    /// The line that it begins on, counted from one.
    pub line: usize,
    /// The rule as it is written, with its comments.
    pub source: String,
}

/// Some rules of a document.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The rules.
    pub text: &'a str,
    /// The heading that they stand under.
    pub section: &'a str,
    /// The line of the document that the text begins on.
    pub line: usize,
}

/// The rules of RFC 5234 B.1 that may be used without being defined. `CHAR` is left out: SPEC.md has one of its own.
const CORE: Block<'_> = Block {
    section: "RFC 5234 B.1",
    line: 1,
    text: "\
ALPHA  = %x41-5A / %x61-7A
CR     = %x0D
DIGIT  = %x30-39
HEXDIG = DIGIT / \"A\" / \"B\" / \"C\" / \"D\" / \"E\" / \"F\"
HTAB   = %x09
LF     = %x0A
SP     = %x20
",
};

/// Rules that refer to each other, to the core rules of RFC 5234, and to nothing else.
#[derive(Clone, Debug, Default)]
pub struct Grammar {
    rules: BTreeMap<String, Rule>,
}

impl Grammar {
    /// Reads the blocks of a document: what one defines, all may refer to.
    ///
    /// # Errors
    ///
    /// What is no ABNF, a name that is defined twice or not at all, and a rule that refers to itself.
    pub fn read(blocks: &[Block<'_>]) -> Result<Self, AbnfError> {
        std::iter::once(&CORE).chain(blocks).try_fold(Self::default(), Self::with)?.whole()
    }

    /// The same grammar and these rules besides; `=/` adds alternatives to one that is there (RFC 5234 3.3).
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn also(&self, rules: &str) -> Result<Self, AbnfError> {
        self.clone().with(&Block { text: rules, section: "", line: 1 })?.whole()
    }

    /// Every rule but the core ones, in the order of the document.
    pub fn rules(&self) -> Vec<&Rule> {
        let own = self.rules.values().filter(|rule| rule.section != CORE.section);
        let mut rules: Vec<&Rule> = own.collect();
        rules.sort_by_key(|rule| rule.line);
        rules
    }

    /// The rule of this name.
    pub fn find(&self, name: &str) -> Option<&Rule> {
        self.rules.get(&name.to_ascii_lowercase())
    }

    /// Reads what a rule could stand for, such as `1*12blank`.
    ///
    /// # Errors
    ///
    /// What is no ABNF, or refers to nothing.
    pub fn expression(&self, text: &str) -> Result<Expression, AbnfError> {
        let expression = reader::expression(text)?;
        self.check(&expression, 1)?;
        Ok(expression)
    }

    fn with(mut self, block: &Block<'_>) -> Result<Self, AbnfError> {
        for (rule, adds) in reader::rules(block)? {
            let key = rule.name.to_ascii_lowercase();
            let wrong = |what| Err(AbnfError { line: rule.line, what });
            match (self.rules.get_mut(&key), adds) {
                (None, false) => _ = self.rules.insert(key, rule),
                (Some(known), true) => {
                    let both = vec![known.definition.clone(), rule.definition];
                    known.definition = Expression::Alternation(both);
                }
                (Some(known), false) => {
                    let (name, before) = (&rule.name, &known.section);
                    return wrong(format!("rule `{name}` is defined in {before} already"));
                }
                (None, true) => {
                    return wrong(format!("there is no rule `{}` to add to", rule.name));
                }
            }
        }
        Ok(self)
    }

    fn whole(self) -> Result<Self, AbnfError> {
        self.rules.values().try_for_each(|rule| self.check(&rule.definition, rule.line))?;
        for (name, rule) in &self.rules {
            if self.reaches(&rule.definition, name) {
                let what = format!("rule `{}` refers to itself", rule.name);
                return Err(AbnfError { line: rule.line, what });
            }
        }
        Ok(self)
    }

    /// Whether every name in an expression is defined.
    fn check(&self, expression: &Expression, line: usize) -> Result<(), AbnfError> {
        let mut names = expression.names().into_iter();
        match names.find(|name| !self.rules.contains_key(*name)) {
            None => Ok(()),
            Some(name) => Err(AbnfError { line, what: format!("rule `{name}` is not defined") }),
        }
    }

    /// Whether an expression refers to a rule, at any remove.
    fn reaches(&self, expression: &Expression, rule: &str) -> bool {
        let mut seen = Vec::new();
        let mut open = expression.names();
        while let Some(name) = open.pop() {
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(self.find(name).into_iter().flat_map(|rule| rule.definition.names()));
            }
        }
        seen.contains(&rule)
    }
}

impl Expression {
    /// The rules that it refers to by name, in small letters.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Alternation(of) | Self::Concatenation(of) => {
                of.iter().flat_map(Self::names).collect()
            }
            Self::Repetition { of, .. } => of.names(),
            Self::Rule(name) => vec![name],
            Self::Range(..) | Self::Text { .. } => Vec::new(),
        }
    }
}
