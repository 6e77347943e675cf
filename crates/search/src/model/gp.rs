//! Gaussian-process regression (Rasmussen & Williams 2006, ch. 2 and 5).

use std::cell::OnceCell;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::kernel::Kernel;

/// The posterior of a covariance given targets at rows.
pub struct Posterior {
    kernel: Kernel,
    rows: Vec<Vec<f64>>,
    /// The Cholesky factor L of the covariance matrix, and its inverse, needed only for standard deviations.
    cholesky: Cholesky<f64, Dyn>,
    inverse: OnceCell<DMatrix<f64>>,
    /// K⁻¹ times the targets.
    alpha: DVector<f64>,
}

/// A normal distribution of a target without its noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

impl Posterior {
    /// The posterior of `targets` at `rows`, the last of which are `soft`: known with additional noise of the given
    /// variance. `None` if the matrix cannot be factored.
    pub fn new(
        kernel: Kernel,
        rows: Vec<Vec<f64>>,
        targets: &[f64],
        soft: (usize, f64),
    ) -> Option<Posterior> {
        let cholesky = factor(&kernel, &rows, soft)?;
        let alpha = cholesky.solve(&DVector::from_column_slice(targets));
        Some(Posterior { kernel, rows, cholesky, inverse: OnceCell::new(), alpha })
    }

    fn inverse(&self) -> &DMatrix<f64> {
        self.inverse.get_or_init(|| {
            let mut inverse = DMatrix::identity(self.rows.len(), self.rows.len());
            // The diagonal of a Cholesky factor is positive, so this cannot fail.
            self.cholesky.l_dirty().solve_lower_triangular_mut(&mut inverse);
            inverse
        })
    }

    /// The beliefs about the target at each of `at`.
    pub fn at(&self, at: &[Vec<f64>]) -> Vec<Belief> {
        let ready = self.kernel.ready();
        let cross = DMatrix::from_fn(self.rows.len(), at.len(), |i, j| ready.at(&self.rows[i], &at[j]));
        let means = cross.tr_mul(&self.alpha);
        let explained = self.inverse() * cross;
        let belief = |(j, row): (usize, &Vec<f64>)| {
            let variance = ready.at(row, row) - explained.column(j).norm_squared();
            Belief { mean: means[j], sd: variance.max(1e-14).sqrt() }
        };
        at.iter().enumerate().map(belief).collect()
    }

    /// The means alone, at each of `at`: cheaper by a factor of the number of rows.
    pub fn means(&self, at: &[Vec<f64>]) -> Vec<f64> {
        let ready = self.kernel.ready();
        let mean =
            |row: &Vec<f64>| self.rows.iter().zip(&self.alpha).map(|(x, a)| a * ready.at(x, row)).sum();
        at.iter().map(mean).collect()
    }
}

/// The Cholesky factor of the covariance of `rows` with noise, with the diagonal raised slightly if rounding requires
/// it.
fn factor(kernel: &Kernel, rows: &[Vec<f64>], soft: (usize, f64)) -> Option<Cholesky<f64, Dyn>> {
    let ready = kernel.ready();
    let n = rows.len();
    let mut matrix = DMatrix::zeros(n, n);
    for j in 0..n {
        for i in j..n {
            let value = ready.at(&rows[i], &rows[j]);
            matrix[(i, j)] = value;
            matrix[(j, i)] = value;
        }
    }
    let diagonal: Vec<f64> = (0..n).map(|i| matrix[(i, i)]).collect();
    let largest = diagonal.iter().copied().fold(1e-12, f64::max);
    [1e-10, 1e-8, 1e-6, 1e-4].into_iter().find_map(|jitter| {
        for i in 0..n {
            let softness = if i + soft.0 >= n { soft.1 } else { 0.0 };
            matrix[(i, i)] = diagonal[i] + kernel.noise() + softness + jitter * largest;
        }
        Cholesky::new(matrix.clone())
    })
}

/// The logarithm of the evidence for `kernel` plus that of its priors, and its gradient by hyperparameter; `None` if
/// the matrix cannot be factored. (Rasmussen & Williams eq. 5.8 and 5.9.)
pub fn evidence(kernel: &Kernel, rows: &[Vec<f64>], targets: &[f64]) -> Option<(f64, Vec<f64>)> {
    let cholesky = factor(kernel, rows, (0, 0.0))?;
    let targets = DVector::from_column_slice(targets);
    let alpha = cholesky.solve(&targets);
    let (n, d) = (rows.len(), kernel.ordered.len());
    let logs: f64 = (0..n).map(|i| cholesky.l_dirty()[(i, i)].ln()).sum();
    let mut value = -0.5 * targets.dot(&alpha) - logs - 0.5 * n as f64 * std::f64::consts::TAU.ln();
    let inverse = cholesky.inverse();
    let ready = kernel.ready();
    let mut gradient = vec![0.0; kernel.theta.len()];
    for j in 0..n {
        let own = 0.5 * (alpha[j] * alpha[j] - inverse[(j, j)]);
        ready.gradient(&rows[j], &rows[j], own, &mut gradient);
        gradient[d + 1] += own * kernel.noise();
        for i in j + 1..n {
            let weight = alpha[i] * alpha[j] - inverse[(i, j)];
            ready.gradient(&rows[i], &rows[j], weight, &mut gradient);
        }
    }
    for ((theta, prior), slope) in kernel.theta.iter().zip(kernel.priors()).zip(&mut gradient) {
        let score = (theta - prior.0) / prior.1;
        value -= 0.5 * score * score;
        *slope -= score / prior.1;
    }
    value.is_finite().then_some((value, gradient))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::encoding::Axis;

    fn data() -> (Kernel, Vec<Vec<f64>>, Vec<f64>) {
        let axes = [Axis { ordered: true, count: None }, Axis { ordered: false, count: Some(2) }];
        let rows: Vec<Vec<f64>> =
            (0..8).map(|i| vec![f64::from(i) / 7.0, 0.25 + 0.5 * f64::from(i % 2)]).collect();
        let targets = rows.iter().map(|row| (5.0 * row[0]).sin() + row[1]).collect();
        (Kernel::new(&axes, true), rows, targets)
    }

    #[test]
    fn the_gradient_is_that_of_the_evidence() {
        let (mut kernel, rows, targets) = data();
        kernel.theta = vec![-0.7, 0.2, 0.3, -3.0, -0.5, 0.4];
        let (_, gradient) = evidence(&kernel, &rows, &targets).unwrap();
        for (index, slope) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = kernel.clone();
                moved.theta[index] += step;
                evidence(&moved, &rows, &targets).unwrap().0
            };
            let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((numeric - slope).abs() < 1e-5 * (1.0 + numeric.abs()), "{index}: {numeric}");
        }
    }

    #[test]
    fn a_posterior_passes_through_its_targets_and_is_uncertain_elsewhere() {
        let (kernel, rows, targets) = data();
        let posterior = Posterior::new(kernel, rows.clone(), &targets, (0, 0.0)).unwrap();
        for (belief, target) in posterior.at(&rows).iter().zip(&targets) {
            assert!((belief.mean - target).abs() < 1e-2 && belief.sd < 0.1, "{belief:?} {target}");
        }
        let between = posterior.at(&[vec![0.5, 0.25], vec![0.0, 0.75]]);
        assert!(between[1].sd > between[0].sd);
        assert!((posterior.means(&rows[..1])[0] - posterior.at(&rows[..1])[0].mean).abs() < 1e-9);
    }
}
