//! The best value that a search at random could reach.

use serde::Serialize;
use sweep_stats::endpoint::Endpoint;
use sweep_study::{Direction, Domain, GIVEN, StudyRecord};

use super::axes::varies;
use super::cells::Cell;

/// The confidence of the bound.
const CONFIDENCE: f64 = 0.95;

/// The best value that points drawn at random approach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reachable {
    /// The best value measured, which is one end of the interval.
    pub best: f64,
    /// The other end: with a confidence of 95 %, no point of the ranges searched is better.
    pub bound: f64,
    /// The effective number of hyperparameters.
    pub dimensions: f64,
    /// How many points were drawn.
    pub points: usize,
    /// The best value to be expected at even odds after as many points more.
    pub after: f64,
}

/// The best value that the points of a study approach, which were drawn at random; `None` for grids and searches that learn.
pub fn reachable(record: &StudyRecord, cells: &[Cell]) -> Option<Reachable> {
    let study = &record.study;
    let axes: Vec<_> = study.space.parameters.iter().filter(|axis| varies(axis)).collect();
    let drawn = axes.iter().any(|axis| matches!(axis.domain, Domain::Interval { .. }));
    if !(drawn && (study.sampler == "random" || study.sampler == GIVEN)) {
        return None;
    }
    let sign = if study.goal.direction == Direction::Minimize { 1.0 } else { -1.0 };
    let run: Vec<&Cell> = cells.iter().filter(|cell| cell.n > 0).collect();
    let draws: Vec<f64> = run.iter().map(|cell| cell.value.map_or(f64::NAN, |value| sign * value)).collect();
    let found = Endpoint::of(&draws, axes.len() as f64)?;
    let best = draws.iter().copied().filter(|draw| draw.is_finite()).reduce(f64::min)?;
    Some(Reachable {
        best: sign * best,
        bound: sign * found.quantile(1.0 - CONFIDENCE),
        dimensions: found.dimensions(),
        points: run.len(),
        after: sign * found.after(run.len() as u64),
    })
}
