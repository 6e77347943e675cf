//! The vertex of a fitted parabola with Fieller's interval.

use crate::distribution::student;
use crate::linear::LinearFit;

/// A number with an interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The vertex v = −β₁/(2β₂) of a parabola whose coefficients are at `linear` and `linear + 1` in `fit`, with the
/// interval of E. C. Fieller (1954): all v at which −β₁/2 − vβ₂ is within its t quantile of zero.
///
/// `None` if the parabola does not open upward at that confidence, so that the vertex may be anywhere.
pub fn vertex(fit: &LinearFit, linear: usize, confidence: f64) -> Option<Interval> {
    let (first, second) = (*fit.coefficients.get(linear)?, *fit.coefficients.get(linear + 1)?);
    let variance = fit.variance();
    let q = student(0.5 + confidence / 2.0, fit.dof as f64);
    if !variance.is_finite() || !q.is_finite() || second <= 0.0 {
        return None;
    }
    let (n, d) = (-first / 2.0, second);
    let v11 = fit.covariance(linear, linear, variance) / 4.0;
    let v22 = fit.covariance(linear + 1, linear + 1, variance);
    let v12 = -fit.covariance(linear, linear + 1, variance) / 2.0;
    let (a, b, c) = (d * d - q * q * v22, n * d - q * q * v12, n * n - q * q * v11);
    let root = (b * b - a * c).max(0.0).sqrt();
    (a > 0.0).then(|| Interval { estimate: n / d, low: (b - root) / a, high: (b + root) / a })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::linear;

    /// y = 0.02 (x − 0.4)² + 0.03 z at x = −3 … 3, three times each.
    fn simulated(chance: &mut Chance) -> Option<Interval> {
        let x: Vec<f64> = (0..21).map(|index| f64::from(index / 3) - 3.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 0.02 * (x - 0.4).powi(2) + 0.03 * chance.normal()).collect();
        let rows: Vec<Vec<f64>> = x.iter().map(|x| vec![1.0, *x, x * x]).collect();
        vertex(&linear::fit(&rows, &y, &[1.0; 21])?, 1, 0.95)
    }

    /// Coverage is 0.954 over 4,000 simulations; SWEEP_SIMULATIONS=4000 runs as many.
    #[test]
    fn fieller_covers_the_vertex_of_a_parabola() {
        let (mut chance, count) = (Chance::new(1), Chance::simulations(1500));
        let found: Vec<Interval> = (0..count).filter_map(|_| simulated(&mut chance)).collect();
        let covered = found.iter().filter(|v| v.low <= 0.4 && 0.4 <= v.high).count() as f64;
        let mut widths: Vec<f64> = found.iter().map(|v| v.high - v.low).collect();
        widths.sort_by(f64::total_cmp);
        let share = covered / count as f64;
        assert!((0.94..=0.965).contains(&share), "{share}");
        assert!((widths[widths.len() / 2] - 0.38).abs() < 0.03, "{}", widths[widths.len() / 2]);
    }

    #[test]
    fn a_parabola_that_opens_downward_has_no_best() {
        let rows: Vec<Vec<f64>> = (0..5).map(f64::from).map(|x| vec![1.0, x, x * x]).collect();
        let fit = linear::fit(&rows, &[0.0, 1.0, 1.3, 1.1, 0.0], &[1.0; 5]).unwrap();
        assert!(vertex(&fit, 1, 0.95).is_none());
    }
}
