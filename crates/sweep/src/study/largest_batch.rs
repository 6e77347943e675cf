//! The largest batch size that fits: doubled until one does not fit, then halved between the two.

use anyhow::Result;

/// The result of a run at one batch size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It fitted into memory.
    Fits,
    /// It did not fit.
    TooLarge,
    /// The search was interrupted.
    Unknown,
}

/// The end of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The largest size that fitted.
    pub fits: Option<u64>,
    /// The smallest size that did not.
    pub too_large: Option<u64>,
    /// Whether every size was tried that was to be.
    pub whole: bool,
}

/// Steps between a size that fits and its double, unless the answer is to be exact.
const STEPS: u64 = 8;

/// Searches the sizes from `low` to `high` for the largest that fits, asking `tried` about one at a time: `low`, its
/// doubles, and `high`; then between the last that fitted and the first that did not, in steps of an eighth of the
/// power of two below, or of 1 where the answer is to be `exact`.
///
/// # Errors
/// What `tried` fails with.
pub fn largest(
    (low, high): (u64, u64),
    exact: bool,
    tried: &mut dyn FnMut(u64) -> Result<Fit>,
) -> Result<Found> {
    let mut found = Found { fits: None, too_large: None, whole: false };
    let mut next = Some(low.min(high));
    while let Some(size) = next {
        match tried(size)? {
            Fit::Fits => found.fits = Some(size),
            Fit::TooLarge => found.too_large = Some(size),
            Fit::Unknown => return Ok(found),
        }
        next = match (found.fits, found.too_large) {
            (Some(fits), None) if fits < high => Some(fits.saturating_mul(2).min(high)),
            (Some(fits), Some(too_large)) => between(fits, too_large, exact),
            _ => None,
        };
    }
    found.whole = true;
    Ok(found)
}

/// The size half way between, on the ladder of steps; `None` where no step lies between.
fn between(fits: u64, too_large: u64, exact: bool) -> Option<u64> {
    let step = if exact { 1 } else { ((1 << fits.max(1).ilog2()) / STEPS).max(1) };
    let half = (fits + (too_large - fits) / 2) / step * step;
    [half, half + step].into_iter().find(|size| fits < *size && *size < too_large)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer where sizes up to `most` fit, and the sizes that were tried.
    fn search(most: u64, ends: (u64, u64), exact: bool) -> (Found, Vec<u64>) {
        let mut sizes = Vec::new();
        let found = largest(ends, exact, &mut |size| {
            sizes.push(size);
            Ok(if size <= most { Fit::Fits } else { Fit::TooLarge })
        });
        (found.unwrap(), sizes)
    }

    #[test]
    fn sizes_are_doubled_then_halved() {
        let (found, sizes) = search(100, (1, 65_536), false);
        assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64, 128, 96, 112, 104]);
        assert_eq!((found.fits, found.too_large, found.whole), (Some(96), Some(104), true));
        assert_eq!(search(100, (1, 65_536), true).0.fits, Some(100));
        let (found, sizes) = search(1408, (512, 65_536), false);
        assert_eq!((found.fits, found.too_large), (Some(1408), Some(1536)));
        assert_eq!(sizes, [512, 1024, 2048, 1536, 1280, 1408]);
        for most in 1..300 {
            let (found, sizes) = search(most, (1, 65_536), true);
            assert_eq!((found.fits, found.too_large), (Some(most), Some(most + 1)));
            assert!(sizes.len() <= 20, "{sizes:?}");
        }
    }

    #[test]
    fn the_ends_are_kept() {
        assert_eq!(search(u64::MAX, (1, 100), false).1, [1, 2, 4, 8, 16, 32, 64, 100]);
        let (found, sizes) = search(4, (8, 100), false);
        assert_eq!((found.fits, found.too_large, sizes), (None, Some(8), vec![8]));
        assert_eq!(search(u64::MAX, (8, 8), false).0.fits, Some(8));
        let stopped = largest((1, 8), false, &mut |size| Ok(if size < 4 { Fit::Fits } else { Fit::Unknown }));
        assert_eq!(stopped.unwrap(), Found { fits: Some(2), too_large: None, whole: false });
    }
}
