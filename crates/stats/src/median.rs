//! The median with an interval that assumes no distribution.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The median of sorted numbers (infinite ones allowed): the middle one, or the mean of the middle two; and the
/// interval between the order statistics that enclose the true median with at least the given confidence (Conover 1999,
/// §3.2), `None` if there are too few numbers for an interval.
pub fn median(sorted: &[f64], confidence: f64) -> Option<(f64, Option<(f64, f64)>)> {
    let n = sorted.len();
    let (low, high) = (sorted.get(n.checked_sub(1)? / 2)?, sorted.get(n / 2)?);
    let middle = if low == high { *low } else { 0.5 * (low + high) };
    let below = Binomial::new(0.5, n as u64).ok()?;
    // The maximum number of values that may be left out at either end.
    let out = (0..n / 2).take_while(|out| below.cdf(*out as u64) <= 0.5 * (1.0 - confidence)).count();
    let interval = out.checked_sub(1).and_then(|out| Some((*sorted.get(out)?, *sorted.get(n - 1 - out)?)));
    Some((middle, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_binomial_tables() {
        // For n = 10 the 2nd and 9th numbers enclose the median with 97.9 %, the 3rd and 8th with 89.1 %.
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(median(&ten, 0.95), Some((5.5, Some((2.0, 9.0)))));
        // For n = 100 the 40th and 61st with 96.5 %.
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(median(&hundred, 0.95), Some((50.5, Some((40.0, 61.0)))));
        assert_eq!(median(&[1.0, 2.0, f64::INFINITY], 0.95), Some((2.0, None)));
        assert_eq!(median(&[f64::INFINITY; 2], 0.95), Some((f64::INFINITY, None)));
        assert_eq!(median(&[], 0.95), None);
    }
}
