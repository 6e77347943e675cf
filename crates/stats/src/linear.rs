//! Weighted linear least squares.

use nalgebra::{DMatrix, DVector};

/// A fitted linear model.
#[derive(Clone, Debug)]
pub struct LinearFit {
    /// The coefficients, in the order of the columns.
    pub coefficients: Vec<f64>,
    /// The weighted sum of squared residuals.
    pub residual: f64,
    /// Observations minus coefficients.
    pub dof: usize,
    /// The inverse of XᵀWX: covariances in units of the residual variance.
    inverse: DMatrix<f64>,
}

impl LinearFit {
    /// The residual variance (of an observation of weight 1); NaN without degrees of freedom.
    pub fn variance(&self) -> f64 {
        self.residual / self.dof as f64
    }

    /// The covariance of two coefficients if an observation of weight 1 has variance `variance`.
    pub fn covariance(&self, i: usize, j: usize, variance: f64) -> f64 {
        self.inverse.get((i, j)).map_or(f64::NAN, |entry| entry * variance)
    }

    /// The leverage of an observation of weight 1 at a row.
    pub fn leverage(&self, row: &[f64]) -> f64 {
        let row = DVector::from_row_slice(row);
        if row.len() == self.inverse.nrows() { row.dot(&(&self.inverse * &row)) } else { f64::NAN }
    }
}

/// Fits `y` by the columns of `rows` with weights (inverse variances up to a factor), by QR. `None` if there are fewer
/// observations than columns or the columns are linearly dependent.
pub fn fit(rows: &[Vec<f64>], y: &[f64], weights: &[f64]) -> Option<LinearFit> {
    let (n, p) = (rows.len(), rows.first()?.len());
    if n < p || y.len() != n || weights.len() != n || rows.iter().any(|row| row.len() != p) {
        return None;
    }
    let root = |i: usize| weights[i].sqrt();
    let x = DMatrix::from_fn(n, p, |i, j| rows[i][j] * root(i));
    let right = DVector::from_fn(n, |i, _| y[i] * root(i));
    let qr = x.clone().qr();
    let r = qr.r();
    let largest = r.diagonal().iter().fold(0f64, |most, entry| most.max(entry.abs()));
    if r.diagonal().iter().any(|entry| entry.abs() <= 1e-10 * largest || !entry.is_finite()) {
        return None;
    }
    let solved = r.solve_upper_triangular(&(qr.q().transpose() * &right))?;
    let half = r.solve_upper_triangular(&DMatrix::identity(p, p))?;
    let residual = (right - x * &solved).norm_squared();
    let inverse = &half * half.transpose();
    Some(LinearFit { coefficients: solved.iter().copied().collect(), residual, dof: n - p, inverse })
}

/// The variance of the product of a row with coefficients that have these covariances.
pub fn variance_at(row: &[f64], covariance: &[Vec<f64>]) -> f64 {
    let of = |(a, column): (&f64, &Vec<f64>)| {
        a * row.iter().zip(column).map(|(b, covariance)| b * covariance).sum::<f64>()
    };
    row.iter().zip(covariance).map(of).sum::<f64>().max(0.0)
}

/// The covariances of coefficients from how far each moves in the fits without one group each, a list a group (the
/// jackknife of R. Bell and D. McCaffrey 2002, Surv. Methodol. 28).
pub fn jackknife(moves: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (groups, p) = (moves.len() as f64, moves.first().map_or(0, Vec::len));
    let share = (groups - 1.0) / groups;
    let entry = |i: usize, j: usize| share * moves.iter().map(|moved| moved[i] * moved[j]).sum::<f64>();
    (0..p).map(|i| (0..p).map(|j| entry(i, j)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_has_the_textbook_errors() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let y = [1.1, 1.9, 3.2, 3.8, 5.1];
        let rows: Vec<Vec<f64>> = x.iter().map(|x| vec![1.0, *x]).collect();
        let fit = fit(&rows, &y, &[1.0; 5]).unwrap();
        // Sxx = 10, Sxy = 9.9, ȳ = 3.02.
        assert!((fit.coefficients[1] - 0.99).abs() < 1e-12 && (fit.coefficients[0] - 0.05).abs() < 1e-12);
        assert_eq!(fit.dof, 3);
        assert!((fit.covariance(1, 1, fit.variance()) - fit.variance() / 10.0).abs() < 1e-15);
    }

    #[test]
    fn weights_count_as_repeats() {
        let rows = |x: &[f64]| x.iter().map(|x| vec![1.0, *x]).collect::<Vec<_>>();
        let weighted = fit(&rows(&[0.0, 1.0, 2.0]), &[0.0, 2.0, 1.0], &[1.0, 2.0, 1.0]).unwrap();
        let repeated = fit(&rows(&[0.0, 1.0, 1.0, 2.0]), &[0.0, 2.0, 2.0, 1.0], &[1.0; 4]).unwrap();
        for (a, b) in weighted.coefficients.iter().zip(&repeated.coefficients) {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn an_undetermined_system_has_no_fit() {
        assert!(
            fit(&[vec![1.0, 2.0], vec![2.0, 4.0], vec![3.0, 6.0]], &[1.0, 2.0, 3.0], &[1.0; 3]).is_none()
        );
        assert!(fit(&[vec![1.0, 2.0]], &[1.0], &[1.0]).is_none());
    }
}
