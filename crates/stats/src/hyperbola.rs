//! Steps to a target against the batch size: S = S_min (1 + B_crit/B).
//!
//! With E = S B examples this is (S/S_min − 1)(E/E_min − 1) = 1 and B_crit = E_min/S_min (McCandlish, Kaplan and Amodei
//! 2018, eq. 2.11). It is fitted on log S, where the spread over seeds is even; least squares of 1/S on 1/E, which the
//! equation also suggests, is biased by noise in both.

use crate::Interval;
use crate::censored::{Censored, Normal};
use crate::distribution::{fisher, fisher_tail};
use crate::line_search::{crossing, minimum};

/// The steps of the runs of one batch size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// The batch size in examples.
    pub batch: f64,
    /// Steps of the runs that reached the target.
    pub reached: Vec<f64>,
    /// Steps after which the other runs were stopped.
    pub capped: Vec<f64>,
}

/// A fitted hyperbola.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyperbola {
    /// The fewest steps at any batch size, S_min.
    pub least_steps: f64,
    /// The critical batch size; an infinite upper end or a zero lower end where the data do not bound it.
    pub critical: Interval,
    /// The best-fitting S_min at the lower and at the upper end of that interval.
    pub least_at_ends: (f64, f64),
    /// The standard deviation of log S around the curve.
    pub deviation: f64,
    /// Number of runs fitted.
    pub n: usize,
}

impl Hyperbola {
    /// The steps at a batch size.
    pub fn steps(&self, batch: f64) -> f64 {
        self.least_steps * (1.0 + self.critical.estimate / batch)
    }
}

/// The profile likelihood of a critical batch size (its logarithm is `log_critical`), with S_min and the spread fitted
/// to it.
fn profile(data: &[Steps], log_critical: f64) -> Option<Normal> {
    let mut sample = Censored::default();
    for steps in data {
        let share = (1.0 + log_critical.exp() / steps.batch).ln();
        sample.seen.extend(steps.reached.iter().map(|steps| steps.ln() - share));
        sample.beyond.extend(steps.capped.iter().map(|steps| steps.ln() - share));
    }
    sample.fit()
}

/// Fits the hyperbola with a profile-likelihood interval at `confidence`, scaled by F for the small sample. If the
/// scatter of the batch sizes' means around the curve significantly exceeds that of the seeds (the hyperbola is only a
/// model), the scatter of the means determines the uncertainty. `None` with fewer than three batch sizes that reached
/// the target.
pub fn hyperbola(data: &[Steps], confidence: f64) -> Option<Hyperbola> {
    let sizes = || data.iter().filter(|steps| !steps.reached.is_empty()).map(|steps| steps.batch);
    let n: usize = data.iter().map(|steps| steps.reached.len() + steps.capped.len()).sum();
    if sizes().count() < 3 || n < 4 {
        return None;
    }
    let low = sizes().fold(f64::INFINITY, f64::min).ln() - 7.0;
    let high = sizes().fold(0f64, f64::max).ln() + 7.0;
    let loss = |x: f64| profile(data, x).map_or(f64::INFINITY, |normal| -normal.log_likelihood);
    let best = minimum(&loss, low, high, 80);
    let normal = profile(data, best)?;
    let (inflation, dof) = misfit(data, best, n);
    // n ln(1 + F/dof) is the drop of twice the log likelihood that F allows in a least-squares fit.
    let drop = n as f64 * (inflation * fisher(confidence, 1.0, dof) / (n as f64 - 2.0)).ln_1p() / 2.0;
    let level = loss(best) + drop;
    let end = |to: f64| crossing(&loss, best, to, level, 80).map(f64::exp);
    let critical = Interval {
        estimate: best.exp(),
        low: end(low).unwrap_or(0.0),
        high: end(high).unwrap_or(f64::INFINITY),
    };
    let least = |critical: f64| profile(data, critical.ln()).map_or(f64::NAN, |normal| normal.mean.exp());
    Some(Hyperbola {
        least_steps: normal.mean.exp(),
        least_at_ends: (least(critical.low), least(critical.high)),
        critical,
        deviation: normal.deviation,
        n,
    })
}

/// The factor by which the scatter of the means around the curve exceeds that of all runs, and the degrees of freedom
/// of the one that determines the uncertainty.
fn misfit(data: &[Steps], log_critical: f64, n: usize) -> (f64, f64) {
    let plain = (1.0, n as f64 - 2.0);
    let Some(normal) = profile(data, log_critical) else { return plain };
    let (mut between, mut within, mut sizes) = (0.0, 0.0, 0.0);
    for steps in data.iter().filter(|steps| !steps.reached.is_empty()) {
        let share = (1.0 + log_critical.exp() / steps.batch).ln() + normal.mean;
        let left: Vec<f64> = steps.reached.iter().map(|steps| steps.ln() - share).collect();
        let mean = left.iter().sum::<f64>() / left.len() as f64;
        between += left.len() as f64 * mean * mean;
        within += left.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        sizes += 1.0;
    }
    let (dof, within_dof) = (sizes - 2.0, n as f64 - sizes);
    if dof < 1.0 || within_dof < 1.0 || within <= 0.0 {
        return plain;
    }
    let (between_mean, pooled) = (between / dof, (between + within) / plain.1);
    if fisher_tail(between_mean / (within / within_dof), dof, within_dof) < 0.01 {
        (between_mean / pooled, dof)
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// Three runs at each of the batch sizes 2³ … 2^`last`, around S = 1000 (1 + 200/B), their logarithm spread by
    /// `deviation`; runs beyond `cap` steps are stopped.
    fn simulated(chance: &mut Chance, deviation: f64, last: i32, cap: f64) -> Vec<Steps> {
        let one = |power: i32| {
            let batch = 2f64.powi(power);
            let mut steps = Steps { batch, ..Steps::default() };
            for _ in 0..3 {
                let taken = 1000.0 * (1.0 + 200.0 / batch) * (deviation * chance.normal()).exp();
                if taken < cap { steps.reached.push(taken) } else { steps.capped.push(cap) }
            }
            steps
        };
        (3..=last).map(one).collect()
    }

    /// Published spreads of the estimate are 2.7, 5.3 and 10.8 %, and intervals cover in 93–97 % of 1,000 simulations
    /// (SWEEP_SIMULATIONS=1000).
    #[test]
    fn a_known_critical_batch_size_is_recovered() {
        let (mut chance, count) = (Chance::new(3), Chance::simulations(120));
        for (deviation, spread) in [(0.05, 0.027), (0.1, 0.053), (0.2, 0.108)] {
            let fits: Vec<Hyperbola> = (0..count)
                .map(|_| hyperbola(&simulated(&mut chance, deviation, 12, f64::INFINITY), 0.95).unwrap())
                .collect();
            let inside = |fit: &&Hyperbola| fit.critical.low <= 200.0 && 200.0 <= fit.critical.high;
            let share = fits.iter().filter(inside).count() as f64 / count as f64;
            let slack = 3.0 * (0.95f64 * 0.05 / count as f64).sqrt();
            assert!(
                (0.94 - slack.min(0.03)..=0.96 + slack.min(0.03)).contains(&share),
                "{deviation}: {share}"
            );
            let logs: Vec<f64> = fits.iter().map(|fit| (fit.critical.estimate / 200.0).ln()).collect();
            let squares = logs.iter().map(|log| log * log).sum::<f64>() / count as f64;
            assert!((squares.sqrt() / spread - 1.0).abs() < 0.2, "{deviation}: {}", squares.sqrt());
        }
    }

    #[test]
    fn runs_that_never_reached_the_target_count_as_longer() {
        let mut chance = Chance::new(4);
        let data = simulated(&mut chance, 0.1, 12, 14_000.0);
        assert!(data.iter().any(|steps| !steps.capped.is_empty()));
        let fit = hyperbola(&data, 0.95).unwrap();
        assert!(fit.critical.low < 200.0 && 200.0 < fit.critical.high, "{fit:?}");
        assert!((fit.least_steps / 1000.0 - 1.0).abs() < 0.1, "{fit:?}");
        // A smaller S_min goes with a larger critical batch size.
        assert!(fit.least_at_ends.0 > fit.least_steps && fit.least_steps > fit.least_at_ends.1, "{fit:?}");
    }

    #[test]
    fn without_noise_the_curve_is_exact() {
        let data = simulated(&mut Chance::new(5), 1e-6, 12, f64::INFINITY);
        let fit = hyperbola(&data, 0.95).unwrap();
        assert!((fit.critical.estimate / 200.0 - 1.0).abs() < 1e-4, "{fit:?}");
        assert!((fit.steps(200.0) / 2000.0 - 1.0).abs() < 1e-4);
        assert!(hyperbola(&data[..2], 0.95).is_none());
    }
}
