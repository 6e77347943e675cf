//! The values given to the settings of one run, and how a typed specification is read from them.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::{Length, Setting, Value};

/// A setting whose value cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value} {why}")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// The value as given.
    pub value: String,
    /// Why not, and what to type instead; follows `name=value`.
    pub why: String,
}

/// Values of settings by name. A name without a value takes its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(BTreeMap<String, Value>);

impl Settings {
    /// Sets `name` to `value`, replacing an earlier value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes the value of `name`, if it has one.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether `setting` was given a value.
    pub fn given(&self, setting: &Setting) -> bool {
        self.0.contains_key(setting.name)
    }

    /// Every name that was given a value, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of `setting`: the one given, else its default.
    pub fn value(&self, setting: &Setting) -> Option<Value> {
        self.0.get(setting.name).cloned().or_else(|| setting.default_value())
    }

    /// The value as typed; empty if there is neither value nor default.
    pub fn text(&self, setting: &Setting) -> String {
        self.value(setting).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The value within the bounds of its kind.
    ///
    /// # Errors
    /// A value that the kind refuses.
    pub fn checked(&self, setting: &Setting) -> Result<Option<Value>, SettingError> {
        let Some(value) = self.value(setting) else { return Ok(None) };
        match setting.kind.refusal(&value) {
            Some(why) => Err(self.error(setting, why)),
            None => Ok(Some(value)),
        }
    }

    /// A number within the bounds; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// A value that is not a number, or lies outside the bounds.
    pub fn number(&self, setting: &Setting) -> Result<Option<f64>, SettingError> {
        Ok(self.checked(setting)?.and_then(|value| value.number()))
    }

    /// A number of a setting that has a default.
    ///
    /// # Errors
    /// As [`Settings::number`]; a missing value if there is no default.
    pub fn required(&self, setting: &Setting) -> Result<f64, SettingError> {
        self.number(setting)?.ok_or_else(|| self.error(setting, "needs a value"))
    }

    /// A whole number of a setting that has a default.
    ///
    /// # Errors
    /// As [`Settings::required`].
    pub fn count(&self, setting: &Setting) -> Result<usize, SettingError> {
        Ok(self.required(setting)? as usize)
    }

    /// `true` or `false`; absent means false.
    ///
    /// # Errors
    /// Any other word.
    pub fn flag(&self, setting: &Setting) -> Result<bool, SettingError> {
        Ok(self.checked(setting)? == Some(Value::Flag(true)))
    }

    /// A length with its unit; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// A number without a unit, or a value that is not a length.
    pub fn length(&self, setting: &Setting) -> Result<Option<Length>, SettingError> {
        let Some(value) = self.value(setting) else { return Ok(None) };
        value.to_string().parse().map(Some).map_err(|why: String| self.error(setting, why))
    }

    /// The meaning of the word of a choice, from `meanings`.
    ///
    /// # Errors
    /// A word that is not one of the choices.
    pub fn choice<T: Clone>(&self, setting: &Setting, meanings: &[(&str, T)]) -> Result<T, SettingError> {
        let word = self.checked(setting)?.map(|value| value.to_string()).unwrap_or_default();
        let found = meanings.iter().find(|(name, _)| *name == word);
        found.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
            let names: Vec<&str> = meanings.iter().map(|(name, _)| *name).collect();
            self.error(setting, format!("is not one of {}", names.join(", ")))
        })
    }

    /// The items of a value joined by `/`, each read by `T`; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// An item that `T` cannot read.
    pub fn list<T: FromStr>(&self, setting: &Setting) -> Result<Option<Vec<T>>, SettingError> {
        let Some(value) = self.value(setting) else { return Ok(None) };
        let read = |item: &str| {
            let why =
                format!("has the item {item:?}, which cannot be read; join items with /, such as 256/128");
            item.trim().parse().map_err(|_| self.error(setting, why))
        };
        value.to_string().split('/').map(read).collect::<Result<_, _>>().map(Some)
    }

    /// An error about `setting` and the value it has here; `why` follows `name=value`.
    pub fn error(&self, setting: &Setting, why: impl Into<String>) -> SettingError {
        let value = self.text(setting);
        SettingError { name: setting.name.to_owned(), value, why: why.into() }
    }
}
