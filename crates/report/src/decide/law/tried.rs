//! A loss surface tried on groups that it was not fitted to.

use std::collections::BTreeMap;

use serde::Serialize;
use sweep_stats::quantile;

use super::price::{Price, mean};
use super::runs::{Location, Run};
use super::surface::Surface;
use crate::facts::{CONFIDENCE, Estimate, Measure, Status};

/// The least share of the variance that a surface must explain in groups left out to be believed, of all their losses
/// and of those within each group.
pub const BELIEVED: f64 = 0.5;

/// How a surface fares in groups left out, over those of their runs whose cost exceeds the lowest of their group by no more
/// than the window of the fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// The share of the variance of the losses that it explains (R²), as values of the metric; `None` where they do not
    /// vary.
    pub r2: Option<f64>,
    /// The same with the means of each group subtracted from its losses and from what is predicted for them.
    pub r2_within: Option<f64>,
    /// How many losses lie inside the interval predicted for them.
    pub covered: usize,
    /// Of how many.
    pub of: usize,
    /// What the cells lose that have the lowest predicted loss of their group.
    pub regret: Option<Price>,
    /// How many such cells there are, with those that reached no loss.
    pub proposed: usize,
}

/// A loss beside what was predicted for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    group: usize,
    value: f64,
    predicted: f64,
    /// How far it lies from what was predicted, in half widths of the interval.
    off: f64,
}

/// What a surface says of groups left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tests {
    losses: Vec<Tested>,
    /// For each group, by how much the proposed cell is worse than the best; `None` where it reached no loss.
    regrets: Vec<Option<f64>>,
}

impl Tests {
    /// Tries a surface on `runs`, whose groups it was not fitted to.
    pub fn of(surface: &Surface, runs: &[&Run], measure: &Measure) -> Tests {
        let test = |run: &&Run| {
            let reached = run.reached.filter(|reached| reached.excess <= surface.window)?;
            let found = surface.at(&run.at);
            let off = (reached.cost - found.cost).abs() / found.reach;
            Some(Tested { group: run.group, value: reached.value, predicted: measure.value(found.cost), off })
        };
        let mut groups: BTreeMap<usize, Vec<&Run>> = BTreeMap::new();
        runs.iter().for_each(|run| groups.entry(run.group).or_default().push(run));
        let regret = |runs: &Vec<&Run>| {
            let reached = |run: &Run| run.reached.map(|reached| (reached.excess, reached.value));
            let best = runs.iter().filter_map(|run| reached(run)).min_by(|a, b| a.0.total_cmp(&b.0))?.1;
            let proposed = surface.proposed(runs.iter().copied())?;
            Some(reached(proposed).map(|(_, value)| (value - best).abs() / best.abs()))
        };
        Tests {
            losses: runs.iter().filter_map(test).collect(),
            regrets: groups.values().filter_map(regret).collect(),
        }
    }

    /// These and others, as one.
    pub fn and(mut self, other: &Tests) -> Tests {
        self.losses.extend(&other.losses);
        self.regrets.extend(&other.regrets);
        self
    }

    /// By which factor intervals must be wider, if at all, for their share of these losses to lie inside: those of groups
    /// beyond the ones that a surface was fitted to show what its form cannot follow.
    pub fn widening(&self) -> f64 {
        let mut all: Vec<f64> = self.losses.iter().map(|tested| tested.off).collect();
        all.sort_by(f64::total_cmp);
        quantile(&all, CONFIDENCE).unwrap_or(1.0).max(1.0)
    }

    /// The figures, with intervals wider by a factor.
    pub fn trial(&self, widening: f64) -> Trial {
        let missed: Vec<f64> = self.losses.iter().map(|tested| tested.value - tested.predicted).collect();
        let values: Vec<f64> = self.losses.iter().map(|tested| tested.value).collect();
        let own: Vec<usize> = self.losses.iter().map(|tested| tested.group).collect();
        let one = vec![0; own.len()];
        Trial {
            r2: explained(&missed, &centred(&values, &one)),
            r2_within: explained(&centred(&missed, &own), &centred(&values, &own)),
            covered: self.losses.iter().filter(|tested| tested.off <= widening).count(),
            of: self.losses.len(),
            regret: mean(self.regrets.iter().flatten().copied()),
            proposed: self.regrets.len(),
        }
    }
}

impl Trial {
    /// Whether the surface explains enough of the losses, and of those within each group.
    pub fn is_believed(&self) -> bool {
        [self.r2, self.r2_within].iter().all(|share| share.is_some_and(|share| share >= BELIEVED))
    }
}

/// Values less the mean of their group.
fn centred(values: &[f64], groups: &[usize]) -> Vec<f64> {
    let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (value, group) in values.iter().zip(groups) {
        let (sum, n) = sums.entry(*group).or_default();
        *sum += value;
        *n += 1.0;
    }
    let mean = |group: &usize| sums.get(group).map_or(f64::NAN, |(sum, n)| sum / n);
    values.iter().zip(groups).map(|(value, group)| value - mean(group)).collect()
}

/// The share of the variance that is left out of what was missed.
fn explained(missed: &[f64], values: &[f64]) -> Option<f64> {
    let squares = |all: &[f64]| all.iter().map(|one| one * one).sum::<f64>();
    let all = squares(values);
    (all > 0.0).then(|| 1.0 - squares(missed) / all)
}

/// The tests of all values left out, one after another.
#[derive(Clone, Debug, Default)]
pub struct Found(pub Vec<Tests>);

impl Found {
    /// The trial of one value, with intervals as wide as the other values ask for.
    pub fn trial_of(&self, at: usize) -> Option<Trial> {
        Some(self.0.get(at)?.trial(self.others(at)))
    }

    fn others(&self, at: usize) -> f64 {
        let others = self.0.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, tests)| tests);
        others.fold(Tests::default(), Tests::and).widening()
    }

    /// By which factor all ask for wider intervals.
    fn widening(&self) -> f64 {
        self.0.iter().fold(Tests::default(), Tests::and).widening()
    }

    /// The trials of all values as one.
    fn trial(&self) -> Trial {
        let covered = (0..self.0.len()).filter_map(|at| self.trial_of(at)).map(|trial| trial.covered).sum();
        Trial { covered, ..self.0.iter().fold(Tests::default(), Tests::and).trial(1.0) }
    }
}

/// The surface of all groups, with how it fares in groups left out.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// The metric whose values it predicts.
    pub metric: String,
    /// The surface.
    #[serde(flatten)]
    pub surface: Surface,
    /// How surfaces without some groups fare there, over all of these groups together; intervals are widened by what the
    /// other values of the first variable ask for.
    pub left_out: Trial,
    /// Whether it explains at least half of the variance there.
    pub believed: bool,
    #[serde(skip)]
    measure: Measure,
}

impl Tried {
    /// A surface and what was found in groups left out, by which its intervals are widened.
    pub fn new(mut surface: Surface, metric: &str, measure: Measure, found: &Found) -> Tried {
        let left_out = found.trial();
        surface.errors *= found.widening();
        let believed = left_out.is_believed();
        Tried { metric: metric.to_owned(), surface, left_out, believed, measure }
    }

    /// The value of the metric that it predicts for a run there; `None` where it is not believed.
    pub fn loss(&self, at: &Location) -> Option<Estimate> {
        let found = self.surface.at(at);
        let value = |cost: f64| self.measure.value(cost);
        let (a, b) = (value(found.cost - found.reach), value(found.cost + found.reach));
        self.believed.then(|| Estimate {
            estimate: Some(value(found.cost)),
            low: Some(a.min(b)),
            high: Some(a.max(b)),
            confidence: Some(CONFIDENCE),
            ..Estimate::none("metric", self.surface.runs, Status::Ok)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tested(group: usize, value: f64, predicted: f64) -> Tested {
        Tested { group, value, predicted, off: 0.5 }
    }

    #[test]
    fn a_level_that_is_off_counts_in_all_losses_and_not_within_groups() {
        let losses = vec![tested(0, 1.0, 2.0), tested(0, 2.0, 3.0), tested(1, 3.0, 3.0), tested(1, 4.0, 4.0)];
        let trial = Tests { losses, regrets: vec![Some(0.01), None] }.trial(1.0);
        // Deviations of 1.5, 0.5, 0.5 and 1.5 from the mean, and two misses of 1.
        assert!((trial.r2.unwrap() - (1.0 - 2.0 / 5.0)).abs() < 1e-12);
        assert_eq!((trial.r2_within, trial.covered, trial.proposed), (Some(1.0), 4, 2));
        assert_eq!(trial.regret.unwrap().groups, 1);
        assert!(trial.is_believed() && !Tests::default().trial(1.0).is_believed());
    }

    #[test]
    fn each_value_is_tried_with_the_intervals_that_the_others_ask_for() {
        let tests = |off: f64| {
            let losses = (0..20).map(|at| Tested { off, ..tested(0, f64::from(at), 0.0) }).collect();
            Tests { losses, regrets: Vec::new() }
        };
        let found = Found(vec![tests(0.9), tests(2.0), tests(2.0)]);
        assert_eq!(found.trial().covered, 60);
        assert_eq!(Found(vec![tests(0.9), tests(2.0)]).trial().covered, 20);
        assert_eq!((found.widening(), Found::default().widening()), (2.0, 1.0));
    }

    #[test]
    fn the_mean_explains_nothing() {
        let losses: Vec<Tested> = (0..5).map(|at| tested(0, f64::from(at), 2.0)).collect();
        let trial = Tests { losses, regrets: Vec::new() }.trial(1.0);
        assert!(trial.r2.unwrap().abs() < 1e-12 && !trial.is_believed());
    }
}
