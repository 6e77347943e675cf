//! The points of a study with their replicates gathered.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sweep_study::{FRESH, Outcome, Point, STEPS_TO_TARGET, StudyRecord, Trial};

use super::axes::Axes;
use super::collapse::mark_collapsed;
use super::measure::{Figure, Measure};

/// Grids larger than this are not searched for cells that were never run.
const MOST_MISSING: u128 = 100_000;

/// How the replicates of a point ended, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All used their budget and learned something.
    Complete,
    /// Some did and some did not: there is no mean, and the point cannot be best.
    Unstable,
    /// None did, and at least one diverged.
    Diverged,
    /// None did: all ended no better than a constant prediction.
    Stuck,
    /// They used their budget and ended far above every run that learned, at a higher learning rate: see `collapse`.
    Collapsed,
    /// None reached the target within the budget, though they learned something.
    Censored,
    /// It could not fit, or broke a bound of the study.
    Infeasible,
    /// None did, by errors unrelated to the point.
    Failed,
    /// At least one was ended early because others promised more, and none went wrong.
    Pruned,
    /// At least one ended of itself before the budget that the study's other trials used up, and none went wrong.
    EndedEarly,
    /// It is part of the grid and has not been run.
    Missing,
}

impl State {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            State::Complete => "complete",
            State::Unstable => "unstable",
            State::Diverged => "diverged",
            State::Stuck => "stuck",
            State::Collapsed => "collapsed",
            State::Censored => "censored",
            State::Infeasible => "infeasible",
            State::Failed => "failed",
            State::Pruned => "pruned",
            State::EndedEarly => "ended_early",
            State::Missing => "missing",
        }
    }
}

/// A point and the results of its replicates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The point.
    pub params: Point,
    /// Its learning rate, be it an axis or fixed.
    pub lr: Option<f64>,
    /// Its batch size in examples, be it an axis or fixed.
    pub batch: Option<f64>,
    /// The panel it belongs to: its agent or schedule, where that is an axis.
    pub panel: Option<String>,
    /// How its replicates ended.
    pub state: State,
    /// The numbers of its trials, by replicate.
    pub trials: Vec<u64>,
    /// How many replicates have ended.
    pub n: usize,
    /// How many of them used their budget and learned something.
    pub n_usable: usize,
    /// How many of them diverged.
    #[serde(skip)]
    pub n_diverged: usize,
    /// The mean over replicates (on the logarithm for a loss); `None` unless the state is complete.
    pub value: Option<f64>,
    /// The standard error of the mean; `None` without replicates.
    pub stderr: Option<f64>,
    /// Whether its figures come only from seeds that were not used to choose it.
    pub confirmed: bool,
    /// The value by which it was chosen, where it was confirmed afterwards.
    #[serde(skip)]
    pub chosen_by: Option<f64>,
    /// The value of each replicate, in the order of `trials`; `None` where it did not complete.
    pub values: Vec<Option<f64>>,
    /// The earliest step in which a replicate diverged.
    pub diverged_at: Option<u64>,
    /// Whether its value is within noise of the best one.
    pub tied: bool,
}

impl Cell {
    /// Value and standard error, if there is a value.
    pub fn result(&self) -> Option<Figure> {
        self.value.map(|value| Figure { value, stderr: self.stderr })
    }
}

/// Gathers the trials of a study by point; points of a grid that have no trial yet are `missing`.
pub fn cells(record: &StudyRecord, axes: &Axes, measure: &Measure) -> Vec<Cell> {
    let mut order: Vec<Point> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let study = &record.study;
    if study.sampler == "grid" && study.space.cells() <= MOST_MISSING {
        for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
            known.insert(point.key());
            order.push(point);
        }
    }
    let mut trials: BTreeMap<String, Vec<&Trial>> = BTreeMap::new();
    for trial in &record.trials {
        let key = trial.point.key();
        if known.insert(key.clone()) {
            order.push(trial.point.clone());
        }
        trials.entry(key).or_default().push(trial);
    }
    let cell = |point: Point| {
        let mut own = trials.remove(&point.key()).unwrap_or_default();
        own.sort_by_key(|trial| (trial.replicate, trial.number));
        gather(record, axes, measure, point, &own)
    };
    let mut cells: Vec<Cell> = order.into_iter().map(cell).collect();
    take_equal_seeds_as_one(&mut cells);
    mark_collapsed(&mut cells, measure);
    cells
}

/// Where the replicates of every point gave the same value the runs ignore their seeds: each point counts as run once,
/// and nothing is significant.
fn take_equal_seeds_as_one(cells: &mut [Cell]) {
    let replicated = || cells.iter().filter(|cell| cell.value.is_some() && cell.n > 1);
    let equal = |cell: &Cell| cell.values.iter().all(|value| *value == cell.values[0]);
    if replicated().next().is_none() || !replicated().all(equal) {
        return;
    }
    for cell in cells.iter_mut().filter(|cell| cell.value.is_some()) {
        cell.values.truncate(1);
        (cell.value, cell.stderr) = (cell.values[0], None);
    }
}

fn gather(record: &StudyRecord, axes: &Axes, measure: &Measure, point: Point, own: &[&Trial]) -> Cell {
    let study = &record.study;
    let value_of = |trial: &&Trial| {
        let value = study.value(trial);
        (trial.outcome.usable() && study.feasible(trial) && value.is_finite()).then_some(value)
    };
    let (searched, fresh): (Vec<&Trial>, Vec<&Trial>) = own.iter().partition(|trial| trial.replicate < FRESH);
    let confirmed = !fresh.is_empty();
    let chosen_by: Vec<f64> = searched.iter().filter_map(value_of).collect();
    let chosen_by = measure.mean(&chosen_by).filter(|_| confirmed).map(|mean| mean.value);
    let own = if confirmed { &fresh } else { &searched };
    let values: Vec<Option<f64>> = own.iter().map(value_of).collect();
    let usable: Vec<f64> = values.iter().flatten().copied().collect();
    let broken = own.iter().any(|trial| trial.outcome.usable() && !study.feasible(trial));
    let state = match state(own, usable.len(), study.goal.metric == STEPS_TO_TARGET) {
        State::Failed if broken => State::Infeasible,
        state => state,
    };
    let mean = if state == State::Complete { measure.mean(&usable) } else { None };
    let diverged = || {
        own.iter().filter_map(|trial| match trial.outcome {
            Outcome::Diverged { step } => Some(step),
            _ => None,
        })
    };
    Cell {
        lr: study.lr(&point),
        batch: study.batch(&point),
        panel: axes.panel_of(&point),
        state,
        trials: own.iter().map(|trial| trial.number).collect(),
        n: own.len(),
        n_usable: usable.len(),
        value: mean.map(|mean| mean.value),
        stderr: mean.and_then(|mean| mean.stderr),
        n_diverged: diverged().count(),
        diverged_at: diverged().min(),
        confirmed,
        chosen_by,
        values,
        tied: false,
        params: point,
    }
}

/// The state of a point, of whose replicates `usable` completed. A complete trial without a finite value counts as
/// failed, or as censored where the value is the steps to a `target`.
fn state(own: &[&Trial], usable: usize, target: bool) -> State {
    let any = |test: fn(&Outcome) -> bool| own.iter().any(|trial| test(&trial.outcome));
    if own.is_empty() {
        return State::Missing;
    }
    if usable == own.len() {
        return State::Complete;
    }
    let diverged = any(|outcome| matches!(outcome, Outcome::Diverged { .. }));
    let stuck = any(|outcome| matches!(outcome, Outcome::Complete { stuck: true }));
    let infeasible = any(|outcome| matches!(outcome, Outcome::Infeasible { .. }));
    let pruned = any(|outcome| matches!(outcome, Outcome::Pruned));
    let early = any(|outcome| matches!(outcome, Outcome::EndedEarly));
    let failed = any(|outcome| matches!(outcome, Outcome::Failed { .. }));
    let unstable = if usable == 0 { State::Failed } else { State::Unstable };
    match usable {
        0 if diverged => State::Diverged,
        0 if stuck => State::Stuck,
        0 if infeasible => State::Infeasible,
        0 if target && any(|outcome| outcome.usable()) => State::Censored,
        _ if diverged || stuck || infeasible || failed => unstable,
        _ if pruned => State::Pruned,
        _ if early => State::EndedEarly,
        _ => unstable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged, stuck};

    #[test]
    fn replicates_are_gathered_and_averaged_on_the_log() {
        let record = Made::new(&["lr=0.1,1"]).replicates(2).trial("lr=0.1", &[0.1, 0.4]).record();
        let facts = crate::facts(&record);
        let cell = &facts.cells[0];
        assert_eq!((cell.state, cell.n, cell.n_usable), (State::Complete, 2, 2));
        assert!((cell.value.unwrap() - 0.2).abs() < 1e-12);
        assert!(cell.stderr.is_some());
        assert_eq!(cell.trials, [0, 1]);
        let missing = &facts.cells[1];
        assert_eq!((missing.state, missing.n, missing.lr), (State::Missing, 0, Some(1.0)));
    }

    #[test]
    fn runs_that_ignore_their_seeds_claim_no_significance() {
        let mut made = Made::new(&["lr=0.01,0.02,0.04,0.08,0.16,0.32", "batch=16,32"]).replicates(3);
        for (index, lr) in ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32"].iter().enumerate() {
            let value = 0.1 * (1.0 + 0.1 * (index as f64 - 2.3).powi(2));
            made = made.trial(&format!("lr={lr} batch=16"), &[value; 3]);
            made = made.trial(&format!("lr={lr} batch=32"), &[1.3 * value; 3]);
        }
        let facts = crate::facts(&made.record());
        assert_eq!((facts.cells[0].n, facts.cells[0].stderr), (3, None));
        assert!(facts.comparisons.best.is_empty() && facts.comparisons.pairs.is_empty());
        assert_ne!(facts.noise.source, crate::facts::Source::Replicates);
    }

    #[test]
    fn a_point_that_sometimes_fails_has_no_mean() {
        let record = Made::new(&["lr=0.1,1"])
            .replicates(3)
            .outcomes("lr=0.1", vec![Ok(0.1), diverged(7), Ok(0.2)])
            .outcomes("lr=1", vec![diverged(9), diverged(3), stuck(2.3)])
            .record();
        let facts = crate::facts(&record);
        let (some, none) = (&facts.cells[0], &facts.cells[1]);
        assert_eq!((some.state, some.n_usable, some.n, some.value), (State::Unstable, 2, 3, None));
        assert_eq!(some.values, [Some(0.1), None, Some(0.2)]);
        assert_eq!((none.state, none.diverged_at), (State::Diverged, Some(3)));
        assert!(facts.best.is_none());
    }

    #[test]
    fn ties_are_within_noise_of_the_best() {
        let made = Made::new(&["lr=0.1,0.2,0.4"]);
        let record =
            made.trial("lr=0.1", &[0.100]).trial("lr=0.2", &[0.104]).trial("lr=0.4", &[0.106]).record();
        let ties: Vec<bool> = crate::facts(&record).cells.iter().map(|cell| cell.tied).collect();
        assert_eq!(ties, [true, true, false]);
    }
}
