//! The readings of trials as lines: what they are drawn against, and where they end.

use sweep_study::{Outcome, StepTimes, Trial};

use crate::budget_unit::BudgetUnit;
use crate::thin::thinned;

/// The readings of one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The readings of the metric that curves are of, those that are finite.
    pub points: Vec<(f64, f64)>,
    /// Where the trial diverged, if it did.
    pub diverged: Option<f64>,
}

/// The most readings of a line that a picture has room for.
const MOST: usize = 400;

/// The readings of `trial`, at most 400 of them; empty where it has none or they are not counted that way.
pub fn series(times: &StepTimes<'_>, trial: &Trial, by: BudgetUnit) -> Series {
    let along = by.along(times, trial);
    let values = trial.curve.metric(&times.study.curve_metric()).iter().copied();
    let points: Vec<(f64, f64)> =
        along.into_iter().zip(values).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let diverged = matches!(trial.outcome, Outcome::Diverged { .. });
    Series { points: thinned(&points, MOST), diverged: by.end(times, trial).filter(|_| diverged) }
}
