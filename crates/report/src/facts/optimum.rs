//! The best learning rate of a row of cells with its interval, or why there is none.

use sweep_stats::level::Level;
use sweep_stats::optimum::{REACH, Shape, optimum};

use super::cells::{Cell, State};
use super::estimate::{CONFIDENCE, Estimate, Status};
use super::measure::Measure;

/// The learning rates whose value is within 5 % of that at the best.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Near {
    /// The lowest of them.
    pub low: f64,
    /// The highest of them.
    pub high: f64,
    /// log₂ of their ratio: the width of the basin.
    pub octaves: f64,
}

/// The best learning rate where `best` is the best cell measured of `row`, whose cells differ in the learning rate
/// alone.
///
/// A parabola in log₂ η is fitted to the costs of the cells around the best, up to the first on either side without a
/// value. CLIFF where the best is next to one that did not complete: the true best lies between the two, and nothing
/// tells where. FLAT where the curvature does not stand out from the noise, or leaves an interval that reaches more
/// than an octave beyond the cells. Where cells or seeds are too few for a fit, the best measured stands without an
/// interval.
pub fn estimate(row: &[&Cell], best: &Cell, measure: &Measure) -> (Estimate, Option<Near>) {
    let n = row.iter().map(|cell| cell.n_usable).sum();
    let none = |status| (Estimate::none("learning rate", n, status), None);
    let Some(lr) = best.lr else { return none(Status::None) };
    let mut sorted: Vec<&Cell> =
        row.iter().copied().filter(|cell| cell.n > 0 && cell.lr.is_some_and(|lr| lr > 0.0)).collect();
    sorted.sort_by(|a, b| a.lr.unwrap_or(0.0).total_cmp(&b.lr.unwrap_or(0.0)));
    let Some(at) = sorted.iter().position(|cell| cell.lr == best.lr) else { return none(Status::None) };
    let cliff = |state| matches!(state, State::Diverged | State::Unstable | State::Stuck | State::Censored);
    if sorted.get(at + 1).is_some_and(|next| cliff(next.state)) {
        return none(Status::Cliff);
    }
    let level = |cell: &&Cell| {
        let y = measure.costs(&cell.values)?;
        Some(Level { x: cell.lr?.log2(), y }).filter(|level| level.y.len() == best.n)
    };
    let mut levels: Vec<Level> = sorted[..at].iter().rev().map_while(level).collect();
    levels.reverse();
    levels.extend(sorted[at..].iter().map_while(level));
    match optimum(&levels, reach(measure, &levels), CONFIDENCE) {
        Shape::Few => {
            (Estimate { estimate: Some(lr), ..Estimate::none("learning rate", n, Status::Ok) }, None)
        }
        Shape::Flat => none(Status::Flat),
        // An interval far beyond the rates it is fitted to means nothing.
        Shape::Valley(valley) if strays(&levels, valley.floor.low, valley.floor.high) => none(Status::Flat),
        Shape::Valley(valley) => {
            let (low, high) = valley.within(measure.margin(best.value.unwrap_or(0.0)));
            // What did not complete bounds the best, whatever the parabola gives.
            let wall = sorted[at..].iter().find(|cell| cliff(cell.state)).and_then(|cell| cell.lr);
            let high = high.min(wall.map_or(f64::INFINITY, f64::log2));
            let near = Near { low: low.exp2(), high: high.exp2(), octaves: high - low };
            let estimate = Estimate {
                estimate: Some(valley.floor.estimate.exp2()),
                low: Some(valley.floor.low.exp2()),
                high: Some(valley.floor.high.exp2().min(wall.unwrap_or(f64::INFINITY))),
                confidence: Some(CONFIDENCE),
                n: valley.n,
                ..Estimate::none("learning rate", n, Status::Ok)
            };
            (estimate, Some(near))
        }
    }
}

/// Whether `low` or `high` lies more than an octave outside the levels.
fn strays(levels: &[Level], low: f64, high: f64) -> bool {
    let inside = |x: f64| {
        levels.first().is_some_and(|first| x >= first.x - 1.0)
            && levels.last().is_some_and(|last| x <= last.x + 1.0)
    };
    !(inside(low) && inside(high))
}

/// How far above the minimum cost a level is still used: half a decade of ratios; half of what was measured for costs
/// that are not logarithms.
fn reach(measure: &Measure, levels: &[Level]) -> f64 {
    if measure.logarithmic() {
        return REACH;
    }
    let all = || levels.iter().flat_map(|level| level.y.iter().copied());
    0.5 * (all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{BatchBest, facts};
    use crate::fixtures::{Made, diverged, stuck};

    const RATES: [&str; 7] = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64"];

    /// Seven learning rates an octave apart with three seeds each, the cost of each given by its index and seed.
    fn row(cost: impl Fn(f64, f64) -> f64) -> Made {
        let mut made = Made::new(&[&format!("lr={}", RATES.join(","))]).replicates(3);
        for (index, lr) in RATES.iter().enumerate() {
            let values: Vec<f64> =
                (0..3).map(|seed| 0.1 * cost(index as f64, f64::from(seed)).exp()).collect();
            made = made.trial(&format!("lr={lr}"), &values);
        }
        made
    }

    fn first(made: Made) -> BatchBest {
        facts(&made.record()).best_per_batch.remove(0)
    }

    fn noise(index: f64, seed: f64) -> f64 {
        0.01 * (index * 2.3 + seed * 4.1 + index * seed).sin()
    }

    #[test]
    fn a_valley_has_its_floor_with_an_interval() {
        let best = first(row(|index, seed| 0.05 * (index - 3.4).powi(2) + noise(index, seed)));
        let (estimate, low, high) = (best.lr.estimate.unwrap(), best.lr.low.unwrap(), best.lr.high.unwrap());
        let truth = 0.01 * 3.4f64.exp2();
        assert!(low < truth && truth < high && high / low < 2.0, "{best:?}");
        assert!((estimate / truth).log2().abs() < 0.1);
        assert_eq!((best.lr.status, best.lr.confidence, best.lr.n), (Status::Ok, Some(0.95), 21));
        // 5 % more loss costs √(ln 1.05 / 0.05), almost one octave either way.
        assert!((best.near.unwrap().octaves - 2.0 * (1.05f64.ln() / 0.05).sqrt()).abs() < 0.1);
    }

    #[test]
    fn a_best_next_to_divergence_is_a_cliff() {
        let made = Made::new(&["lr=0.01,0.1,1,10"]).row(&["0.01", "0.1"], &[0.3, 0.1]);
        let made = made.outcomes("lr=1", vec![diverged(3)]).outcomes("lr=10", vec![stuck(2.3)]);
        let best = first(made);
        assert_eq!((best.lr.status, best.lr.estimate, best.value), (Status::Cliff, None, Some(0.1)));
    }

    #[test]
    fn no_range_reaches_beyond_what_diverged() {
        let shallow = |index: f64, seed: f64| 0.006 * (index - 3.4).powi(2) + noise(index, seed);
        let mut made = Made::new(&[&format!("lr={}", RATES.join(","))]).replicates(3);
        for (index, lr) in RATES[..6].iter().enumerate() {
            let values = [0.0, 1.0, 2.0].map(|seed| 0.1 * shallow(index as f64, seed).exp());
            made = made.trial(&format!("lr={lr}"), &values);
        }
        let best = first(made.outcomes("lr=0.64", vec![diverged(9); 3]));
        // The parabola alone would be within 5 % of its floor up to 0.76.
        assert!((best.near.unwrap().high - 0.64).abs() < 1e-9 && best.lr.high.unwrap() < 0.64, "{best:?}");
    }

    #[test]
    fn an_interval_far_beyond_the_rates_tried_is_flat() {
        let wide = |index: f64, seed: f64| {
            let end = if index == 0.0 { 0.05 } else { 0.0 };
            end + 0.004 * (index - 3.0).powi(2) + 3.0 * noise(index, seed)
        };
        let best = first(row(wide));
        let within = |lr: Option<f64>| lr.is_none_or(|lr| (0.005..=1.28).contains(&lr));
        assert!(within(best.lr.low) && within(best.lr.high), "{best:?}");
    }

    #[test]
    fn noise_without_a_valley_is_flat() {
        let best =
            first(row(|index, seed| 0.1 * noise(index, seed) - 1e-3 * f64::from(u8::from(index == 3.0))));
        assert_eq!((best.lr.status, best.lr.low), (Status::Flat, None), "{best:?}");
    }

    /// Losses that fall up to the last rate, noise of 3 % on them: the best is on the border in 95 of 100 studies.
    #[test]
    fn a_slope_is_an_edge() {
        let edges = (0..100).filter(|study| {
            let shift = f64::from(*study) * 0.37;
            let noise = |index: f64, seed: f64| 0.03 * (shift + index * 5.7 + seed * 3.1).sin();
            first(row(|index, seed| -0.1 * index + noise(index, seed))).lr.status == Status::Edge
        });
        assert!(edges.count() >= 95);
    }

    #[test]
    fn three_cells_name_the_best_measured() {
        let best = first(Made::new(&["lr=0.01,0.1,1"]).row(&["0.01", "0.1", "1"], &[0.3, 0.1, 0.2]));
        assert_eq!((best.lr.status, best.lr.estimate, best.lr.low), (Status::Ok, Some(0.1), None));
    }
}
