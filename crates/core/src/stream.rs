//! Named random streams, the only source of chance in the trainer.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The random stream called `name` under `seed`.
///
/// The key of the ChaCha8 generator is SHA-256 of the seed (eight bytes, little-endian) followed by the name, so
/// two names never share a stream and a stream never depends on how much another one has drawn.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let key = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize();
    ChaCha8Rng::from_seed(key.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn a_stream_depends_on_seed_and_name_alone() {
        let draw = |seed, name| stream(seed, name).next_u64();
        assert_eq!(draw(1, "init"), draw(1, "init"));
        assert_ne!(draw(1, "init"), draw(2, "init"));
        assert_ne!(draw(1, "init"), draw(1, "batches"));
    }
}
