//! What the value of a setting may be.

use crate::Value;
use crate::quoted::read_item;

/// What the value of a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Anything at all (open catalogues).
    Any,
    /// A number within `[low, high]`; an open end excludes the bound itself.
    Float {
        /// Lower bound.
        low: f64,
        /// Upper bound, possibly infinite.
        high: f64,
        /// Whether the bounds themselves are allowed, lower then upper.
        closed: (bool, bool),
    },
    /// A whole number within `[low, high]`, ends included.
    Int {
        /// Lower bound.
        low: i64,
        /// Upper bound.
        high: i64,
    },
    /// One word of a list.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A length with its unit, see [`crate::Length`].
    Length,
    /// A batch size: a whole number from 1, or `full`.
    Batch,
    /// Items joined by `/`, such as `256/128` or `10ep/20ep`; the module that owns the setting reads the items.
    List,
}

impl Kind {
    /// Any number above 0.
    pub const POSITIVE: Kind = Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) };
    /// Any number from 0.
    pub const FROM_ZERO: Kind = Kind::Float { low: 0.0, high: f64::INFINITY, closed: (true, false) };
    /// Any number from 1.
    pub const FROM_ONE: Kind = Kind::Float { low: 1.0, high: f64::INFINITY, closed: (true, false) };
    /// A share, both ends allowed.
    pub const SHARE: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (true, true) };
    /// A share below 1, such as momentum and betas.
    pub const BELOW_ONE: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (true, false) };
    /// A factor of at most 1.
    pub const FACTOR: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (false, true) };
    /// Whole numbers from 1.
    pub const COUNT: Kind = Kind::Int { low: 1, high: i64::MAX };
}

impl Kind {
    /// The value that `text` spells, which may stand in quotes, see [`Kind::form`].
    pub fn read(self, text: &str) -> Value {
        self.form(read_item(text.trim()))
    }

    /// `value` in the form of the setting: a whole number becomes a float if the setting accepts any number, and a
    /// quoted number a number if it accepts no words.
    pub fn form(self, value: Value) -> Value {
        let value = match (self, value) {
            (Kind::Float { .. } | Kind::Int { .. } | Kind::Batch, Value::Text(word)) => {
                Value::read(word.trim())
            }
            (_, value) => value,
        };
        match (self, value) {
            (Kind::Float { .. }, Value::Int(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        }
    }
}
