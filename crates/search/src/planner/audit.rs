//! Which pruned trials are run to their end to see whether pruning was right.

use rand::RngExt;

use sweep_settings::numbered_stream;

/// The minimum number of trials of an audit: fewer do not show how often pruning is wrong.
const LEAST: usize = 20;

/// A random `share` of the `pruned` trials, at least 20 if there are that many, in the order of their numbers. Which of
/// two trials is preferred depends only on the seed and their numbers.
pub fn chosen(seed: u64, share: f64, pruned: Vec<u64>) -> Vec<u64> {
    let count = ((share * pruned.len() as f64).ceil() as usize).max(LEAST);
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
    fn a_tenth_is_chosen_and_twenty_at_least() {
        let of = |count: u64, share| chosen(1, share, (0..count).collect()).len();
        assert_eq!((of(10, 0.1), of(100, 0.1), of(1000, 0.1)), (10, 20, 100));
        assert_ne!(chosen(1, 0.1, (0..1000).collect()), chosen(2, 0.1, (0..1000).collect()));
    }
}
