//! A trial: a point with a seed, run once, and all its results.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sweep_settings::{quoted, short};

use crate::Value;

/// One value per parameter that applies, by parameter name. A parameter that does not apply is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Point(pub BTreeMap<String, Value>);

impl Point {
    /// The value of a parameter, if it applies.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of the point as text, equal for equal points only.
    pub fn key(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// The point as it is typed, values that hold blanks in quotes.
    pub fn typed(&self) -> String {
        let pair = |(name, value): (&String, &Value)| format!("{name}={}", quoted::item(value));
        self.0.iter().map(pair).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Point {
    /// `batch=32 lr=0.01`, in the order of the names; long values are cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={}", if index == 0 { "" } else { " " }, short(&value.to_string()))?;
        }
        Ok(())
    }
}

/// How a trial ended. A diverged trial is a finding, not a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It used its whole budget.
    Complete {
        /// Whether it ended no better than a constant prediction.
        stuck: bool,
    },
    /// It was ended early because other trials were more promising.
    Pruned,
    /// It ended without an error long before its budget, which the study's other trials used up.
    EndedEarly,
    /// Its loss diverged.
    Diverged {
        /// The step in which it diverged, counted from 1.
        step: u64,
    },
    /// It could not fit (out of memory).
    Infeasible {
        /// The error message.
        reason: String,
    },
    /// It ended with an error that is unrelated to its point.
    Failed {
        /// The error message.
        reason: String,
    },
}

impl Outcome {
    /// Its name in files and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Complete { .. } => "complete",
            Outcome::Pruned => "pruned",
            Outcome::EndedEarly => "ended_early",
            Outcome::Diverged { .. } => "diverged",
            Outcome::Infeasible { .. } => "infeasible",
            Outcome::Failed { .. } => "failed",
        }
    }

    /// Whether the trial used its budget and learned something.
    pub fn usable(&self) -> bool {
        matches!(self, Outcome::Complete { stuck: false })
    }
}

/// Numbers by metric name (`val_loss`, `val_accuracy`, …). A non-finite number is kept here and becomes null in files.
pub type Metrics = BTreeMap<String, f64>;

/// The metric that holds seconds of training since the trial began. It comes from a clock, so files keep it apart
/// from everything that two equal studies share.
pub const SECONDS: &str = "seconds";

/// Prefix of the metrics of the cool-down after which a trial was compared at a rung. Other readings have no such
/// metrics.
pub const COOLED: &str = "cooled_";

/// The metric that holds the steps of that cool-down. They are spent in addition to those of the trial.
pub const COOLED_STEPS: &str = "cooled_steps";

/// The name of the metric that holds what `metric` was after that cool-down.
pub fn cooled(metric: &str) -> String {
    format!("{COOLED}{metric}")
}

/// The readings of a trial, one column per metric. All columns have the length of `step`; a metric missing from a
/// reading is NaN.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Optimizer steps done at each reading, rising.
    pub step: Vec<u64>,
    /// Epochs done at each reading (fractional between epoch ends).
    pub epoch: Vec<f64>,
    /// The readings by metric name.
    pub metrics: BTreeMap<String, Vec<f64>>,
}

impl Curve {
    /// Adds one reading.
    pub fn push(&mut self, step: u64, epoch: f64, metrics: &Metrics) {
        let before = self.step.len();
        self.step.push(step);
        self.epoch.push(epoch);
        for (name, value) in metrics {
            let column = self.metrics.entry(name.clone()).or_default();
            column.resize(before, f64::NAN);
            column.push(*value);
        }
        for column in self.metrics.values_mut() {
            column.resize(before + 1, f64::NAN);
        }
    }

    /// The column of one metric; empty if no reading had it.
    pub fn metric(&self, name: &str) -> &[f64] {
        self.metrics.get(name).map_or(&[], Vec::as_slice)
    }

    /// Adds the readings of `later`, which all come after its own.
    pub fn extend(&mut self, later: &Curve) {
        for index in 0..later.len() {
            self.push(later.step[index], later.epoch[index], &later.row(index));
        }
    }

    /// Keeps the first `readings`.
    pub fn truncate(&mut self, readings: usize) {
        self.step.truncate(readings);
        self.epoch.truncate(readings);
        self.metrics.values_mut().for_each(|column| column.truncate(readings));
    }

    /// Number of readings.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// Whether there are no readings.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// The metrics that reading `index` has.
    pub fn row(&self, index: usize) -> Metrics {
        let value =
            |(name, column): (&String, &Vec<f64>)| column.get(index).map(|value| (name.clone(), *value));
        self.metrics.iter().filter_map(value).collect()
    }
}

/// A pause of a trial at a rung, after which it may have continued.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    /// The share of the budget at whose first reading it was to pause, 0 to 1.
    pub share: f64,
    /// Optimizer steps done by then.
    pub step: u64,
}

/// The history of a trial that continues from another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The number of the other trial.
    pub number: u64,
    /// Its settings.
    #[serde(rename = "params")]
    pub point: Point,
    /// The share of the budget up to which they applied.
    pub until: f64,
}

/// A finished trial.
///
/// ```
/// use sweep_study::{Outcome, Point, Trial, Value};
///
/// let values = [("lr".to_owned(), Value::Float(0.1)), ("batch".to_owned(), Value::Int(32))];
/// let point = Point(values.into_iter().collect());
/// let trial = Trial::ended(0, point, (0, 7), Outcome::Diverged { step: 12 });
/// assert_eq!(trial.point.to_string(), "batch=32 lr=0.1");
/// assert_eq!((trial.seed, trial.outcome.name()), (7, "diverged"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Its number within the study, from 0, in the order of the plan.
    pub number: u64,
    /// Its point.
    pub point: Point,
    /// Which repeat of the point, from 0.
    pub replicate: u32,
    /// The seed it ran with: the study's seed plus `replicate`.
    pub seed: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Optimizer steps done.
    pub steps: u64,
    /// Whether no steps were reported: `steps`, and those of the curve, then only count its readings.
    pub counted: bool,
    /// Epochs done.
    pub epochs: f64,
    /// The last reading of each metric.
    pub metrics: Metrics,
    /// All readings.
    pub curve: Curve,
    /// Its pauses, earliest first; empty for one that ran through.
    pub rests: Vec<Rest>,
    /// Whether it was pruned but run to its end as an audit, to see whether pruning was right.
    pub audited: bool,
    /// The trials from whose pauses it continues, the earliest first; empty for a trial that started from scratch.
    pub past: Vec<Past>,
    /// Whether the script of its command had changed since the study began.
    pub changed: bool,
}

impl Trial {
    /// A trial with this outcome and nothing else: no steps, readings or pauses.
    pub fn ended(number: u64, point: Point, (replicate, seed): (u32, u64), outcome: Outcome) -> Trial {
        Trial {
            number,
            point,
            replicate,
            seed,
            outcome,
            steps: 0,
            counted: false,
            epochs: 0.0,
            metrics: Metrics::new(),
            curve: Curve::default(),
            rests: Vec::new(),
            audited: false,
            past: Vec::new(),
            changed: false,
        }
    }

    /// The value of `metric` after the cool-down at which the paused trial is compared, if a cool-down completed.
    pub fn cooled(&self, metric: &str) -> Option<f64> {
        self.metrics.get(&cooled(metric)).copied().filter(|value| value.is_finite())
    }

    /// Steps of all its cool-downs, which are spent in addition to its own.
    pub fn cooled_steps(&self) -> u64 {
        let all = self.curve.metric(COOLED_STEPS).iter().filter(|steps| steps.is_finite());
        all.sum::<f64>() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_keeps_its_columns_level() {
        let mut curve = Curve::default();
        curve.push(1, 0.5, &Metrics::from([("a".to_owned(), 1.0)]));
        curve.push(2, 1.0, &Metrics::from([("b".to_owned(), 2.0)]));
        assert_eq!(curve.metric("a").len(), 2);
        assert!(curve.metric("a")[1].is_nan() && curve.metric("b")[0].is_nan());
        assert_eq!(curve.metric("b")[1], 2.0);
        assert!(curve.metric("c").is_empty());
    }

    #[test]
    fn an_outcome_reads_back() {
        for outcome in [Outcome::Complete { stuck: true }, Outcome::Diverged { step: 7 }, Outcome::Pruned] {
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
        }
    }
}
