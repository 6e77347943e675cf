//! Ends the replicates of a point that is worse than the best one, paired by seed.

use super::{Entry, Field, Pruner, Setting, Standing, Verdict};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "wilcoxon",
    help: "runs no further replicate of a point that is significantly worse than the best, paired by seed",
    command: None,
    asynchronous: false,
    settings: &[Setting {
        name: "p",
        help: "significance level of the test",
        default: Some(0.1),
        low: 0.0,
        high: 0.5,
    }],
    new: |values| Box::new(Wilcoxon::new(values.number("p"))),
};

/// Runs no further replicate of a point once a one-sided Wilcoxon signed-rank test (Wilcoxon 1945, Biometrics Bulletin
/// 1), paired by seed with the best point so far, finds it worse at the significance level `p`.
pub struct Wilcoxon {
    p: f64,
}

impl Wilcoxon {
    /// The pruner at that significance level.
    pub fn new(p: f64) -> Wilcoxon {
        Wilcoxon { p }
    }
}

impl Pruner for Wilcoxon {
    fn rungs(&self) -> &[f64] {
        &[1.0]
    }

    fn judge(&self, _: &Standing, _: &Field<'_>) -> Verdict {
        Verdict::Continue
    }

    fn replicates(&self) -> bool {
        true
    }

    fn another(&self, own: &[f64], best: &[f64]) -> bool {
        let differences: Vec<f64> = own.iter().zip(best).map(|(own, best)| own - best).collect();
        p_worse(&differences) > self.p
    }
}

/// The probability, if the differences were symmetric about zero, of a rank sum of the positive ones at least this
/// large. Zeros are left out; ties share their mean rank; exact over all signs. A difference that is not finite counts
/// as the largest.
fn p_worse(differences: &[f64]) -> f64 {
    let mut sizes: Vec<(f64, bool)> = differences
        .iter()
        .filter(|difference| **difference != 0.0)
        .map(|difference| {
            (
                if difference.is_nan() { f64::INFINITY } else { difference.abs() },
                difference.is_nan() || *difference > 0.0,
            )
        })
        .collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Twice the mean rank of each, which is a whole number.
    let rank = |size: f64| {
        let below = sizes.iter().filter(|(other, _)| *other < size).count();
        let equal = sizes.iter().filter(|(other, _)| *other == size).count();
        2 * below + equal + 1
    };
    let ranks: Vec<usize> = sizes.iter().map(|(size, _)| rank(*size)).collect();
    let sum: usize = sizes.iter().zip(&ranks).filter(|((_, worse), _)| *worse).map(|(_, rank)| rank).sum();
    // The probability of each sum, built up one sign at a time.
    let mut chance = vec![0.0; ranks.iter().sum::<usize>() + 1];
    chance[0] = 1.0;
    for rank in &ranks {
        for total in (0..chance.len()).rev() {
            let with = total.checked_sub(*rank).map_or(0.0, |before| chance[before]);
            chance[total] = 0.5 * (chance[total] + with);
        }
    }
    chance[sum..].iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probabilities_are_those_of_the_tables() {
        // All of n positive: 1/2ⁿ.
        assert!((p_worse(&[1.0, 2.0, 3.0, 4.0, 5.0]) - 1.0 / 32.0).abs() < 1e-15);
        // scipy.stats.wilcoxon(x, alternative="greater", method="exact").pvalue
        let x = [1.83, -0.5, 1.3, 0.87, 2.1, -0.2, 0.9];
        assert!((p_worse(&x) - 0.0390625).abs() < 1e-12, "{}", p_worse(&x));
        assert_eq!(p_worse(&[]), 1.0);
        assert_eq!(p_worse(&[0.0, 0.0]), 1.0);
        assert_eq!(p_worse(&[f64::NAN]), 0.5);
    }
}
