//! The random stream of a sampler.

use rand_chacha::ChaCha8Rng;

/// The stream `sampler` of a study's seed for one number: a point's, or the study's own for `None`.
pub fn stream(seed: u64, number: Option<u64>) -> ChaCha8Rng {
    match number {
        Some(number) => sweep_settings::numbered_stream(seed, "sampler", number),
        None => sweep_settings::stream(seed, "sampler"),
    }
}
