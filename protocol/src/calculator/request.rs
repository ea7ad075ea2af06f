//! A calculator request as a type.

use alloc::borrow::Cow;
use core::fmt;

use dashu_int::IBig;

/// An operation on two integers, and the way it was written.
///
/// Its `Display` is a request that reads back as the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// How it was written.
    pub notation: Notation,
    /// What is to be done.
    pub operator: Operator,
    /// The first operand.
    pub left: Integer<'a>,
    /// The second operand.
    pub right: Integer<'a>,
}

impl Request<'_> {
    /// The same request, free of the text that it was read from.
    pub fn into_owned(self) -> Request<'static> {
        Request {
            notation: self.notation,
            operator: self.operator,
            left: self.left.into_owned(),
            right: self.right.into_owned(),
        }
    }
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { notation, operator, left, right } = self;
        match notation {
            Notation::Postfix => write!(f, "{left} {right} {operator}"),
            Notation::Infix => write!(f, "{left} {operator} {right}"),
            Notation::Tuple => write!(f, "({operator}, {left}, {right})"),
        }
    }
}

/// The three ways to write a request (SPEC.md 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `10 20 +`
    Postfix,
    /// `10 + 20`
    Infix,
    /// `(+, 10, 20)`
    Tuple,
}

impl Notation {
    /// Every notation.
    pub const ALL: [Self; 3] = [Self::Postfix, Self::Infix, Self::Tuple];
}

/// The four operators (SPEC.md 5.1, rule `operator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 4] = [Self::Add, Self::Subtract, Self::Multiply, Self::Divide];

    /// The operator as it is written.
    pub const fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    /// The word for it in the reply to a postfix request (CALC-4).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "Sum",
            Self::Subtract => "Diff",
            Self::Multiply => "Product",
            Self::Divide => "Div",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Write::write_char(f, self.symbol())
    }
}

/// An operand: its value, and its spelling, which the reply repeats (CALC-9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integer<'a> {
    /// Rule `integer`, as received.
    pub spelled: Cow<'a, str>,
    /// What it stands for.
    pub value: IBig,
}

impl Integer<'_> {
    /// The same integer, free of the text that it was read from.
    pub fn into_owned(self) -> Integer<'static> {
        Integer { spelled: Cow::Owned(self.spelled.into_owned()), value: self.value }
    }
}

impl fmt::Display for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled)
    }
}
