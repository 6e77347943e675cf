//! The noisy quadratic model (G. Zhang et al. 2019): gradient descent on independent directions with curvatures and
//! gradient variances 1/i, all starting one away from the minimum. Its expected risk is exact.

use sweep_stats::line_search::minimum;

/// Steps beyond which a rate counts as never reaching the target.
const ENDLESS: u64 = 100_000_000;

/// A quadratic and the risk to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadratic {
    /// Directions.
    pub size: usize,
    /// The risk to reach.
    pub target: f64,
}

/// The model of a hundred directions, whose risk is 2.594 at first, and its usual target.
pub const HUNDRED: Quadratic = Quadratic { size: 100, target: 0.1 };

impl Quadratic {
    /// The expected risk after `step` steps: with q = (1 − ηh)², Σ ½h [q^t + (1 − q^t) η/(B(2 − ηh))].
    pub fn risk(&self, (rate, batch): (f64, f64), step: u64) -> f64 {
        let direction = |index: usize| {
            let h = 1.0 / index as f64;
            let left = (1.0 - rate * h).powi(2).powf(step as f64);
            0.5 * h * (left + (1.0 - left) * rate / (batch * (2.0 - rate * h)))
        };
        (1..=self.size).map(direction).sum()
    }

    /// Steps to the target, linear in the risk between whole steps; infinite where the noise keeps the risk above it.
    pub fn steps(&self, rate: f64, batch: f64) -> f64 {
        let risk = |step: u64| self.risk((rate, batch), step);
        let (mut above, mut below) = (0, 1);
        while risk(below) > self.target {
            (above, below) = (below, 2 * below);
            if below > ENDLESS {
                return f64::INFINITY;
            }
        }
        while below - above > 1 {
            let middle = (above + below) / 2;
            if risk(middle) > self.target { above = middle } else { below = middle }
        }
        let (last, now) = (risk(above), risk(below));
        above as f64 + (last - self.target) / (last - now)
    }

    /// The learning rate that takes the fewest steps, and those.
    pub fn best(&self, batch: f64) -> (f64, f64) {
        let steps = |log: f64| self.steps(log.exp(), batch);
        let rate = minimum(&steps, (1e-3f64.ln(), 1.999f64.ln()), 40).exp();
        (rate, self.steps(rate, batch))
    }
}

#[cfg(test)]
mod tests;
