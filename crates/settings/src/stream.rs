//! Named random streams, the only source of chance in the program.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The random stream called `name` under `seed`.
///
/// The key of the ChaCha8 generator is SHA-256 of the seed (eight bytes, little-endian) followed by the name, so two
/// names never share a stream and a stream never depends on the draws of another one.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    generator(key(seed, name))
}

/// The stream called `name` under `seed` for one of many items, such as the point with that number; its key also covers
/// the number (eight bytes, little-endian).
pub fn numbered_stream(seed: u64, name: &str, number: u64) -> ChaCha8Rng {
    generator(key(seed, name).chain_update(number.to_le_bytes()))
}

fn key(seed: u64, name: &str) -> Sha256 {
    Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name)
}

fn generator(key: Sha256) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(key.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn a_stream_depends_on_seed_name_and_number_alone() {
        let draw = |seed, name| stream(seed, name).next_u64();
        assert_eq!(draw(1, "init"), draw(1, "init"));
        assert_ne!(draw(1, "init"), draw(2, "init"));
        assert_ne!(draw(1, "init"), draw(1, "batches"));
        assert_ne!(numbered_stream(1, "init", 0).next_u64(), numbered_stream(1, "init", 1).next_u64());
    }
}
