//! The boundary beyond which trials diverge, learned.

use nalgebra::{DMatrix, DVector};

use super::encoding::Axis;
use super::input_warp::InputWarp;

/// The maximum number of trials, the newest, that the boundary is learned from.
const MOST: usize = 512;

/// Steps of Newton's method; it converges in fewer.
const STEPS: usize = 25;

/// How often a step is halved before the iteration counts as converged.
const HALVINGS: i32 = 20;

/// Standard deviation of the prior of each coefficient, whose coordinates run from −1 to 1. The cliff is sharp: over
/// five decades of η a coefficient of 100 goes from rarely to mostly within a tenth of a decade. A softer prior would
/// try the far side again and again, each time slightly nearer.
const WIDTH: f64 = 100.0;

/// Logistic regression of divergence on the coordinates, with normal priors and the normal approximation of the
/// posterior (Bishop 2006, §4.5).
pub struct Boundary {
    ordered: Vec<bool>,
    /// The mean and the Cholesky factor of the covariance of the coefficients.
    mean: DVector<f64>,
    spread: DMatrix<f64>,
}

impl Boundary {
    /// The boundary learned from `labels`: rows as the surrogate sees them, and whether the trial diverged.
    pub fn learn(axes: &[Axis], input_warp: &InputWarp, labels: &[(Vec<f64>, bool)]) -> Boundary {
        let ordered: Vec<bool> = axes.iter().map(|axis| axis.ordered).collect();
        let labels = &labels[labels.len().saturating_sub(MOST)..];
        let size = ordered.len() + 1;
        let mut prior = DVector::zeros(size);
        // A priori a trial in the middle rarely diverges, and a higher rate diverges more often.
        prior[0] = -3.0;
        if let Some(rate) = input_warp.rate_axis() {
            prior[rate + 1] = 3.0;
        }
        let labels: Vec<(Vec<f64>, bool)> =
            labels.iter().map(|(row, diverged)| (input_warp.row(row), *diverged)).collect();
        let design = DMatrix::from_fn(labels.len(), size, |i, j| feature(&ordered, &labels[i].0, j));
        let diverged = DVector::from_fn(labels.len(), |i, _| f64::from(labels[i].1));
        let precision = WIDTH.powi(-2);
        let density = |mean: &DVector<f64>| {
            let scores = &design * mean;
            let likelihood: f64 = scores
                .iter()
                .zip(&diverged)
                .map(|(score, label)| label * score - log_one_plus_exp(*score))
                .sum();
            likelihood - 0.5 * precision * (mean - &prior).norm_squared()
        };
        let mut mean = prior.clone();
        let mut spread = DMatrix::identity(size, size) * WIDTH.powi(2);
        for _ in 0..STEPS {
            let chances = (&design * &mean).map(|score| 1.0 / (1.0 + (-score).exp()));
            let gradient = design.tr_mul(&(&diverged - &chances)) - (&mean - &prior) * precision;
            let mut weighted = design.clone();
            for (mut row, chance) in weighted.row_iter_mut().zip(&chances) {
                row *= chance * (1.0 - chance);
            }
            let hessian = design.tr_mul(&weighted) + DMatrix::identity(size, size) * precision;
            let Some(cholesky) = hessian.cholesky() else { break };
            spread = cholesky.inverse();
            // If the trials are separable, a full step may overshoot by far.
            let (before, step) = (density(&mean), cholesky.solve(&gradient));
            let shorter = (0..HALVINGS).map(|halving| &mean + &step * 0.5f64.powi(halving));
            let Some(next) = shorter.into_iter().find(|next| density(next) > before) else { break };
            mean = next;
        }
        Boundary { ordered, mean, spread }
    }

    /// The logarithm of the chance that a trial at `row` does not diverge (MacKay's approximation of the average over
    /// the posterior).
    pub fn log_inside(&self, row: &[f64]) -> f64 {
        let features = DVector::from_fn(self.mean.len(), |j, _| feature(&self.ordered, row, j));
        let variance = features.dot(&(&self.spread * &features));
        let score = features.dot(&self.mean) / (1.0 + std::f64::consts::PI * variance / 8.0).sqrt();
        -log_one_plus_exp(score)
    }
}

/// log(1 + eˣ), without overflow.
fn log_one_plus_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Coordinate `j` of the regression: 1, then the ordered axes from −1 to 1.
fn feature(ordered: &[bool], row: &[f64], j: usize) -> f64 {
    match j {
        0 => 1.0,
        _ if ordered[j - 1] => 2.0 * row[j - 1] - 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_lies_between_diverged_and_converged_trials() {
        let axes = [Axis { ordered: true, count: None }, Axis { ordered: true, count: None }];
        // Diverges where x + y/2 > 0.9.
        let labels: Vec<(Vec<f64>, bool)> = (0..64)
            .map(|i| vec![f64::from(i % 8) / 7.0, f64::from(i / 8) / 7.0])
            .map(|row| (row.clone(), row[0] + 0.5 * row[1] > 0.9))
            .collect();
        let boundary = Boundary::learn(&axes, &InputWarp::default(), &labels);
        let chance = |x: f64, y: f64| boundary.log_inside(&[x, y]).exp();
        assert!(chance(0.2, 0.2) > 0.9 && chance(0.95, 0.9) < 0.1);
        assert!(chance(0.8, 0.0) > 0.6 && chance(0.8, 0.5) < 0.4);
        // Without evidence the prior holds, and nothing is certain.
        let unknown = Boundary::learn(&axes, &InputWarp::default(), &[]);
        assert!((0.5..0.99).contains(&unknown.log_inside(&[0.5, 0.5]).exp()));
    }

    #[test]
    fn a_cliff_is_believed_after_a_few_falls() {
        let axes = [Axis { ordered: true, count: None }];
        // The line of a rate from 1e-4 to 10.
        let row = |rate: f64| vec![(rate.log10() + 4.0) / 5.0];
        let ended = [1e-4, 0.003, 0.07, 0.17, 0.5, 1.28, 1.29, 1.99].map(|rate| (row(rate), false));
        let fell = [2.3, 2.28, 2.26, 2.25, 2.23].map(|rate| (row(rate), true));
        let boundary = Boundary::learn(&axes, &InputWarp::default(), &[&ended[..], &fell[..]].concat());
        let chance = |rate: f64| boundary.log_inside(&row(rate)).exp();
        assert!(chance(1.5) > 4.0 * chance(2.23), "{} and {}", chance(1.5), chance(2.23));
    }
}
