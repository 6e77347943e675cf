//! How the weights of a network are drawn before training.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_settings::{Kind, Setting, SettingError, Settings};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[INIT];

const INIT: Setting = Setting::new(
    "init",
    Kind::Choice(&["glorot_uniform", "he", "torch"]),
    "how initial weights are drawn: as in Keras (Glorot), for ReLU (He), or as in PyTorch",
)
.or("glorot_uniform");

/// A rule for initial weights and biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// Uniform within ±√(6 / (fan_in + fan_out)), biases zero: the default of Keras (Glorot and Bengio 2010, eq. 16).
    GlorotUniform,
    /// Normal with variance 2 / fan_in, biases zero (He et al. 2015, eq. 10).
    He,
    /// Uniform within ±1/√fan_in, biases too: the default of PyTorch's `nn.Linear` and `nn.Conv2d`.
    Torch,
}

impl Init {
    /// The rule that `settings` name.
    ///
    /// # Errors
    /// A name that is not one of the choices.
    pub fn read(settings: &Settings) -> Result<Init, SettingError> {
        let meanings = [("glorot_uniform", Init::GlorotUniform), ("he", Init::He), ("torch", Init::Torch)];
        settings.choice(&INIT, &meanings)
    }

    /// The standard deviation of the weights that [`Init::weights`] draws.
    pub fn deviation(self, fan_in: usize, fan_out: usize) -> f64 {
        match self {
            Init::GlorotUniform => (2.0 / (fan_in + fan_out) as f64).sqrt(),
            Init::He => (2.0 / fan_in as f64).sqrt(),
            Init::Torch => (1.0 / (3.0 * fan_in as f64)).sqrt(),
        }
    }

    /// Draws the weights of a layer whose units each read `fan_in` numbers and feed `fan_out`.
    pub fn weights(self, weights: &mut [f32], fan_in: usize, fan_out: usize, rng: &mut ChaCha8Rng) {
        match self {
            Init::GlorotUniform => uniform(weights, (6.0 / (fan_in + fan_out) as f64).sqrt(), rng),
            Init::He => normal(weights, (2.0 / fan_in as f64).sqrt(), rng),
            Init::Torch => uniform(weights, 1.0 / (fan_in as f64).sqrt(), rng),
        }
    }

    /// Draws the biases of such a layer.
    pub fn biases(self, biases: &mut [f32], fan_in: usize, rng: &mut ChaCha8Rng) {
        match self {
            Init::GlorotUniform | Init::He => biases.fill(0.0),
            Init::Torch => uniform(biases, 1.0 / (fan_in as f64).sqrt(), rng),
        }
    }
}

/// Fills `values` uniformly within ±`bound`.
fn uniform(values: &mut [f32], bound: f64, rng: &mut ChaCha8Rng) {
    values.fill_with(|| (bound * (2.0 * rng.random::<f64>() - 1.0)) as f32);
}

/// Fills `values` from a normal distribution around 0.
fn normal(values: &mut [f32], deviation: f64, rng: &mut ChaCha8Rng) {
    values.fill_with(|| {
        let draw: f64 = rng.sample(rand_distr::StandardNormal);
        (deviation * draw) as f32
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;

    fn moments(init: Init) -> (f64, f64, f32) {
        let mut weights = vec![0.0; 300 * 100];
        init.weights(&mut weights, 300, 100, &mut stream(0, "init"));
        let n = weights.len() as f64;
        let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
        let variance = weights.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / n;
        (mean, variance, weights.iter().fold(0.0, |most: f32, w| most.max(w.abs())))
    }

    #[test]
    fn variance_and_bounds_are_those_of_the_papers() {
        for (init, variance) in
            [(Init::GlorotUniform, 2.0 / 400.0), (Init::He, 2.0 / 300.0), (Init::Torch, 1.0 / 900.0)]
        {
            let (mean, measured, _) = moments(init);
            assert!(mean.abs() < 1e-3, "{init:?}: mean {mean}");
            assert!((measured / variance - 1.0).abs() < 0.03, "{init:?}: {measured} for {variance}");
        }
        assert!(moments(Init::GlorotUniform).2 <= (6.0f32 / 400.0).sqrt());
        assert!(moments(Init::Torch).2 <= (1.0f32 / 300.0).sqrt());
    }

    #[test]
    fn only_pytorch_draws_biases() {
        let mut biases = vec![1.0; 10];
        Init::GlorotUniform.biases(&mut biases, 4, &mut stream(0, "init"));
        assert_eq!(biases, [0.0; 10]);
        Init::Torch.biases(&mut biases, 4, &mut stream(0, "init"));
        assert!(biases.iter().all(|b| b.abs() <= 0.5 && *b != 0.0));
    }
}
