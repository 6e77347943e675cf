//! Which levels of a row belong to its valley.

use std::ops::Range;

use crate::level::Level;

/// The levels of a first look, and those beyond the ones that cannot be told from the lowest.
const BESIDE: usize = 4;

/// How many standard deviations of a difference a level may lie above the lowest and be taken for as low.
const ALIKE: f64 = 2.0;

/// The lowest level and four around it.
pub fn lowest(levels: &[Level]) -> Range<usize> {
    match bottom(levels) {
        Some(bottom) => grown(levels, bottom..bottom + 1, bottom),
        None => 0..0,
    }
}

/// The levels next to the lowest that are as low within noise (`deviation` of a run), and four around them.
pub fn around(levels: &[Level], deviation: f64) -> Range<usize> {
    let Some(bottom) = bottom(levels) else { return 0..0 };
    let runs = |index: usize| levels[index].y.len() as f64;
    let alike = |index: &usize| {
        let error = deviation * (1.0 / runs(*index) + 1.0 / runs(bottom)).sqrt();
        levels[*index].mean() < levels[bottom].mean() + ALIKE * error
    };
    let low = (0..bottom).rev().take_while(alike).last().unwrap_or(bottom);
    let high = (bottom + 1..levels.len()).take_while(alike).last().unwrap_or(bottom);
    grown(levels, low..high + 1, bottom)
}

/// `window` grown by four levels, always by the lower of the two next to it, and to both sides of `bottom`.
fn grown(levels: &[Level], mut window: Range<usize>, bottom: usize) -> Range<usize> {
    let size = (window.len() + BESIDE).min(levels.len());
    let cost =
        |index: Option<usize>| index.and_then(|index| levels.get(index)).map_or(f64::INFINITY, Level::mean);
    while window.len() < size {
        let (below, above) = (cost(window.start.checked_sub(1)), cost(Some(window.end)));
        if below <= above { window.start -= 1 } else { window.end += 1 }
    }
    if window.start == bottom && bottom > 0 {
        window.start -= 1;
    }
    if window.end == bottom + 1 && bottom + 1 < levels.len() {
        window.end += 1;
    }
    window
}

/// The lowest level.
fn bottom(levels: &[Level]) -> Option<usize> {
    (0..levels.len()).min_by(|a, b| levels[*a].mean().total_cmp(&levels[*b].mean()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(costs: &[f64]) -> Vec<Level> {
        costs.iter().enumerate().map(|(x, cost)| Level { x: x as f64, y: vec![*cost] }).collect()
    }

    #[test]
    fn a_window_follows_the_gentler_side() {
        let lopsided = levels(&[0.5, 0.4, 0.3, 0.2, 0.1, 0.0, 0.6, 4.0]);
        assert_eq!(lowest(&lopsided), 1..7);
        assert_eq!(around(&lopsided, 0.01), 1..7);
        assert_eq!(around(&lopsided, 0.05), 0..7);
        assert_eq!(lowest(&[]), 0..0);
    }

    #[test]
    fn a_window_takes_in_all_that_is_as_low() {
        let flat = levels(&[1.0, 0.5, 0.01, 0.0, 0.02, 0.01, 0.4, 0.9, 2.0]);
        assert_eq!(around(&flat, 0.02), 0..8);
    }
}
