//! The gradient noise scale B_simple = tr Σ / |G|² (McCandlish et al. 2018, eq. 2.9): the batch size around which
//! larger batches stop paying off.
//!
//! Each measurement takes the gradients of [`PIECES`] single examples, drawn from the training part with a separate
//! random stream. Their spread gives tr Σ and, with the length of their mean, |G|², both without bias (appendix A.1
//! there, with B_small = 1 and B_big = [`PIECES`]). Both are averaged over measurements before they are divided: the
//! mean of ratios would be biased.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::square;
use crate::learner::Probe;
use crate::state::{Reader, StateMismatch, Writer};
use sweep_settings::stream;

/// Examples of one measurement.
const PIECES: usize = 64;

/// The weight of a measurement relative to the next one: about the last ten count.
const DECAY: f64 = 0.9;

pub(super) struct Noise {
    rng: ChaCha8Rng,
    one: Vec<f32>,
    mean: Vec<f32>,
    means: Means,
}

impl Noise {
    pub fn new(size: usize, seed: u64) -> Noise {
        let zeros = vec![0.0; size];
        Noise { rng: stream(seed, "noise"), one: zeros.clone(), mean: zeros, means: Means::new(DECAY) }
    }

    /// Floats that it stores for a network of `size` parameters.
    pub fn floats(size: usize) -> usize {
        2 * size
    }

    pub fn measure(&mut self, probe: &mut dyn Probe, parameters: &[f32]) {
        self.mean.fill(0.0);
        let mut squares = 0.0;
        for _ in 0..PIECES {
            let rows = probe.rows();
            let row = rows[self.rng.random_range(0..rows.len())];
            probe.gradient_of(parameters, &[row], &mut self.one);
            squares += square(&self.one);
            self.mean.iter_mut().zip(&self.one).for_each(|(mean, one)| *mean += one / PIECES as f32);
        }
        let (trace, square) = unbiased(squares / PIECES as f64, square(&self.mean), PIECES, 1);
        self.means.add(trace, square);
    }

    pub fn estimate(&self) -> Option<(f64, f64)> {
        self.means.ratio()
    }

    pub fn write(&self, state: &mut Writer) {
        state.stream(&self.rng);
        self.means.sums.iter().for_each(|&sum| state.float(sum));
    }

    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        state.stream(&mut self.rng)?;
        for sum in &mut self.means.sums {
            *sum = state.float()?;
        }
        Ok(())
    }
}

/// tr Σ and |G|² without bias, from `pieces` gradients of `size` examples each: the mean of their squared lengths and
/// the squared length of their mean.
fn unbiased(mean_square: f64, square_mean: f64, pieces: usize, size: usize) -> (f64, f64) {
    let (pieces, size) = (pieces as f64, size as f64);
    let trace = size * (mean_square - square_mean) * pieces / (pieces - 1.0);
    (trace, square_mean - trace / (pieces * size))
}

/// Means of tr Σ and |G|² over measurements, the older ones weighing less and less.
struct Means {
    decay: f64,
    /// Σw, Σw², Σw·trace, Σw·square, Σw·trace², Σw·square², Σw·trace·square.
    sums: [f64; 7],
}

impl Means {
    fn new(decay: f64) -> Means {
        Means { decay, sums: [0.0; 7] }
    }

    fn add(&mut self, trace: f64, square: f64) {
        let terms = [1.0, 1.0, trace, square, trace * trace, square * square, trace * square];
        for (place, (sum, term)) in self.sums.iter_mut().zip(terms).enumerate() {
            let decay = if place == 1 { self.decay * self.decay } else { self.decay };
            *sum = decay * *sum + term;
        }
    }

    /// The ratio of the means and its standard error (delta method). `None` before two measurements, and if |G|² does
    /// not differ significantly from 0 (below twice its standard error).
    fn ratio(&self) -> Option<(f64, f64)> {
        let [weights, squared_weights, ..] = self.sums;
        let mean = |place: usize| self.sums[place] / weights;
        let (trace, square) = (mean(2), mean(3));
        let share = squared_weights / (weights * weights);
        // The variance of a weighted mean of independent measurements.
        let spread = |second: f64, product: f64| (second - product) * share / (1.0 - share);
        let traces = spread(mean(4), trace * trace);
        let squares = spread(mean(5), square * square);
        let both = spread(mean(6), trace * square);
        let ratio = trace / square;
        let variance = (traces - 2.0 * ratio * both + ratio * ratio * squares) / (square * square);
        let resolved = share < 1.0 && square > 2.0 * squares.max(0.0).sqrt();
        resolved.then(|| (ratio, variance.max(0.0).sqrt()))
    }
}

#[cfg(test)]
mod tests;
