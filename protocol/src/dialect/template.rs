//! How a message is worded: text, and fields in braces.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// What a field stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The first operand, as it is spelled.
    Left,
    /// The second.
    Right,
    /// The word of the operator.
    Operator,
    /// The result.
    Result,
    /// The text of a request: a message, or words.
    Text,
    /// How many characters a word has.
    Length,
    /// The first of them.
    First,
    /// The date and time of day.
    Time,
    /// In a request, blanks, or none; none are written.
    Blanks,
    /// In a reply, any text.
    Any,
}

impl Field {
    const NAMES: [(Self, &'static str); 10] = [
        (Self::Left, "left"),
        (Self::Right, "right"),
        (Self::Operator, "operator"),
        (Self::Result, "result"),
        (Self::Text, "text"),
        (Self::Length, "length"),
        (Self::First, "first"),
        (Self::Time, "time"),
        (Self::Blanks, "blanks"),
        (Self::Any, "any"),
    ];

    /// Its name, as it stands in braces.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These characters. In a request that is read, a blank stands for one or more.
    Text(String),
    /// Something of the request or of its reply.
    Field(Field),
}

/// A text with fields, such as `{left}{operator}{right} = {result}`; `{{` and `}}` stand for braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// In their order; no two texts side by side.
    pub pieces: Vec<Piece>,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTemplate {
    /// No field has this name.
    Unknown(String),
    /// A brace that nothing closes, or opens.
    Brace,
}

impl Template {
    /// A template without fields.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { pieces: [Piece::Text(text.into())].into() }
    }

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is in braces is no field, or a brace stands alone.
    pub fn parse(text: &str) -> Result<Self, NoTemplate> {
        let (mut pieces, mut plain) = (Vec::new(), String::new());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let named = from.strip_prefix('{').and_then(|it| it.split_once('}'));
            let (name, after) = named.ok_or(NoTemplate::Brace)?;
            let field = Field::NAMES.iter().find(|(_, known)| *known == name);
            let (field, _) = field.ok_or_else(|| NoTemplate::Unknown(name.to_string()))?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(core::mem::take(&mut plain)));
            }
            pieces.push(Piece::Field(*field));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Whether it has this field.
    pub fn has(&self, field: Field) -> bool {
        self.pieces.contains(&Piece::Field(field))
    }

    /// Whether it has this character outside its fields.
    pub fn says(&self, c: char) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(c)))
    }

    /// The fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(*field),
            Piece::Text(_) => None,
        })
    }

    /// The template with its fields filled in; `None` where one has nothing.
    pub fn filled(&self, mut filling: impl FnMut(Field) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut octets = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => octets.extend_from_slice(text.as_bytes()),
                Piece::Field(field) => octets.extend(filling(*field)?),
            }
        }
        Some(octets)
    }
}

impl fmt::Display for NoTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "no field is called `{name}`"),
            Self::Brace => f.write_str("a brace stands alone"),
        }
    }
}

impl core::error::Error for NoTemplate {}
