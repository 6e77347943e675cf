//! Random streams.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The stream `sampler` of a study's seed for one number: a point's, or the study's own for `None`.
pub fn stream(seed: u64, number: Option<u64>) -> ChaCha8Rng {
    named(seed, "sampler", number)
}

/// The stream of a seed and a name for one number, or for none. Its key is SHA-256 of all three, so no stream depends on
/// how much another has drawn.
pub fn named(seed: u64, name: &str, number: Option<u64>) -> ChaCha8Rng {
    let key = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name);
    let key = match number {
        Some(number) => key.chain_update(number.to_le_bytes()),
        None => key,
    };
    ChaCha8Rng::from_seed(key.finalize().into())
}
