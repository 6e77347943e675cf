//! Which pruned trials are run to their end to see whether pruning was right.

use rand::RngExt;

use sweep_settings::numbered_stream;

/// A random `share` of the `pruned` trials, rounded up, in the order of their numbers. Which of two trials is preferred
/// depends only on the seed and their numbers.
pub fn chosen(seed: u64, share: f64, pruned: Vec<u64>) -> Vec<u64> {
    let count = (share * pruned.len() as f64).ceil() as usize;
    let mut drawn: Vec<(f64, u64)> =
        pruned.into_iter().map(|trial| (numbered_stream(seed, "audit", trial).random(), trial)).collect();
    drawn.sort_by(|a, b| a.0.total_cmp(&b.0));
    drawn.truncate(count);
    let mut chosen: Vec<u64> = drawn.into_iter().map(|(_, trial)| trial).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn a_tenth_is_a_tenth() {
        let of = |count: u64, share| chosen(1, share, (0..count).collect()).len();
        assert_eq!((of(3, 0.1), of(10, 0.1), of(101, 0.1), of(10, 1.0), of(0, 0.1)), (1, 1, 11, 10, 0));
        assert_ne!(chosen(1, 0.1, (0..1000).collect()), chosen(2, 0.1, (0..1000).collect()));
    }
}
