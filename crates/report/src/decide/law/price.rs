//! What laws lose in a group: how much worse than the best is the cell that they point to.

use serde::Serialize;

use super::measured::{Laws, Measured};
use crate::facts::Cell;

/// What laws lose over several groups, as shares of their best values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Price {
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub worst: f64,
    /// How many groups.
    pub groups: usize,
}

/// What the measured cell nearest to the laws loses in a group.
pub fn price(group: &Measured, laws: &Laws) -> Option<f64> {
    // The only run of a group is the nearest whatever the laws say.
    let batch = laws.batch.as_ref().filter(|_| group.runs > 1)?;
    let mut x = group.logs();
    let wanted_batch = batch.at(&x).y;
    x.push(wanted_batch);
    let wanted_lr = laws.lr.at(&x).y;
    let best = group.facts.best_cell()?.value?;
    let far = |cell: &Cell| Some((cell.lr?.ln() - wanted_lr).hypot(cell.batch?.ln() - wanted_batch));
    let ran = group.facts.cells.iter().filter(|cell| cell.n > 0);
    let nearest = ran.filter_map(|cell| Some((far(cell)?, cell))).min_by(|(a, _), (b, _)| a.total_cmp(b))?.1;
    Some((nearest.value? - best).abs() / best.abs())
}

/// The mean and the largest of prices; `None` without any.
pub fn mean(prices: impl Iterator<Item = f64>) -> Option<Price> {
    let all: Vec<f64> = prices.collect();
    let worst = all.iter().copied().reduce(f64::max)?;
    Some(Price { mean: all.iter().sum::<f64>() / all.len() as f64, worst, groups: all.len() })
}
