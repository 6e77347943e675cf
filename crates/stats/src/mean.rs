//! Means over replicates.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean: geometric above a floor, or arithmetic.
    pub value: f64,
    /// Its standard error, in the unit of the values; `None` for a single value.
    pub stderr: Option<f64>,
    /// The number of values.
    pub n: usize,
}

/// The mean of `values` over replicates: taken on the logarithm of what exceeds `floor` if all do (losses spread in
/// ratios), with the standard error transformed back by the derivative; otherwise, and without a floor, arithmetic.
/// `None` without values.
pub fn mean(values: &[f64], floor: Option<f64>) -> Option<Mean> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let floor = floor.filter(|floor| values.iter().all(|value| value > floor));
    let mapped: Vec<f64> =
        values.iter().map(|value| floor.map_or(*value, |floor| (value - floor).ln())).collect();
    let centre = mapped.iter().sum::<f64>() / n as f64;
    let squares: f64 = mapped.iter().map(|value| (value - centre).powi(2)).sum();
    let value = floor.map_or(centre, |floor| floor + centre.exp());
    let scale = floor.map_or(1.0, |floor| value - floor);
    let stderr = (n > 1).then(|| scale * (squares / (n - 1) as f64 / n as f64).sqrt());
    // A single value is returned unchanged, to the last bit.
    let value = if n == 1 { values[0] } else { value };
    Some(Mean { value, stderr, n })
}

/// The standard deviation within `groups`, pooled, with its degrees of freedom; `None` where no group has two values.
pub fn pooled(groups: &[Vec<f64>]) -> Option<(f64, f64)> {
    let squares = |group: &Vec<f64>| {
        let centre = group.iter().sum::<f64>() / group.len() as f64;
        group.iter().map(|value| (value - centre).powi(2)).sum::<f64>()
    };
    let dof: usize = groups.iter().map(|group| group.len().saturating_sub(1)).sum();
    let total: f64 = groups.iter().map(squares).sum();
    (dof > 0).then(|| ((total / dof as f64).sqrt(), dof as f64))
}

/// The geometric mean of positive `values` and, for two or more, its interval by Student's t on their logarithms.
pub fn log_interval(values: &[f64], confidence: f64) -> (f64, Option<(f64, f64)>) {
    let count = values.len() as f64;
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let mean = logs.iter().sum::<f64>() / count;
    let Ok(t) = StudentsT::new(0.0, 1.0, count - 1.0) else { return (mean.exp(), None) };
    let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    let half = t.inverse_cdf((1.0 + confidence) / 2.0) * (squares / (count - 1.0) / count).sqrt();
    (mean.exp(), Some(((mean - half).exp(), (mean + half).exp())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_averaged_on_their_logarithm() {
        let mean_of = mean(&[0.1, 0.4], Some(0.0)).unwrap();
        assert!((mean_of.value - 0.2).abs() < 1e-12);
        // sd of ln is ln 4 / √2, its standard error ln 2, times the mean.
        assert!((mean_of.stderr.unwrap() - 0.2 * 2f64.ln()).abs() < 1e-12);
        assert_eq!(mean(&[0.3], Some(0.0)).unwrap(), Mean { value: 0.3, stderr: None, n: 1 });
        assert_eq!(mean(&[-1.0, 2.0], Some(0.0)).unwrap().value, 0.5);
        assert!(mean(&[], Some(0.0)).is_none());
    }

    #[test]
    fn intervals_of_rates_are_ratios() {
        let (mean, interval) = log_interval(&[0.1, 0.2, 0.4], 0.95);
        let (low, high) = interval.unwrap();
        // t(0.975, 2) = 4.302653, over sd ln 2 / √3.
        let ratio = (4.302_652_73 * 2f64.ln() / 3f64.sqrt()).exp();
        assert!((mean - 0.2).abs() < 1e-12 && (high / 0.2 / ratio - 1.0).abs() < 1e-6, "{low} {high}");
        assert!((low * high / 0.04 - 1.0).abs() < 1e-9);
        assert_eq!(log_interval(&[0.3], 0.95), (0.3f64.ln().exp(), None));
    }
}
