//! The minimum of a function of one variable, and where it exceeds a level on either side.

/// The minimiser of `f` between `low` and `high`: the best of `cells` + 1 evenly spaced places, refined by
/// golden-section search. Non-finite values count as larger than any other.
pub fn minimum(f: &dyn Fn(f64) -> f64, low: f64, high: f64, cells: u32) -> f64 {
    let at = |index: u32| low + (high - low) * f64::from(index) / f64::from(cells);
    let value = |x: f64| Some(f(x)).filter(|y| y.is_finite()).unwrap_or(f64::INFINITY);
    let values: Vec<f64> = (0..=cells).map(|index| value(at(index))).collect();
    let best = (0..=cells).min_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize])).unwrap_or(0);
    let (mut a, mut b) = (at(best.saturating_sub(1)), at((best + 1).min(cells)));
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..60 {
        let (left, right) = (b - ratio * (b - a), a + ratio * (b - a));
        if value(left) <= value(right) { b = right } else { a = left }
    }
    (a + b) / 2.0
}

/// The first place between `from` (where `f` is at most `level`) and `to` at which `f` exceeds `level`, found by a scan
/// in `cells` even steps and bisection; `None` if it never does.
pub fn crossing(f: &dyn Fn(f64) -> f64, from: f64, to: f64, level: f64, cells: u32) -> Option<f64> {
    let at = |index: u32| from + (to - from) * f64::from(index) / f64::from(cells);
    let above = |x: f64| f(x) > level || f(x).is_nan();
    let first = (1..=cells).find(|index| above(at(*index)))?;
    let (mut inside, mut outside) = (at(first - 1), at(first));
    for _ in 0..50 {
        let middle = (inside + outside) / 2.0;
        if above(middle) { outside = middle } else { inside = middle }
    }
    Some((inside + outside) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_and_crossings_of_a_parabola_are_found() {
        let f = |x: f64| (x - 1.3).powi(2);
        let best = minimum(&f, -5.0, 5.0, 20);
        assert!((best - 1.3).abs() < 1e-6, "{best}");
        assert!((crossing(&f, best, 5.0, 0.25, 40).unwrap() - 1.8).abs() < 1e-9);
        assert!((crossing(&f, best, -5.0, 0.25, 40).unwrap() - 0.8).abs() < 1e-9);
        assert_eq!(crossing(&f, best, 1.5, 0.25, 40), None);
    }
}
