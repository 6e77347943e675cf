//! A loss surface over learning rate, batch size and the variables of the groups.
//!
//! The cost of a run (the logarithm of its loss) is a polynomial in how far its learning rate and its batch size lie from
//! the power laws, plus the level, the cost on the laws. The coefficients move with the variables, and the level falls
//! as powers of them towards a constant, as losses do in the scaling laws of J. Hoffmann et al. 2022, arXiv 2203.15556.

mod choice;
mod column;
mod fit;
mod frame;

use serde::Serialize;
use sweep_stats::linear::variance_at;

use self::choice::Candidates;
use self::column::{Column, columns};
use self::fit::{Fitted, Sample};
use super::measured::{FEWEST, Laws};
use super::runs::{Location, Run};

pub use self::column::Form;
pub use self::frame::Frame;

/// The fewest values of a variable for the level to have its square, so that the square still is tested without one.
const SQUARED: usize = 5;

/// A coefficient of a surface.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// What it multiplies: powers of x and y, with variables in units of their spread, or the bent variables.
    pub name: String,
    /// The coefficient.
    pub estimate: f64,
    /// Its standard error, from the fits without one group each.
    pub error: f64,
}

/// Why there is no surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsupported {
    /// There is no law of the batch size.
    NoBatch,
    /// The noise of no group is known, so that no run counts as near the best.
    NoNoise,
    /// So few groups have runs near their best.
    Groups(usize),
    /// The groups with runs near their best, and these runs, determine no form.
    Undetermined {
        /// How many runs there are.
        runs: usize,
        /// How many groups.
        groups: usize,
    },
}

/// A fitted surface.
#[derive(Clone, Debug, Serialize)]
pub struct Surface {
    /// Its form.
    pub form: Form,
    /// Its coefficients.
    pub terms: Vec<Term>,
    /// What places are measured against.
    pub frame: Frame,
    /// The standard deviation of the costs about it, by the median of their distances.
    pub scatter: f64,
    /// How many standard errors an interval reaches to both sides.
    pub errors: f64,
    /// By how much the cost of a run may exceed the lowest of its group for the surface to go through it.
    pub window: f64,
    /// Through how many runs it goes.
    pub runs: usize,
    /// Of how many groups.
    pub groups: usize,
    #[serde(skip)]
    columns: Vec<Column>,
    /// The covariances of the coefficients and, last, of the bend.
    #[serde(skip)]
    covariance: Vec<Vec<f64>>,
}

/// A cost that a surface predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The cost.
    pub cost: f64,
    /// Half the width of the interval in which a run made there would lie.
    pub reach: f64,
}

impl Surface {
    /// The surface through those of `runs` that exceed the lowest cost of their group by at most `window`, over the
    /// variables `names`, about the `laws`.
    ///
    /// # Errors
    /// Why the runs support none.
    pub fn fit(
        runs: &[&Run],
        window: Option<f64>,
        names: &[String],
        laws: &Laws,
    ) -> Result<Surface, Unsupported> {
        let Some(batch) = &laws.batch else { return Err(Unsupported::NoBatch) };
        let Some(window) = window else { return Err(Unsupported::NoNoise) };
        let near: Vec<(&Run, f64)> = runs
            .iter()
            .filter_map(|run| Some((*run, run.reached.filter(|reached| reached.excess <= window)?.cost)))
            .collect();
        let (kept, costs): (Vec<&Run>, Vec<f64>) = near.into_iter().unzip();
        let of: Vec<usize> = kept.iter().map(|run| run.group).collect();
        let mut groups = of.clone();
        groups.sort_unstable();
        groups.dedup();
        if groups.len() <= FEWEST {
            return Err(Unsupported::Groups(groups.len()));
        }
        let undetermined = Unsupported::Undetermined { runs: kept.len(), groups: groups.len() };
        let frame = Frame::of(&kept, names, &laws.lr, batch).ok_or(undetermined)?;
        let places: Vec<_> = kept.iter().map(|run| frame.local(&run.at)).collect();
        let all = columns(frame.variables.len(), &frame.with_values(SQUARED));
        let candidates = Candidates { columns: &all, places: &places, costs: &costs, groups: &of };
        let form = candidates.best().ok_or(undetermined)?;
        let columns: Vec<Column> = candidates.of(&form).into_iter().map(|at| all[at]).collect();
        let values = values(&kept);
        let sample = Sample {
            columns: &columns,
            bend: form.bend,
            places: &places,
            costs: &costs,
            groups: &of,
            values: &values,
        };
        let Fitted { coefficients, covariance, scatter, errors } = sample.fit().ok_or(undetermined)?;
        let variables: Vec<&str> = frame.variables.iter().map(|one| one.name.as_str()).collect();
        let term = |(at, column): (usize, &Column)| Term {
            name: column.name(&variables),
            estimate: coefficients[at],
            error: covariance[at][at].max(0.0).sqrt(),
        };
        let terms = columns.iter().enumerate().map(term).collect();
        let (runs, groups) = (kept.len(), groups.len());
        Ok(Surface { form, terms, frame, scatter, errors, window, runs, groups, columns, covariance })
    }

    /// The cost at a place, with the interval of a run made there.
    pub fn at(&self, at: &Location) -> Expected {
        let coefficients: Vec<f64> = self.terms.iter().map(|term| term.estimate).collect();
        let local = self.frame.local(at);
        let row = fit::row(&self.columns, &coefficients, &local, self.form.bend);
        let cost = row.iter().zip(&coefficients).map(|(x, coefficient)| x * coefficient).sum();
        let variance = variance_at(&row, &self.covariance) + self.scatter.powi(2);
        Expected { cost, reach: self.errors * variance.sqrt() }
    }

    /// The run with the lowest predicted cost among those as near to the laws as the runs that it was fitted to.
    pub fn proposed<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> Option<&'a Run> {
        let near = runs.filter(|run| self.frame.holds(&run.at));
        near.map(|run| (self.at(&run.at).cost, run))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, run)| run)
    }
}

/// The number of the value that the first variable has in each run.
fn values(runs: &[&Run]) -> Vec<usize> {
    let first = |run: &Run| run.at.variables.first().copied().unwrap_or(0.0);
    let mut known: Vec<f64> = runs.iter().map(|run| first(run)).collect();
    known.sort_by(f64::total_cmp);
    known.dedup();
    runs.iter().map(|run| known.partition_point(|value| *value < first(run))).collect()
}

#[cfg(test)]
mod tests;
