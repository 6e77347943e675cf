//! The noisy quadratic model (G. Zhang et al. 2019): gradient descent on independent directions with curvatures and
//! gradient variances 1/i, all starting one away from the minimum. Its expected risk is exact.

use sweep_study::stats::search::minimum;

/// Directions.
const SIZE: usize = 100;
/// The risk to reach; it starts at 2.594.
const TARGET: f64 = 0.1;

/// Steps to the target, linear in the risk between whole steps; infinite where the noise keeps the risk above it.
pub fn steps(rate: f64, batch: f64) -> f64 {
    let curvature: Vec<f64> = (1..=SIZE).map(|index| 1.0 / index as f64).collect();
    let mut squares = vec![1.0; SIZE];
    let risk = |squares: &[f64]| 0.5 * squares.iter().zip(&curvature).map(|(m, h)| m * h).sum::<f64>();
    let mut last = risk(&squares);
    for step in 1..6000 {
        for (square, h) in squares.iter_mut().zip(&curvature) {
            *square = (1.0 - rate * h).powi(2) * *square + rate * rate * h / batch;
        }
        let now = risk(&squares);
        if now <= TARGET {
            return f64::from(step) - 1.0 + (last - TARGET) / (last - now);
        }
        last = now;
    }
    f64::INFINITY
}

/// The learning rate that takes the fewest steps, and those.
pub fn best(batch: f64) -> (f64, f64) {
    let rate = minimum(&|log| steps(log.exp(), batch), (0.02f64.ln(), 1.999f64.ln()), 60).exp();
    (rate, steps(rate, batch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::stats::hyperbola::{Steps, hyperbola};

    #[test]
    fn its_best_rates_and_steps_are_those_published() {
        for (batch, rate, taken) in [
            (1.0, 0.05559, 1718.1),
            (4.0, 0.21430, 441.04),
            (32.0, 1.1363, 73.16),
            (256.0, 1.7751, 34.11),
            (4096.0, 1.8965, 28.09),
        ] {
            let found = best(batch);
            assert!(
                (found.0 / rate - 1.0).abs() < 2e-3 && (found.1 / taken - 1.0).abs() < 2e-4,
                "{batch}: {found:?}"
            );
        }
    }

    #[test]
    fn the_hyperbola_through_its_steps_has_the_known_critical_batch_size() {
        let data = (0..15).map(|power| 2f64.powi(power)).map(|batch| Steps {
            batch,
            reached: vec![best(batch).1],
            capped: vec![],
        });
        let fit = hyperbola(&data.collect::<Vec<_>>(), 0.95).unwrap();
        assert!((fit.critical.estimate / 58.8 - 1.0).abs() < 0.01, "{fit:?}");
        assert!((fit.least_steps / 27.48 - 1.0).abs() < 0.01, "{fit:?}");
    }
}
