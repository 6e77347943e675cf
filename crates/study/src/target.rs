//! Targets: trials that end where a metric first reaches a value, and are ranked by the steps that took.

use serde::Serialize;

use crate::{Direction, Study, Value};

/// The setting that names a trial's target, as in `until=val_loss=0.15`.
pub const UNTIL: &str = "until";

/// The metric that a trial has when it reached its target: the steps to the reading at which it did. A complete trial
/// without it is censored: it would have taken longer than its budget.
pub const STEPS_TO_TARGET: &str = "steps_to_target";

/// The value that a metric is to reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// The metric.
    pub metric: String,
    /// The value that it must fall below (losses and errors) or rise above.
    pub value: f64,
}

impl Target {
    /// Reads `val_loss=0.15`.
    pub fn read(text: &str) -> Option<Target> {
        let (metric, value) = text.split_once('=')?;
        let value = Value::read(value.trim()).number()?;
        Some(Target { metric: metric.trim().to_owned(), value }).filter(|target| !target.metric.is_empty())
    }
}

impl Target {
    /// Which way its metric is better: losses and errors fall, anything else rises.
    pub fn direction(&self) -> Direction {
        let falls = self.metric.ends_with("loss") || self.metric.ends_with("error");
        if falls { Direction::Minimize } else { Direction::Maximize }
    }
}

impl Study {
    /// The target at which trials end, where the study has one for all of them.
    pub fn target(&self) -> Option<Target> {
        Target::read(&self.settings.get(UNTIL)?.to_string())
    }

    /// The metric that learning curves are of: the one by which trials are ranked or, where that is the steps to a target,
    /// the one that is to reach it.
    pub fn curve_metric(&self) -> String {
        let target = self.target().filter(|_| self.goal.metric == STEPS_TO_TARGET);
        target.map_or_else(|| self.goal.metric.clone(), |target| target.metric)
    }
}
