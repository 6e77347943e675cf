//! The settings of the trainer by name: what each may be, its default, and when it applies.
//!
//! Every module that has settings lists them in a `SETTINGS` table of its own; [`all`] joins the tables. Whoever
//! builds a study reads the same tables, so a name or a bound is written down once.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::Length;
use crate::learner;
use crate::measure;
use crate::model;
use crate::nn;
use crate::optimizer;
use crate::parametrization;
use crate::rl;
use crate::schedule;
use crate::spec;
use crate::target;

/// What the value of a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number within `[low, high]`; an open end excludes the bound itself.
    Float {
        /// Lower bound.
        low: f64,
        /// Upper bound, possibly infinite.
        high: f64,
        /// Whether the bounds themselves are allowed, lower then upper.
        closed: (bool, bool),
    },
    /// A whole number within `[low, high]`.
    Int {
        /// Lower bound, allowed.
        low: i64,
        /// Upper bound, allowed.
        high: i64,
    },
    /// One word of a list.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A length with its unit, see [`Length`].
    Length,
    /// A batch size: a whole number from 1, or `full`.
    Batch,
    /// Items joined by `/`, such as `256/128` or `10ep/20ep`; the module that owns the setting reads the items.
    List,
}

/// The scale on which a setting is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Log,
    /// Powers of two.
    Pow2,
    /// Equal ratios of `1 - x`, for momentum and betas.
    OneMinus,
}

/// One setting of the trainer.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name, dotted where it belongs to one schedule or optimizer: `schedule.step.gamma`.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// How a range of it is spaced; `None` where a range with a ratio of ten or more must say so itself.
    pub scale: Option<Scale>,
    /// Its value when nothing is said, as a person would type it; `None` where absence means something.
    pub default: Option<&'static str>,
    /// The setting and the values of it under which this one applies; `None` for always.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// One line on what it does, with its unit.
    pub help: &'static str,
}

/// A setting whose value cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value} {why}")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// The value as given.
    pub value: String,
    /// Why not, and what would do: fits after `name=value`.
    pub why: String,
}

/// Values of settings by name, as a person types them. Names that are absent take their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Sets `name` to `value`, replacing what was there.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Takes back what was given for `name`, if anything was.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The value of `name`: the one given, else the default of the table entry `of` it.
    pub fn text(&self, of: &Setting) -> Option<&str> {
        self.0.get(of.name).map(String::as_str).or(of.default)
    }

    /// Every name that was given a value, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A number within the bounds of its table entry; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// A value that is no number, or lies outside the bounds.
    pub fn number(&self, of: &Setting) -> Result<Option<f64>, SettingError> {
        let Some(text) = self.text(of) else { return Ok(None) };
        let value: f64 = parse(of, text, "is no number")?;
        let (low, high, closed, whole) = match of.kind {
            Kind::Float { low, high, closed } => (low, high, closed, false),
            Kind::Int { low, high } => (low as f64, high as f64, (true, true), true),
            _ => (f64::NEG_INFINITY, f64::INFINITY, (true, true), false),
        };
        let above = if closed.0 { value >= low } else { value > low };
        let below = if closed.1 { value <= high } else { value < high };
        if !(above && below && value.is_finite()) {
            return Err(error(of, text, format!("is out of range: {}", range(low, high, closed))));
        }
        if whole && value.fract() != 0.0 {
            return Err(error(of, text, "must be a whole number".into()));
        }
        Ok(Some(value))
    }

    /// `true` or `false`; absent means false.
    ///
    /// # Errors
    /// Any other word.
    pub fn flag(&self, of: &Setting) -> Result<bool, SettingError> {
        self.text(of).map_or(Ok(false), |text| parse(of, text, "is neither true nor false"))
    }

    /// A length with its unit; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// A number without a unit, or no length at all.
    pub fn length(&self, of: &Setting) -> Result<Option<Length>, SettingError> {
        let Some(text) = self.text(of) else { return Ok(None) };
        text.parse().map(Some).map_err(|why| error(of, text, why))
    }

    /// The items of a value joined by `/`, each read by `T`; `None` when it has neither value nor default.
    ///
    /// # Errors
    /// An item that `T` cannot read.
    pub fn list<T: FromStr>(&self, of: &Setting) -> Result<Option<Vec<T>>, SettingError> {
        let Some(text) = self.text(of) else { return Ok(None) };
        let item = |item: &str| parse(of, item, "cannot be read; join items with /, as in 256/128");
        text.split('/').map(item).collect::<Result<_, _>>().map(Some)
    }
}

/// Every setting of the trainer.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    let tables = [
        spec::SETTINGS,
        target::SETTINGS,
        learner::SETTINGS,
        rl::SETTINGS,
        measure::SETTINGS,
        parametrization::SETTINGS,
        schedule::SETTINGS,
        optimizer::SETTINGS,
        model::SETTINGS,
        nn::activation::SETTINGS,
        nn::init::SETTINGS,
    ];
    tables.into_iter().flatten()
}

/// An error about the setting `of`.
pub fn error(of: &Setting, value: &str, why: String) -> SettingError {
    SettingError { name: of.name.to_owned(), value: value.to_owned(), why }
}

fn parse<T: FromStr>(of: &Setting, text: &str, why: &str) -> Result<T, SettingError> {
    text.trim().parse().map_err(|_| error(of, text, why.to_owned()))
}

fn range(low: f64, high: f64, closed: (bool, bool)) -> String {
    let low_word = if closed.0 { "at least" } else { "above" };
    let high_word = if closed.1 { "at most" } else { "below" };
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("it must be {low_word} {low} and {high_word} {high}"),
        (true, false) => format!("it must be {low_word} {low}"),
        (false, true) => format!("it must be {high_word} {high}"),
        (false, false) => "it must be finite".to_owned(),
    }
}
