//! Random numbers for simulations in tests: a fixed stream of normal draws, and how many simulations to run.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// A stream of random numbers.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Chance {
        Chance(ChaCha8Rng::seed_from_u64(seed))
    }

    /// How many simulations to run: `usual`, or the number in the environment variable SWEEP_SIMULATIONS.
    pub fn simulations(usual: usize) -> usize {
        std::env::var("SWEEP_SIMULATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    }

    /// A standard normal draw.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A uniform draw from 0 to 1.
    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }
}
