//! The pruners by name, with their settings.

use std::collections::BTreeMap;

use sweep_study::{Direction, Study};

use super::Pruner;
use super::halving::Halving;
use super::none::Nothing;
use super::patient::Patient;
use super::percentile::Percentile;
use super::population::Pbt;
use super::threshold::Threshold;
use super::wilcoxon::Wilcoxon;
use crate::Evidence;

/// The pruners there are, by the name a person types. `asha-async` is `asha` in a study whose lag is `async`.
pub const NAMES: [&str; 10] = [
    "none",
    "median",
    "percentile",
    "asha",
    "asha-async",
    "hyperband",
    "patient",
    "threshold",
    "wilcoxon",
    "pbt",
];

/// A setting of a pruner: its name, what it is, its default (none where it must be given), its bounds.
type Setting = (&'static str, &'static str, Option<f64>, (f64, f64));

const ETA: Setting = ("eta", "one of this many goes on at each rung", Some(3.0), (1.5, 100.0));
const HALVINGS: Setting = ("rungs", "rungs, the end of the budget among them", Some(3.0), (2.0, 10.0));
const STOPS: Setting =
    ("stops", "1: what does not go on at once has ended, and nothing waits", Some(0.0), (0.0, 1.0));
const COOL_DOWN: Setting = (
    "cool_down",
    "under a decaying schedule judge after a cool-down of this share of the steps so far; 0: as it is",
    Some(0.25),
    (0.0, 1.0),
);
const BRACKETS: Setting = ("rungs", "rungs, and first rungs to start from", Some(3.0), (2.0, 10.0));
const RUNGS: Setting = ("rungs", "rungs, evenly over the budget", Some(10.0), (2.0, 1000.0));
const WARMUP: Setting =
    ("warmup", "share of the budget before which nothing is pruned", Some(0.1), (0.0, 1.0));
const KEPT: Setting = ("kept", "percent of the others among which a trial must be", Some(25.0), (0.0, 100.0));
const PATIENCE: Setting = ("patience", "rungs without a better loss", Some(3.0), (1.0, 1000.0));
const DELTA: Setting = ("delta", "by how much a loss must be better to count", Some(0.0), (0.0, f64::MAX));
const WORST: Setting = ("worst", "the worst value of the metric that goes on", None, (f64::MIN, f64::MAX));
const GENERATIONS: Setting = ("generations", "rungs, evenly over the budget", Some(10.0), (2.0, 1000.0));
const SHARE: Setting =
    ("share", "share of the members that end at each rung, and that are copied", Some(0.2), (0.01, 0.5));
const FACTOR: Setting = ("factor", "factor by which a setting of a copy changes", Some(1.25), (1.0, 10.0));
const P: Setting = ("p", "probability of error of the test", Some(0.1), (0.0, 0.5));

/// The settings of a pruner; `None` for a name not in [`NAMES`].
fn settings(name: &str) -> Option<&'static [Setting]> {
    Some(match name {
        "none" => &[],
        "median" => &[WARMUP, RUNGS],
        "percentile" => &[KEPT, WARMUP, RUNGS],
        "asha" | "asha-async" => &[ETA, HALVINGS, STOPS, COOL_DOWN],
        "hyperband" => &[ETA, BRACKETS, COOL_DOWN],
        "patient" => &[PATIENCE, DELTA, RUNGS],
        "threshold" => &[WORST, WARMUP, RUNGS],
        "wilcoxon" => &[P],
        "pbt" => &[GENERATIONS, SHARE, FACTOR],
        _ => return None,
    })
}

/// What is wrong with a pruner as asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// No such pruner.
    #[error("there is no pruner `{0}`; there are {names}", names = NAMES.join(", "))]
    Name(String),
    /// The pruner has no such setting.
    #[error("the pruner {pruner} has no setting `{setting}`; it has {known}")]
    Setting {
        /// The pruner.
        pruner: String,
        /// The setting that it lacks.
        setting: String,
        /// Those that it has.
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
        /// The least that would do.
        low: f64,
        /// The most that would do.
        high: f64,
    },
    /// A setting that has no default.
    #[error("the pruner {pruner} needs {setting}, {what}: --pruner-set {setting}=…")]
    Missing {
        /// The pruner.
        pruner: String,
        /// The setting.
        setting: &'static str,
        /// What it is.
        what: &'static str,
    },
}

/// The pruner of a study.
///
/// # Errors
/// As [`build`].
pub fn of(study: &Study) -> Result<Box<dyn Pruner>, SettingsError> {
    build(&study.pruning.pruner, &study.pruning.pruner_set, study.goal.direction)
}

/// The pruner of a name with the settings `given`, for a metric that is better in `direction`.
///
/// # Errors
/// An unknown name or setting, a value out of bounds, a setting without a default that is not given.
pub fn build(
    name: &str,
    given: &BTreeMap<String, f64>,
    direction: Direction,
) -> Result<Box<dyn Pruner>, SettingsError> {
    let known = settings(name).ok_or_else(|| SettingsError::Name(name.to_owned()))?;
    let pruner = name.to_owned();
    if let Some(setting) = given.keys().find(|key| !known.iter().any(|(other, ..)| other == key)) {
        let known: Vec<&str> = known.iter().map(|(setting, ..)| *setting).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(SettingsError::Setting { pruner, setting: setting.clone(), known });
    }
    let mut values = BTreeMap::new();
    for (setting, what, default, (low, high)) in known {
        let Some(value) = given.get(*setting).copied().or(*default) else {
            return Err(SettingsError::Missing { pruner, setting, what });
        };
        if !(*low..=*high).contains(&value) {
            return Err(SettingsError::Bounds { pruner, setting, value, low: *low, high: *high });
        }
        values.insert(*setting, value);
    }
    let value = |setting: &str| values.get(setting).copied().unwrap_or_default();
    let count = |setting: &str| value(setting) as usize;
    Ok(match name {
        "median" => Box::new(Percentile::new(50.0, value("warmup"), count("rungs"))),
        "percentile" => Box::new(Percentile::new(value("kept"), value("warmup"), count("rungs"))),
        "asha" | "asha-async" => {
            let halving = Halving::asha(value("eta"), count("rungs")).cooling(value("cool_down"));
            Box::new(if value("stops") >= 0.5 { halving.stopping() } else { halving })
        }
        "hyperband" => Box::new(Halving::hyperband(value("eta"), count("rungs")).cooling(value("cool_down"))),
        "patient" => Box::new(Patient::new(count("patience"), value("delta"), count("rungs"))),
        "threshold" => {
            let worst = Evidence::told(value("worst"), direction).loss().unwrap_or(f64::INFINITY);
            Box::new(Threshold::new(worst, value("warmup"), count("rungs")))
        }
        "wilcoxon" => Box::new(Wilcoxon::new(value("p"))),
        "pbt" => Box::new(Pbt::new(value("share"), value("factor"), count("generations"))),
        _ => Box::new(Nothing),
    })
}

/// The pruners and their settings, a line each.
pub fn help() -> String {
    let setting = |(name, what, default, _): &Setting| match default {
        Some(default) => format!("{name}={default} ({what})"),
        None => format!("{name}=… ({what})"),
    };
    let line = |name: &&str| {
        let settings: Vec<String> = settings(name)?.iter().map(setting).collect();
        Some(format!("  {name:<12}{}", settings.join("; ")).trim_end().to_owned())
    };
    NAMES.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
