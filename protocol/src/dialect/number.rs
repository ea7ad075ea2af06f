//! How a result is spelled.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dashu_int::IBig;

use crate::calculator::Value;

/// How a result is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// As in `line`: whole numbers exactly, quotients as Python prints them (CALC-11, CALC-13 to CALC-15).
    Plain,
    /// As Python prints a float: `11.0`.
    Float,
    /// As JavaScript prints a number: `2.5`, and `2` rather than `2.0`.
    Short,
    /// Cut towards zero, as C divides integers.
    Truncated,
    /// Rounded down, as Python's `//` does.
    Floor,
    /// With so many decimals.
    Decimals(u8),
    /// A signed number of 32 bits in four octets, the highest first; quotients are cut towards zero.
    Binary32,
}

impl Number {
    /// A result as `line` spells it, spelled so; `None` where it is no number, or one that cannot be.
    pub fn spelled(self, result: &str) -> Option<Vec<u8>> {
        let whole = result.parse::<IBig>().ok();
        let value: f64 = result.parse().ok().filter(|value: &f64| value.is_finite())?;
        let cut = || match &whole {
            Some(whole) => whole.clone(),
            None => IBig::from(value as i128),
        };
        let text: String = match self {
            Self::Plain => result.into(),
            Self::Float => Value::Quotient(value).to_string(),
            Self::Short => result
                .strip_suffix(".0")
                .map_or(result, |it| if it == "-0" { "0" } else { it })
                .into(),
            Self::Truncated => cut().to_string(),
            Self::Floor => {
                let cut = cut();
                let below = whole.is_none() && value < 0.0 && (value as i128) as f64 != value;
                (if below { cut - IBig::ONE } else { cut }).to_string()
            }
            Self::Decimals(decimals) => match &whole {
                Some(whole) if decimals == 0 => whole.to_string(),
                Some(whole) => format!("{whole}.{:0<width$}", "", width = usize::from(decimals)),
                None => format!("{value:.*}", usize::from(decimals)),
            },
            Self::Binary32 => return i32::try_from(cut()).ok().map(|it| it.to_be_bytes().into()),
        };
        Some(text.into_bytes())
    }

    /// The number that something so spelled stands for.
    pub fn value(self, spelled: &[u8]) -> Option<f64> {
        match self {
            Self::Binary32 => {
                <[u8; 4]>::try_from(spelled).ok().map(|it| f64::from(i32::from_be_bytes(it)))
            }
            _ => core::str::from_utf8(spelled).ok()?.parse().ok(),
        }
    }
}
