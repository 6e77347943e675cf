//! Bootstrap over whole seeds: which seeds each resample contains.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The maximum number of resamples that are enumerated.
const MOST_LISTED: usize = 256;

/// Resamples of `n` seeds with replacement, each as the indices drawn: all of them if there are at most 256 (up to four
/// seeds), otherwise `count` drawn from a fixed stream, so that equal records give equal intervals.
pub fn resamples(n: usize, count: usize) -> Vec<Vec<usize>> {
    let all = u32::try_from(n).ok().and_then(|power| n.checked_pow(power)).unwrap_or(usize::MAX);
    if all <= MOST_LISTED {
        return (0..all).map(|index| (0..n as u32).map(|place| index / n.pow(place) % n).collect()).collect();
    }
    let mut stream = ChaCha8Rng::seed_from_u64(0);
    (0..count).map(|_| (0..n).map(|_| stream.random_range(0..n)).collect()).collect()
}

/// The quantile `p` of sorted numbers, linear between neighbours.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let place = p.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_seeds_are_resampled_in_every_way() {
        let three = resamples(3, 100);
        assert_eq!(three.len(), 27);
        assert!(three.contains(&vec![2, 2, 2]) && three.contains(&vec![0, 1, 2]));
        let ten = resamples(10, 100);
        assert_eq!((ten.len(), ten.clone()), (100, resamples(10, 100)));
        assert!(ten.iter().all(|drawn| drawn.len() == 10 && drawn.iter().all(|seed| *seed < 10)));
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[1.0, 2.0], 0.25), Some(1.25));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
