//! The critical value of C. Dunnett's one-sided comparison of several arms with one (1955).

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::distribution::{normal_below, normal_density};

/// The value that the largest of `others` t statistics, all sharing one arm (correlation ½) and one estimate of the
/// variance with `dof` degrees of freedom, stays below with probability `confidence`.
pub fn dunnett(confidence: f64, others: usize, dof: f64) -> f64 {
    let Ok(law) = ChiSquared::new(dof) else { return f64::NAN };
    // Even shares of the estimated spread, and an even grid over the arm that all share.
    let parts = 64;
    let spreads: Vec<f64> = (0..parts)
        .map(|index| (law.inverse_cdf((f64::from(index) + 0.5) / f64::from(parts)) / dof).sqrt())
        .collect();
    let step = 0.125;
    let grid: Vec<(f64, f64)> =
        (-56..=56).map(|index| f64::from(index) * step).map(|z| (z, normal_density(z) * step)).collect();
    let below = |d: f64| {
        let given = |spread: &f64| -> f64 {
            let at = |z: f64| normal_below(z + std::f64::consts::SQRT_2 * d * spread);
            grid.iter().map(|(z, weight)| weight * at(*z).powi(others as i32)).sum()
        };
        spreads.iter().map(given).sum::<f64>() / spreads.len() as f64
    };
    let (mut low, mut high) = (0.0, 50.0);
    for _ in 0..34 {
        let middle = (low + high) / 2.0;
        if below(middle) < confidence { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_those_of_dunnetts_table() {
        for (others, dof, value) in
            [(1, 20.0, 1.72), (2, 20.0, 2.03), (4, 20.0, 2.30), (9, 60.0, 2.475), (4, 8.0, 2.55)]
        {
            let found = dunnett(0.95, others, dof);
            assert!((found - value).abs() < 0.02, "{others} {dof}: {found} is not {value}");
        }
    }
}
