//! Keeping hundreds of readings of a program that reports every millisecond.

/// Readings kept before they are thinned, and those kept for each doubling of their number after that: a program that
/// reports every millisecond leaves hundreds of readings and not a million.
const KEPT: u64 = 480;
const KEPT_A_DOUBLING: u64 = 48;

/// How many readings there were, and how many were kept.
#[derive(Debug, Default)]
pub struct Thinning {
    seen: u64,
    kept: u64,
}

impl Thinning {
    /// Whether the next reading is kept.
    pub fn keeps(&mut self) -> bool {
        let doublings = self.kept.saturating_sub(KEPT - KEPT_A_DOUBLING) / KEPT_A_DOUBLING;
        let stride = 1_u64 << doublings.min(62);
        self.seen += 1;
        let keeps = self.seen.is_multiple_of(stride);
        self.kept += u64::from(keeps);
        keeps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_hundreds() {
        let mut thinning = Thinning::default();
        let kept = (0..60_000).filter(|_| thinning.keeps()).count();
        assert!((480..1_000).contains(&kept), "{kept}");
        assert_eq!((0..480).filter(|_| Thinning::default().keeps()).count(), 480);
    }
}
