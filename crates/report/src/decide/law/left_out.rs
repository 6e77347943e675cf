//! The laws and the loss surface tried on groups that they were not fitted to.

use serde::Serialize;
use sweep_stats::distribution::normal;

use super::measured::{Laws, Measured, laws, rates};
use super::power::Observation;
use super::price::{Price, mean, price};
use super::runs::{Run, window};
use super::surface::{Surface, Unsupported};
use super::tried::{Found, Tests, Trial};
use crate::facts::{CONFIDENCE, Estimate, Measure};

/// The laws fitted without some groups, tried on these.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// The value of the first variable that these share.
    pub value: f64,
    /// What the laws lose there.
    pub price: Option<Price>,
    /// How many of the best learning rates there lie inside the interval predicted for them.
    pub inside: usize,
    /// Of how many.
    pub of: usize,
    /// How the loss surface fares there; `None` where the groups that are left support none.
    pub surface: Option<Trial>,
}

/// The groups of a table with what laws and surfaces are fitted to.
pub struct Table<'a> {
    /// The variables.
    pub names: &'a [String],
    /// The groups.
    pub measured: &'a [Measured],
    /// The best batch size of each.
    pub batches: &'a [Estimate],
    /// The runs of all.
    pub runs: &'a [Run],
    /// How their values compare.
    pub measure: &'a Measure,
}

impl Table<'_> {
    /// The surface of some groups about laws through these.
    ///
    /// # Errors
    /// Why they support none.
    pub fn surface(&self, chosen: &[usize], laws: &Laws) -> Result<Surface, Unsupported> {
        let runs: Vec<&Run> = self.runs.iter().filter(|run| chosen.contains(&run.group)).collect();
        Surface::fit(&runs, window(self.measured, chosen, self.measure), self.names, laws)
    }

    /// Leaves out all groups of one value of the first variable after another, refits, and tries laws and surface on them.
    /// Also what the surfaces predicted in all of them.
    pub fn left_out(&self) -> (Vec<LeftOut>, Found) {
        let mut values: Vec<f64> =
            self.measured.iter().filter_map(|group| group.at.first().copied()).collect();
        values.dedup();
        if values.len() < 3 {
            return (Vec::new(), Found::default());
        }
        let (mut all, tests): (Vec<LeftOut>, Vec<Option<Tests>>) =
            values.into_iter().filter_map(|value| self.without(value)).unzip();
        let tried: Vec<usize> = (0..all.len()).filter(|at| tests[*at].is_some()).collect();
        let found = Found(tests.into_iter().flatten().collect());
        for (number, at) in tried.into_iter().enumerate() {
            all[at].surface = found.trial_of(number);
        }
        (all, found)
    }

    fn without(&self, value: f64) -> Option<(LeftOut, Option<Tests>)> {
        let (out, kept): (Vec<usize>, Vec<usize>) =
            (0..self.measured.len()).partition(|group| self.measured[*group].at.first() == Some(&value));
        let laws = laws(self.measured, self.batches, &kept, self.names)?;
        let prices = out.iter().filter_map(|group| price(&self.measured[*group], &laws));
        let there = rates(self.measured, &out);
        let covers = |one: &&Observation| {
            let found = laws.lr.at(&one.x);
            (one.y - found.y).abs() <= found.reach.max(normal(0.5 + CONFIDENCE / 2.0) * one.error)
        };
        let inside = there.iter().filter(covers).count();
        let runs: Vec<&Run> = self.runs.iter().filter(|run| out.contains(&run.group)).collect();
        let tests = self.surface(&kept, &laws).ok().map(|surface| Tests::of(&surface, &runs, self.measure));
        Some((LeftOut { value, price: mean(prices), inside, of: there.len(), surface: None }, tests))
    }
}
