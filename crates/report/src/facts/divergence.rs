//! How many trials ended how, and from which learning rate on they diverge.

use serde::Serialize;
use sweep_stats::distribution::normal;
use sweep_stats::logistic::logistic;
use sweep_study::{Outcome, STEPS_TO_TARGET, StudyRecord};

use super::cells::{Cell, State};
use super::estimate::{CONFIDENCE, Estimate, Status};

/// How many trials ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// They used their budget and learned something.
    pub complete: u64,
    /// They used their budget and ended no better than a constant prediction.
    pub stuck: u64,
    /// They learned something but did not reach the target within their budget.
    pub censored: u64,
    /// Their loss diverged.
    pub diverged: u64,
    /// They were ended early.
    pub pruned: u64,
    /// They ended of themselves before the budget that the others used up.
    pub ended_early: u64,
    /// They could not fit.
    pub infeasible: u64,
    /// They ended by an error.
    pub failed: u64,
    /// They are planned and have not ended.
    pub missing: u64,
}

/// Where divergence begins at one batch size of one panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// The panel; `None` where neither agent nor schedule is an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The largest learning rate that never diverged, below the smallest that did.
    pub highest_stable: Option<f64>,
    /// The smallest learning rate at which any trial diverged.
    pub lowest_diverged: Option<f64>,
    /// The smallest learning rate at which, and above which, every trial diverged.
    pub always_diverged: Option<f64>,
    /// The learning rate at which every other trial diverges, where seeds of one rate ended both ways: elsewhere the
    /// bracket is all that is known.
    pub half: Option<Estimate>,
}

/// The study's figures on divergence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Divergence {
    /// Trials by how they ended.
    pub trials: Counts,
    /// Where it begins, by panel and batch size, where learning rates are known.
    pub per_batch: Vec<Stability>,
    /// The error of the first trial that failed; each trial has its own.
    #[serde(skip)]
    pub first_failure: Option<String>,
}

/// Counts the trials and brackets the onset of divergence.
pub fn divergence(record: &StudyRecord, cells: &[Cell]) -> Divergence {
    let mut trials = Counts::default();
    let target = record.study.target().is_some();
    for trial in &record.trials {
        let count = match &trial.outcome {
            Outcome::Complete { stuck: false } if target && !trial.metrics.contains_key(STEPS_TO_TARGET) => {
                &mut trials.censored
            }
            Outcome::Complete { stuck: false } => &mut trials.complete,
            Outcome::Complete { stuck: true } => &mut trials.stuck,
            Outcome::Diverged { .. } => &mut trials.diverged,
            Outcome::Pruned => &mut trials.pruned,
            Outcome::EndedEarly => &mut trials.ended_early,
            Outcome::Infeasible { .. } => &mut trials.infeasible,
            Outcome::Failed { .. } => &mut trials.failed,
        };
        *count += 1;
    }
    trials.missing = record.planned.saturating_sub(record.trials.len() as u64);
    let reason = |outcome: &Outcome| match outcome {
        Outcome::Failed { reason } => Some(reason.clone()),
        _ => None,
    };
    let first_failure = record.trials.iter().find_map(|trial| reason(&trial.outcome));
    Divergence { trials, per_batch: per_batch(cells), first_failure }
}

fn per_batch(cells: &[Cell]) -> Vec<Stability> {
    let mut rows: Vec<Stability> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.state != State::Missing && cell.lr.is_some()) {
        let known = rows.iter_mut().find(|row| row.panel == cell.panel && row.batch == cell.batch);
        if known.is_none() {
            let (panel, batch) = (cell.panel.clone(), cell.batch);
            rows.push(Stability {
                panel,
                batch,
                highest_stable: None,
                lowest_diverged: None,
                always_diverged: None,
                half: None,
            });
        }
    }
    for row in &mut rows {
        let own = || cells.iter().filter(|cell| cell.panel == row.panel && cell.batch == row.batch);
        let diverged = own().filter(|cell| cell.diverged_at.is_some()).filter_map(|cell| cell.lr);
        let lowest = diverged.reduce(f64::min);
        let stable = own()
            .filter(|cell| cell.n > 0 && cell.diverged_at.is_none())
            .filter_map(|cell| cell.lr)
            .filter(|lr| lowest.is_none_or(|lowest| *lr < lowest));
        (row.highest_stable, row.lowest_diverged) = (stable.reduce(f64::max), lowest);
        let own: Vec<&Cell> = own().filter(|cell| cell.n > 0).collect();
        let sometimes = own.iter().filter(|cell| cell.n_diverged < cell.n).filter_map(|cell| cell.lr);
        let sometimes = sometimes.fold(0.0, f64::max);
        row.always_diverged =
            own.iter().filter_map(|cell| cell.lr).filter(|lr| *lr > sometimes).reduce(f64::min);
        row.half = half(&own);
    }
    rows
}

/// The learning rate at which half the trials diverge, by a logistic curve in log₂ η; `None` unless trials of one
/// learning rate ended both ways.
fn half(own: &[&Cell]) -> Option<Estimate> {
    let mixed = |cell: &&Cell| cell.n_diverged > 0 && cell.n_diverged < cell.n;
    own.iter().find(|cell| mixed(cell))?;
    let trials = own.iter().filter_map(|cell| {
        let lr = cell.lr.filter(|lr| *lr > 0.0)?.log2();
        Some((0..cell.n).map(move |index| (lr, index < cell.n_diverged)))
    });
    let trials: Vec<(f64, bool)> = trials.flatten().collect();
    let fit = logistic(&trials)?;
    let reach = normal(0.5 + CONFIDENCE / 2.0) * fit.error;
    Some(Estimate {
        estimate: Some(fit.half.exp2()),
        low: Some((fit.half - reach).exp2()),
        high: Some((fit.half + reach).exp2()),
        confidence: Some(CONFIDENCE),
        ..Estimate::none("learning rate", trials.len(), Status::Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged, stuck};

    #[test]
    fn the_onset_is_bracketed_and_the_trials_are_counted() {
        let record = Made::new(&["lr=0.01,0.1,1,10,100"])
            .replicates(2)
            .trial("lr=0.01", &[0.5, 0.4])
            .trial("lr=0.1", &[0.2, 0.3])
            .outcomes("lr=1", vec![Ok(0.4), diverged(50)])
            .outcomes("lr=10", vec![stuck(2.3), stuck(2.4)])
            .record();
        let divergence = crate::facts(&record).divergence;
        let counts = Counts { complete: 5, stuck: 2, diverged: 1, missing: 2, ..Counts::default() };
        assert_eq!(divergence.trials, counts);
        let [row] = divergence.per_batch.as_slice() else { panic!("one batch size") };
        assert_eq!((row.highest_stable, row.lowest_diverged), (Some(0.1), Some(1.0)));
        // A stuck trial did not diverge, so divergence is certain nowhere.
        assert_eq!(row.always_diverged, None);
    }

    #[test]
    fn seeds_that_end_both_ways_place_the_edge_between_them() {
        let record = Made::new(&["lr=0.25,0.5,1,2"])
            .replicates(4)
            .trial("lr=0.25", &[0.5; 4])
            .outcomes("lr=0.5", vec![Ok(0.4), Ok(0.4), Ok(0.4), diverged(9)])
            .outcomes("lr=1", vec![diverged(5), diverged(5), Ok(0.4), diverged(9)])
            .outcomes("lr=2", vec![diverged(5); 4])
            .record();
        let row = crate::facts(&record).divergence.per_batch.remove(0);
        assert_eq!(
            (row.highest_stable, row.lowest_diverged, row.always_diverged),
            (Some(0.25), Some(0.5), Some(2.0))
        );
        let half = row.half.unwrap();
        // The sample is symmetric about √½.
        assert!((half.estimate.unwrap() / 0.5f64.sqrt() - 1.0).abs() < 1e-6, "{half:?}");
        assert!(half.low.unwrap() > 0.25 && half.high.unwrap() < 2.0);
    }
}
