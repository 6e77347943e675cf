//! The value of one parameter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value as a trial receives it. In JSON a number, a word, `true`/`false`, or an array for a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, always finite.
    Float(f64),
    /// A word, or a length with its unit such as `10%`.
    Text(String),
    /// Items that together form one value, typed with `/` between them: `256/128`.
    List(Vec<Value>),
}

impl Value {
    /// The value as a number, for an axis or a fit; `None` for words and lists.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            Value::Flag(_) | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// The simplest value that `text` spells: `true`/`false`, a whole number, a finite number, items joined by `/`,
    /// else a word. A path, whose parts would print otherwise as items, is a word.
    pub fn read(text: &str) -> Value {
        if let Ok(flag) = text.parse() {
            return Value::Flag(flag);
        }
        if let Ok(int) = text.parse() {
            return Value::Int(int);
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Value::Float(float),
            _ if text.contains('/') => joined(text),
            _ => Value::Text(text.to_owned()),
        }
    }
}

/// The items that `/` joins in `text`: numbers, or words that print as they were typed.
fn joined(text: &str) -> Value {
    let items = Value::List(text.split('/').map(Value::read).collect());
    match &items {
        Value::List(parts) if parts.iter().all(|part| part.number().is_some()) => items,
        _ if items.to_string() == text => items,
        _ => Value::Text(text.to_owned()),
    }
}

impl From<&str> for Value {
    /// As [`Value::read`].
    fn from(text: &str) -> Value {
        Value::read(text)
    }
}

impl From<String> for Value {
    /// As [`Value::read`].
    fn from(text: String) -> Value {
        Value::read(&text)
    }
}

impl fmt::Display for Value {
    /// As typed; numbers in the fewest digits that read back the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => f.write_str(&plain(*value)),
            Value::Text(value) => f.write_str(value),
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str("/")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
        }
    }
}

/// `value` in the fewest digits that read back the same: plain from 0.001 to a million, else with an exponent.
pub fn plain(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e6).contains(&size) { format!("{value}") } else { format!("{value:e}") }
}

/// `value` rounded to `digits` significant decimal digits.
pub fn round_significant(value: f64, digits: usize) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let text = format!("{:.*e}", digits.saturating_sub(1), value);
    text.parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back_what_they_print() {
        for text in ["true", "16", "0.0022", "1e-5", "cosine", "10%", "256/128", "8x5/16x5", "full"] {
            assert_eq!(Value::read(text).to_string(), text);
        }
        assert_eq!(Value::read("256/128"), Value::List(vec![Value::Int(256), Value::Int(128)]));
        assert_eq!(Value::read("nan"), Value::Text("nan".into()));
        assert_eq!(Value::read("runs/1e-3/007"), Value::Text("runs/1e-3/007".into()), "a path");
    }

    #[test]
    fn json_keeps_whole_numbers_and_floats_apart() {
        let json = |value: &Value| serde_json::to_string(value).unwrap();
        for value in [Value::Int(1), Value::Float(1.0), Value::Float(0.1), Value::Flag(true)] {
            assert_eq!(serde_json::from_str::<Value>(&json(&value)).unwrap(), value);
        }
    }

    #[test]
    fn rounding_is_decimal() {
        assert_eq!(round_significant(0.0021544346900318843, 2), 0.0022);
        assert_eq!(round_significant(46.41588, 2), 46.0);
    }
}
