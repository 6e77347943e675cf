//! How many trials ended how, and from which learning rate on they diverge.

use serde::Serialize;
use sweep_study::{Outcome, StudyRecord};

use super::cells::{Cell, State};

/// How many trials ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// They used their budget and learned something.
    pub complete: u64,
    /// They used their budget and ended no better than a constant prediction.
    pub stuck: u64,
    /// Their loss ran away.
    pub diverged: u64,
    /// They were ended early.
    pub pruned: u64,
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
    /// The panel; `None` where the schedule is no axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The largest learning rate that never diverged, below the smallest that did.
    pub highest_stable: Option<f64>,
    /// The smallest learning rate at which any trial diverged.
    pub lowest_diverged: Option<f64>,
}

/// What the study says of divergence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Divergence {
    /// Trials by how they ended.
    pub trials: Counts,
    /// Where it begins, by panel and batch size, where learning rates are known.
    pub per_batch: Vec<Stability>,
}

/// Counts the trials and brackets the onset of divergence.
pub fn divergence(record: &StudyRecord, cells: &[Cell]) -> Divergence {
    let mut trials = Counts::default();
    for trial in &record.trials {
        let count = match &trial.outcome {
            Outcome::Complete { stuck: false } => &mut trials.complete,
            Outcome::Complete { stuck: true } => &mut trials.stuck,
            Outcome::Diverged { .. } => &mut trials.diverged,
            Outcome::Pruned => &mut trials.pruned,
            Outcome::Infeasible { .. } => &mut trials.infeasible,
            Outcome::Failed { .. } => &mut trials.failed,
        };
        *count += 1;
    }
    trials.missing = record.planned.saturating_sub(record.trials.len() as u64);
    Divergence { trials, per_batch: per_batch(cells) }
}

fn per_batch(cells: &[Cell]) -> Vec<Stability> {
    let mut rows: Vec<Stability> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.state != State::Missing && cell.lr.is_some()) {
        let known = rows.iter_mut().find(|row| row.panel == cell.panel && row.batch == cell.batch);
        if known.is_none() {
            let (panel, batch) = (cell.panel.clone(), cell.batch);
            rows.push(Stability { panel, batch, highest_stable: None, lowest_diverged: None });
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
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{Made, diverged, stuck};

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
    }
}
