//! The boundary beyond which trials diverge, learned.

use nalgebra::{DMatrix, DVector};

use super::encoding::Axis;
use super::lens::Lens;

/// The most trials that the boundary is learned from, the newest.
const MOST: usize = 512;

/// Steps of Newton's method; it converges in fewer.
const STEPS: usize = 25;

/// Standard deviation of the prior of each coefficient, whose coordinates run from −1 to 1.
const WIDTH: f64 = 20.0;

/// Logistic regression of divergence on the coordinates, with normal priors and the normal approximation of the
/// posterior (Bishop 2006, §4.5).
pub struct Boundary {
    ordered: Vec<bool>,
    /// The mean and the Cholesky factor of the covariance of the coefficients.
    mean: DVector<f64>,
    spread: DMatrix<f64>,
}

impl Boundary {
    /// The boundary that `labels` say: rows as the surrogate sees them, and whether the trial diverged.
    pub fn learn(axes: &[Axis], lens: &Lens, labels: &[(Vec<f64>, bool)]) -> Boundary {
        let ordered: Vec<bool> = axes.iter().map(|axis| axis.ordered).collect();
        let labels = &labels[labels.len().saturating_sub(MOST)..];
        let size = ordered.len() + 1;
        let mut prior = DVector::zeros(size);
        // Nothing known, a trial in the middle rarely diverges, and a higher rate more often.
        prior[0] = -3.0;
        if let Some(rate) = lens.rate_axis() {
            prior[rate + 1] = 3.0;
        }
        let labels: Vec<(Vec<f64>, bool)> =
            labels.iter().map(|(row, diverged)| (lens.row(row), *diverged)).collect();
        let design = DMatrix::from_fn(labels.len(), size, |i, j| feature(&ordered, &labels[i].0, j));
        let diverged = DVector::from_fn(labels.len(), |i, _| f64::from(labels[i].1));
        let precision = WIDTH.powi(-2);
        let mut mean = prior.clone();
        let mut spread = DMatrix::identity(size, size) * WIDTH;
        for _ in 0..STEPS {
            let chances = (&design * &mean).map(|score| 1.0 / (1.0 + (-score).exp()));
            let gradient = design.tr_mul(&(&diverged - &chances)) - (&mean - &prior) * precision;
            let weights = chances.map(|chance| (chance * (1.0 - chance)).max(1e-9));
            let mut weighted = design.clone();
            for (mut row, weight) in weighted.row_iter_mut().zip(&weights) {
                row *= *weight;
            }
            let hessian = design.tr_mul(&weighted) + DMatrix::identity(size, size) * precision;
            let Some(cholesky) = hessian.cholesky() else { break };
            mean += cholesky.solve(&gradient);
            spread = cholesky.inverse();
        }
        Boundary { ordered, mean, spread }
    }

    /// The logarithm of the chance that a trial at `row` does not diverge (MacKay's approximation of the average over
    /// the posterior).
    pub fn log_inside(&self, row: &[f64]) -> f64 {
        let features = DVector::from_fn(self.mean.len(), |j, _| feature(&self.ordered, row, j));
        let variance = features.dot(&(&self.spread * &features));
        let score = features.dot(&self.mean) / (1.0 + std::f64::consts::PI * variance / 8.0).sqrt();
        -score.max(0.0) - (-score.abs()).exp().ln_1p()
    }
}

/// Coordinate `j` of the regression: 1, then the ordered axes from −1 to 1.
fn feature(ordered: &[bool], row: &[f64], j: usize) -> f64 {
    match j {
        0 => 1.0,
        _ if ordered[j - 1] => 2.0 * row[j - 1] - 1.0,
        _ => 0.0,
    }
}
