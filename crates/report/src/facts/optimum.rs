//! The best learning rate of a row of cells with its interval, or why there is none.

use super::cells::Cell;
use super::estimate::{CONFIDENCE, Estimate, Status};
use super::valleys::{Valleys, is_wall};

/// The learning rates that are about as good as the best.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Near {
    /// The lowest of them.
    pub low: f64,
    /// The highest of them.
    pub high: f64,
    /// log₂ of their ratio: the width of the basin.
    pub octaves: f64,
}

/// The best learning rate of `row`, whose cells differ in the learning rate alone, where `best`, the cell at `index` of
/// the study, is the best of them measured. Rates whose expected cost is within `margin` of the lowest are near it.
///
/// A smooth curve through the valley of the row says where the lowest point may lie. CLIFF where the best is next to
/// one that went wrong: the true best lies between the two, and nothing tells where. FLAT where the curve need not rise
/// before the end of what was measured. Where nothing tells noise from shape, the best measured stands without an
/// interval.
pub fn estimate(
    row: &[&Cell],
    index: usize,
    best: &Cell,
    valleys: &Valleys,
    margin: f64,
) -> (Estimate, Option<Near>) {
    let n = row.iter().map(|cell| cell.n_usable).sum();
    let none = |status| (Estimate::none("learning rate", n, status), None);
    let Some(lr) = best.lr else { return none(Status::None) };
    let above = row.iter().filter(|cell| cell.n > 0 && cell.lr.is_some_and(|other| other > lr));
    let next = above.min_by(|a, b| a.lr.unwrap_or(0.0).total_cmp(&b.lr.unwrap_or(0.0)));
    if next.is_some_and(|next| is_wall(next.state)) {
        return none(Status::Cliff);
    }
    let plain = Estimate { estimate: Some(lr), ..Estimate::none("learning rate", n, Status::Ok) };
    let Some(minimum) = valleys.minimum(index) else { return (plain, None) };
    let floor = minimum.floor;
    if minimum.open_below || minimum.open_above {
        return none(Status::Flat);
    }
    let estimate = Estimate { estimate: Some(floor.estimate.exp2()), n: minimum.n, ..plain };
    let (low, high) = minimum.within(margin);
    let near = Near { low: low.exp2(), high: high.exp2(), octaves: high - low };
    let (low, high) = (Some(floor.low.exp2()), Some(floor.high.exp2()));
    (Estimate { low, high, confidence: Some(CONFIDENCE), ..estimate }, Some(near))
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
        assert_eq!((best.lr.status, best.lr.confidence, best.lr.n), (Status::Ok, Some(0.95), 18));
        // What a factor of 2 costs is the smallest difference that matters.
        assert!((best.near.unwrap().octaves - 2.0).abs() < 0.3, "{best:?}");
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
        let ends = [best.near.map(|near| near.high), best.lr.high];
        assert!(
            best.lr.status == Status::Flat || ends.iter().all(|end| end.unwrap() <= 0.6400001),
            "{best:?}"
        );
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
