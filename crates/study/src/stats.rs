//! Statistics that search and report share.

/// A mean over replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean: geometric for positive values, else arithmetic.
    pub value: f64,
    /// Its standard error, in the unit of the values; `None` for a single value.
    pub stderr: Option<f64>,
    /// How many values went in.
    pub n: usize,
}

/// The mean of `values` over replicates: taken on the logarithm where all are positive (losses spread in ratios),
/// with the standard error carried back by the derivative; plain otherwise. `None` without values.
pub fn mean(values: &[f64], logarithmic: bool) -> Option<Mean> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let logs = logarithmic && values.iter().all(|value| *value > 0.0);
    let mapped: Vec<f64> = values.iter().map(|value| if logs { value.ln() } else { *value }).collect();
    let centre = mapped.iter().sum::<f64>() / n as f64;
    let squares: f64 = mapped.iter().map(|value| (value - centre).powi(2)).sum();
    let value = if logs { centre.exp() } else { centre };
    let scale = if logs { value } else { 1.0 };
    let stderr = (n > 1).then(|| scale * (squares / (n - 1) as f64 / n as f64).sqrt());
    // A single value stays itself, to the last bit.
    let value = if n == 1 { values[0] } else { value };
    Some(Mean { value, stderr, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_averaged_on_their_logarithm() {
        let mean_of = mean(&[0.1, 0.4], true).unwrap();
        assert!((mean_of.value - 0.2).abs() < 1e-12);
        // sd of ln is ln 4 / √2, its standard error ln 2, times the mean.
        assert!((mean_of.stderr.unwrap() - 0.2 * 2f64.ln()).abs() < 1e-12);
        assert_eq!(mean(&[0.3], true).unwrap(), Mean { value: 0.3, stderr: None, n: 1 });
        assert_eq!(mean(&[-1.0, 2.0], true).unwrap().value, 0.5);
        assert!(mean(&[], true).is_none());
    }
}
