//! The edge of stability by bisection in log η.

use super::Place;

/// The ratio of an unstable rate to a stable one at which the bisection ends.
pub const PRECISION: f64 = 1.1;

/// The factor by which a bracket is widened.
const WIDEN: f64 = 2.0;

/// The edge of stability. The search widens the bracket `(low, high)` within `limits`, then narrows it until a stable
/// and an unstable rate differ by at most the factor [`PRECISION`]; the result is their geometric mean.
pub(super) fn bisect(
    (mut low, mut high): (f64, f64),
    limits: (f64, f64),
    stable: &mut dyn FnMut(f64) -> bool,
) -> Place {
    let mut narrowed = false;
    while !stable(low) {
        if low <= limits.0 {
            return Place::Below(limits.0);
        }
        (high, narrowed) = (low, true);
        low = (low / WIDEN).max(limits.0);
    }
    // The end of the bracket must be tested as unstable, unless a lower rate already was.
    while !narrowed && stable(high) {
        if high >= limits.1 {
            return Place::Above(limits.1);
        }
        low = high;
        high = (high * WIDEN).min(limits.1);
    }
    while high / low > PRECISION {
        let middle = (low * high).sqrt();
        if stable(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Place::At((low * high).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(bracket: (f64, f64), at: f64) -> (Place, usize) {
        let mut probes = 0;
        let found = bisect(bracket, (1e-5, 10.0), &mut |lr| {
            probes += 1;
            lr < at
        });
        (found, probes)
    }

    #[test]
    fn the_edge_is_found_from_any_bracket() {
        for bracket in [(0.3, 6.0), (2.0, 6.0), (0.01, 0.1), (1e-5, 10.0)] {
            let (Place::At(found), probes) = edge(bracket, 0.7) else { panic!("{bracket:?}") };
            assert!((found / 0.7).ln().abs() <= PRECISION.ln() / 2.0 + 1e-9, "{found} from {bracket:?}");
            assert!(probes <= 12, "{probes} from {bracket:?}");
        }
    }

    #[test]
    fn an_edge_beyond_the_ramp_is_reported_as_such() {
        assert_eq!(edge((0.3, 6.0), 100.0).0, Place::Above(10.0));
        assert_eq!(edge((0.3, 6.0), 1e-6).0, Place::Below(1e-5));
    }
}
