//! The fit of one form: robust, with covariances and intervals from the fits without one group each.

use std::collections::BTreeSet;

use sweep_stats::grouped::Grouped;
use sweep_stats::linear::{jackknife, variance_at};
use sweep_stats::quantile;

use super::column::{Column, Local};
use crate::facts::CONFIDENCE;

/// From how many standard deviations on a residual counts less (P. Huber 1964, Ann. Math. Stat. 35, with the constant
/// that loses 5 % on normal residuals).
const HUBER: f64 = 1.345;

/// The fewest values of the first variable that make blocks: fewer say little of covariances.
const FEWEST_VALUES: usize = 5;

/// How often weights and coefficients are taken from each other.
const ROUNDS: usize = 15;

/// The median distance from the mean of a normal distribution, in standard deviations.
const NORMAL_MEDIAN: f64 = 0.6745;

/// The runs that a form is fitted to.
pub struct Sample<'a> {
    /// The columns of the form.
    pub columns: &'a [Column],
    /// Its bend.
    pub bend: f64,
    /// Where each run lies.
    pub places: &'a [Local],
    /// Its cost.
    pub costs: &'a [f64],
    /// Its group.
    pub groups: &'a [usize],
    /// The number of the value that the first variable has in it.
    pub values: &'a [usize],
}

/// The fit to all runs, and those without one block of them each.
struct Refits {
    whole: Vec<f64>,
    without: Vec<(usize, Vec<f64>)>,
}

/// A fitted form.
pub struct Fitted {
    /// The coefficients, in the order of the columns.
    pub coefficients: Vec<f64>,
    /// Their covariances and, last, those of the bend where the groups determine it.
    pub covariance: Vec<Vec<f64>>,
    /// The standard deviation of the costs, by the median of their distances.
    pub scatter: f64,
    /// How many standard errors an interval must reach to hold its share of the runs of groups left out.
    pub errors: f64,
}

/// A place as the columns see it and, last, by how much the cost there grows with the bend.
pub fn row(columns: &[Column], coefficients: &[f64], at: &Local, bend: f64) -> Vec<f64> {
    let mut row: Vec<f64> = columns.iter().map(|column| column.value(at, bend)).collect();
    let level = columns.iter().zip(coefficients);
    let level = level.filter(|(column, _)| column.is_bent());
    row.push(level.map(|(column, coefficient)| column.growth(at, bend) * coefficient).sum());
    row
}

impl Sample<'_> {
    /// The fit. `None` if the groups, or all groups but one, do not determine the coefficients.
    ///
    /// Covariances are from the fits without one block of runs each (the jackknife of R. Bell and D. McCaffrey 2002, Surv.
    /// Methodol. 28), with the bend as one more coefficient. Standard errors add the scatter of runs. An interval reaches
    /// so many of them that it holds its share of the errors in blocks left out (conformal prediction with scaled errors:
    /// J. Lei et al. 2018, J. Am. Stat. Assoc. 113, section 5.2).
    pub fn fit(&self) -> Option<Fitted> {
        let plain = |at: &Local| self.columns.iter().map(|column| column.value(at, self.bend)).collect();
        let rows: Vec<Vec<f64>> = self.places.iter().map(plain).collect();
        let (coefficients, weights, scatter) = self.robust(&rows)?;
        let own = |at: &Local| row(self.columns, &coefficients, at, self.bend);
        let rows: Vec<Vec<f64>> = self.places.iter().map(own).collect();
        let (blocks, Refits { whole, without }) = self.refits(&rows, &weights)?;
        let moves: Vec<Vec<f64>> =
            without.iter().map(|(_, one)| one.iter().zip(&whole).map(|(a, b)| a - b).collect()).collect();
        let covariance = jackknife(&moves);
        let error = |at: usize| {
            let (_, left_out) = without.iter().find(|(block, _)| *block == blocks[at])?;
            let predicted: f64 = rows[at].iter().zip(left_out).map(|(x, coefficient)| x * coefficient).sum();
            let own = (variance_at(&rows[at], &covariance) + scatter.powi(2)).sqrt();
            Some((self.costs[at] - predicted).abs() / own)
        };
        let mut errors: Vec<f64> = (0..rows.len()).filter_map(error).collect();
        errors.sort_by(f64::total_cmp);
        Some(Fitted { coefficients, covariance, scatter, errors: quantile(&errors, CONFIDENCE)? })
    }

    /// The blocks that are left out, and the fits. A block is all groups of one value of the first variable, so that
    /// errors are those beyond the values there are; it is one group where the values are too few, or determine no fit
    /// without one of them. The bend is left as it is where no blocks determine it.
    fn refits(&self, rows: &[Vec<f64>], weights: &[f64]) -> Option<(&[usize], Refits)> {
        let p = self.columns.len();
        let count = self.values.iter().collect::<BTreeSet<_>>().len();
        let blocks = [(count >= FEWEST_VALUES).then_some(self.values), Some(self.groups)];
        blocks.into_iter().flatten().find_map(|blocks| {
            let grouped = Grouped::of(rows, self.costs, weights, blocks)?;
            let fits = |columns: usize| {
                let columns: Vec<usize> = (0..columns).collect();
                Some(Refits { whole: grouped.fit(&columns)?, without: grouped.without_each(&columns)? })
            };
            Some((blocks, fits(p + 1).or_else(|| fits(p))?))
        })
    }

    /// The coefficients, weights and scatter of the robust fit.
    fn robust(&self, rows: &[Vec<f64>]) -> Option<(Vec<f64>, Vec<f64>, f64)> {
        let columns: Vec<usize> = (0..self.columns.len()).collect();
        let mut weights = vec![1.0; rows.len()];
        for round in 0.. {
            let coefficients = Grouped::of(rows, self.costs, &weights, self.groups)?.fit(&columns)?;
            let residual = |(row, cost): (&Vec<f64>, &f64)| {
                cost - row.iter().zip(&coefficients).map(|(x, coefficient)| x * coefficient).sum::<f64>()
            };
            let far: Vec<f64> = rows.iter().zip(self.costs).map(|pair| residual(pair).abs()).collect();
            let mut sorted = far.clone();
            sorted.sort_by(f64::total_cmp);
            let scatter = (quantile(&sorted, 0.5)? / NORMAL_MEDIAN).max(f64::EPSILON);
            if round == ROUNDS {
                return Some((coefficients, weights, scatter));
            }
            weights = far.iter().map(|far| (HUBER * scatter / far).min(1.0)).collect();
        }
        None
    }
}
