//! Targets: a run that trains until a figure of its readings reaches a value, at most as long as its budget.

use std::fmt;
use std::str::FromStr;

use crate::reading::{Metrics, metric};
use crate::settings::{Kind, Setting, error};
use crate::{SettingError, Settings};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[UNTIL];

const UNTIL: Setting = Setting {
    name: "until",
    kind: Kind::List,
    scale: None,
    default: None,
    when: None,
    help: "target that ends a run early, as in val_loss=0.15; the budget is then the most that it may take",
};

/// The figure that the last reading of a run has when the run reached its target: the updates it took. The crossing is
/// seen at readings alone, so it lies between the last two of them.
pub const STEPS_TO_TARGET: &str = "steps_to_target";

/// A value that a figure of the readings is to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The figure, such as `val_loss`.
    pub metric: String,
    /// The value: a loss or an error must fall below it, anything else rise above.
    pub value: f64,
}

impl Target {
    /// The target among `settings`, if they name one.
    ///
    /// # Errors
    /// A text that names no figure and value.
    pub fn build(settings: &Settings) -> Result<Option<Target>, SettingError> {
        let Some(text) = settings.text(&UNTIL) else { return Ok(None) };
        text.parse().map(Some).map_err(|why| error(&UNTIL, text, why))
    }

    /// Whether a reading with these figures reaches it.
    pub fn reached(&self, metrics: &Metrics) -> bool {
        let falls = self.metric.ends_with("loss") || self.metric.ends_with("error");
        metric(metrics, &self.metric)
            .is_some_and(|now| if falls { now < self.value } else { now > self.value })
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads `val_loss=0.15`.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = text.split_once('=').and_then(|(metric, value)| {
            let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite())?;
            Some(Target { metric: metric.trim().to_owned(), value }).filter(|read| !read.metric.is_empty())
        });
        read.ok_or_else(|| "is no target: write a metric and its value, as in val_loss=0.15".to_owned())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.metric, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_fall_and_the_rest_rises_to_a_target() {
        let reached = |text: &str, name: &str, now: f64| {
            text.parse::<Target>().unwrap().reached(&vec![(name.to_owned(), now)])
        };
        assert!(reached("val_loss=0.15", "val_loss", 0.149) && !reached("val_loss=0.15", "val_loss", 0.15));
        assert!(reached("val_accuracy=0.9", "val_accuracy", 0.91));
        assert!(!reached("val_accuracy=0.9", "val_accuracy", 0.9));
        assert!(
            !reached("val_loss=0.15", "train_loss", 0.1) && !reached("val_loss=0.15", "val_loss", f64::NAN)
        );
    }

    #[test]
    fn what_is_no_target_is_refused() {
        assert_eq!("val_loss=0.15".parse::<Target>().unwrap().to_string(), "val_loss=0.15");
        for text in ["val_loss", "=0.15", "val_loss=low", "val_loss=nan"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
