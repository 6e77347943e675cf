//! Parameters by name, as copied from a PyTorch or Keras program.

use std::collections::BTreeMap;

use sweep_settings::SettingError;

/// Names and values not yet read, by lower-case name; each read removes its name, so that the remaining names are not
/// parameters of the scheduler.
pub(super) struct Names<'a>(BTreeMap<String, (&'a str, &'a str)>);

impl<'a> Names<'a> {
    pub fn new(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Names<'a> {
        Names(pairs.into_iter().map(|(name, value)| (name.to_lowercase(), (name, value))).collect())
    }

    /// Removes and returns every name that begins with `prefix`, without the prefix.
    pub fn under(&mut self, prefix: &str) -> Names<'a> {
        let inside: Vec<String> = self.0.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        let strip = |name: String| Some((name.strip_prefix(prefix)?.to_owned(), self.0.remove(&name)?));
        Names(inside.into_iter().filter_map(strip).collect())
    }

    /// Adds the names of `other`.
    pub fn extend(&mut self, other: Names<'a>) {
        self.0.extend(other.0);
    }

    /// Removes and returns the first of `names` that is present.
    fn take(&mut self, names: &[&str]) -> Option<(&'a str, &'a str)> {
        names.iter().find_map(|name| self.0.remove(*name))
    }

    /// Drops a name that the scheduler does not need.
    pub fn ignore(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// A number for which `allowed` holds; `rule` describes the condition.
    pub fn number(
        &mut self,
        names: &[&str],
        default: Option<f64>,
        rule: (&str, fn(f64) -> bool),
    ) -> Result<f64, SettingError> {
        let Some((name, text)) = self.take(names) else {
            return default.ok_or_else(|| missing(names));
        };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && rule.1(value) => Ok(value),
            Ok(_) => Err(refuse(name, text, format!("must be {}", rule.0))),
            Err(_) => Err(refuse(name, text, "is not a number".to_owned())),
        }
    }

    /// Numbers joined by `/`.
    pub fn numbers(&mut self, names: &[&str]) -> Result<Vec<f64>, SettingError> {
        let Some((name, text)) = self.take(names) else { return Err(missing(names)) };
        let item = |item: &str| item.trim().parse::<f64>().ok().filter(|value| value.is_finite());
        let items: Option<Vec<f64>> = text.split('/').map(item).collect();
        items.ok_or_else(|| refuse(name, text, "must be numbers joined by /".to_owned()))
    }

    /// Steps that rise strictly.
    pub fn rising(&mut self, names: &[&str]) -> Result<Vec<f64>, SettingError> {
        let steps = self.numbers(names)?;
        if steps.is_sorted_by(|a, b| a < b) {
            return Ok(steps);
        }
        let text = steps.iter().map(f64::to_string).collect::<Vec<_>>().join("/");
        Err(refuse(names.first().unwrap_or(&""), &text, "must rise".to_owned()))
    }

    /// `true` or `false`, as Rust, JSON or Python write them.
    pub fn flag(&mut self, names: &[&str], default: bool) -> Result<bool, SettingError> {
        match self.take(names) {
            None => Ok(default),
            Some((_, "true" | "True")) => Ok(true),
            Some((_, "false" | "False")) => Ok(false),
            Some((name, text)) => Err(refuse(name, text, "must be true or false".to_owned())),
        }
    }

    /// One of `words`; the first is the default.
    pub fn word<'w>(&mut self, names: &[&str], words: &[&'w str]) -> Result<&'w str, SettingError> {
        let Some((name, text)) = self.take(names) else { return Ok(words.first().unwrap_or(&"")) };
        let found = words.iter().find(|word| **word == text);
        found.copied().ok_or_else(|| refuse(name, text, format!("is not one of {}", words.join(", "))))
    }

    /// Refuses whatever has not been read.
    pub fn finish(self, scheduler: &str) -> Result<(), SettingError> {
        match self.0.into_values().next() {
            None => Ok(()),
            Some((name, text)) => Err(refuse(name, text, format!("is not a parameter of {scheduler}"))),
        }
    }
}

pub(super) fn refuse(name: &str, value: &str, why: String) -> SettingError {
    SettingError { name: name.to_owned(), value: value.to_owned(), why }
}

fn missing(names: &[&str]) -> SettingError {
    refuse(names.first().unwrap_or(&""), "", "is needed".to_owned())
}

pub(super) const ABOVE_ZERO: (&str, fn(f64) -> bool) = ("above 0", |value| value > 0.0);
pub(super) const FROM_ZERO: (&str, fn(f64) -> bool) = ("at least 0", |value| value >= 0.0);
pub(super) const FROM_ONE: (&str, fn(f64) -> bool) = ("at least 1", |value| value >= 1.0);
pub(super) const SHARE: (&str, fn(f64) -> bool) = ("from 0 to 1", |value| (0.0..=1.0).contains(&value));
pub(super) const BELOW_ONE: (&str, fn(f64) -> bool) =
    ("above 0 and below 1", |value| value > 0.0 && value < 1.0);
