//! The settings of pruners.

use std::collections::BTreeMap;

use sweep_study::Direction;

use crate::Evidence;

/// A setting of a pruner, a number.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it sets.
    pub help: &'static str,
    /// Its default; `None` if a value must be given.
    pub default: Option<f64>,
    /// Its lower bound.
    pub low: f64,
    /// Its upper bound.
    pub high: f64,
}

/// `rungs` of the pruners with evenly spaced rungs.
pub const EVEN_RUNGS: Setting = Setting {
    name: "rungs",
    help: "number of rungs, evenly spaced over the budget",
    default: Some(10.0),
    low: 2.0,
    high: 1000.0,
};

/// `warmup` of the pruners that leave the beginning of a trial alone.
pub const WARMUP: Setting = Setting {
    name: "warmup",
    help: "share of the budget before which nothing is pruned",
    default: Some(0.1),
    low: 0.0,
    high: 1.0,
};

/// The values from which a pruner is built: those given, and the defaults of the others.
#[derive(Clone, Debug)]
pub struct Values {
    values: BTreeMap<&'static str, f64>,
    direction: Direction,
}

impl Values {
    /// The values of `settings`, for a metric that is better in `direction`.
    ///
    /// # Errors
    /// A setting in `given` that is not in `settings`, a value out of bounds, or a missing value without a default.
    pub fn new(
        pruner: &str,
        settings: &[Setting],
        given: &BTreeMap<String, f64>,
        direction: Direction,
    ) -> Result<Values, SettingsError> {
        let pruner = pruner.to_owned();
        if let Some(setting) = given.keys().find(|key| !settings.iter().any(|known| known.name == *key)) {
            let known: Vec<&str> = settings.iter().map(|known| known.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(SettingsError::Setting { pruner, setting: setting.clone(), known });
        }
        let mut values = BTreeMap::new();
        for &Setting { name, help, default, low, high } in settings {
            let Some(value) = given.get(name).copied().or(default) else {
                return Err(SettingsError::Missing { pruner, setting: name, what: help });
            };
            if !(low..=high).contains(&value) {
                return Err(SettingsError::Bounds { pruner, setting: name, value, low, high });
            }
            values.insert(name, value);
        }
        Ok(Values { values, direction })
    }

    /// The value of a setting.
    pub fn number(&self, setting: &str) -> f64 {
        self.values.get(setting).copied().unwrap_or_default()
    }

    /// The value of a setting that is a count.
    pub fn count(&self, setting: &str) -> usize {
        self.number(setting) as usize
    }

    /// The value of a setting that is a value of the metric, as a loss.
    pub fn loss(&self, setting: &str) -> f64 {
        Evidence::from_metric(self.number(setting), self.direction).loss().unwrap_or(f64::INFINITY)
    }
}

/// Why a pruner cannot be built from what was given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// No such pruner.
    #[error("there is no pruner `{0}`; the pruners are {names}", names = super::names().collect::<Vec<_>>().join(", "))]
    Name(String),
    /// The pruner has no such setting.
    #[error("the pruner {pruner} has no setting `{setting}`; it has {known}")]
    Setting {
        /// The pruner.
        pruner: String,
        /// The unknown setting.
        setting: String,
        /// The settings that it has.
        known: String,
    },
    /// A value out of bounds.
    #[error("{setting}={value} of the pruner {pruner} must be from {low} to {high}")]
    Bounds {
        /// The pruner.
        pruner: String,
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// A setting that has no default.
    #[error("the pruner {pruner} needs {setting}, {what}: --pruner-set {setting}=…")]
    Missing {
        /// The pruner.
        pruner: String,
        /// The setting.
        setting: &'static str,
        /// What it sets.
        what: &'static str,
    },
}
