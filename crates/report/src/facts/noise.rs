//! The scale of a study's differences: how much runs of one point differ, and what a step of the learning rate costs.
//!
//! Everything that asks whether a difference counts asks here. The answer comes from the study and never from the size
//! of its loss, which may have a floor.

use serde::Serialize;
use sweep_stats::dunnett::dunnett;
use sweep_stats::valley;

use super::best::BatchBest;
use super::cells::Cell;
use super::cost;
use super::estimate::CONFIDENCE;
use super::measure::Measure;
use super::valleys::Valleys;

/// By how many octaves a learning rate is off in the difference that matters.
const STEP: f64 = 1.0;

/// The relative difference that matters, and within which points cannot be told apart, where nothing else is known.
pub const LAST_RESORT: f64 = 0.05;

/// Where the noise was read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Runs of one point on several seeds.
    Replicates,
    /// What smooth curves through neighbouring learning rates leave, one seed a point.
    Neighbours,
    /// Nothing: a constant share of the loss is used.
    Constant,
}

/// The noise at one batch size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchNoise {
    /// The panel; `None` where neither agent nor schedule is an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The standard deviation of a run.
    pub deviation: f64,
    /// Degrees of freedom, with those taken from other batch sizes.
    pub dof: f64,
}

/// The scale of a study's differences, in the unit of costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// Where it was read off.
    pub source: Source,
    /// The standard deviation of a run, over all batch sizes; `None` where it is not known.
    pub deviation: Option<f64>,
    /// That of a run at the best point, in the unit of the metric.
    pub at_best: Option<f64>,
    /// Its degrees of freedom.
    pub dof: f64,
    /// The smallest difference that matters: what a learning rate wrong by a factor of 2 costs at the median batch size,
    /// to the side where it costs less, and no less than the deviation of a run at the best point; 5 % where neither is
    /// known.
    pub smallest: f64,
    /// The unit of deviation and smallest difference: natural logarithms of a loss, else the metric's own.
    pub unit: &'static str,
    /// The noise of each batch size.
    pub by_batch: Vec<BatchNoise>,
}

impl Noise {
    /// The scale of a study with these cells, of which the one at `best` is the best, and these rows.
    pub fn of(
        cells: &[Cell],
        valleys: &Valleys,
        rows: &[BatchBest],
        best: Option<usize>,
        measure: &Measure,
    ) -> Noise {
        let replicated = cells.iter().any(|cell| cell.value.is_some() && cell.values.len() > 1);
        let common = valleys.common_noise();
        let source = match (common, replicated) {
            (None, _) => Source::Constant,
            (Some(_), true) => Source::Replicates,
            (Some(_), false) => Source::Neighbours,
        };
        let by_batch = rows.iter().filter_map(|row| {
            let noise = valleys.noise(row.cell?)?;
            let (panel, batch) = (row.panel.clone(), row.batch);
            Some(BatchNoise { panel, batch, deviation: noise.deviation, dof: noise.dof })
        });
        let value = best.and_then(|best| cells.get(best)?.value);
        let at_best = at(best, valleys).zip(value);
        Noise {
            source,
            deviation: common.map(|noise| noise.deviation),
            at_best: at_best.map(|(noise, value)| noise.deviation * measure.slope(value)),
            dof: common.map_or(0.0, |noise| noise.dof),
            smallest: smallest(cells, valleys, best, measure),
            unit: cost::unit(measure.logarithmic()),
            by_batch: by_batch.collect(),
        }
    }
}

/// The noise of a run at the best point, or over all rows where there is none.
fn at(best: Option<usize>, valleys: &Valleys) -> Option<valley::Noise> {
    best.map_or_else(|| valleys.common_noise(), |best| valleys.noise(best))
}

/// The smallest difference of costs that matters: see [`Noise::smallest`].
pub fn smallest(cells: &[Cell], valleys: &Valleys, best: Option<usize>, measure: &Measure) -> f64 {
    let deviation = at(best, valleys).map(|noise| noise.deviation);
    let known = valleys.rise(STEP).into_iter().chain(deviation).reduce(f64::max).filter(|known| *known > 0.0);
    let value = best.and_then(|best| cells.get(best)?.value);
    known.unwrap_or_else(|| measure.last_resort(value.unwrap_or(1.0)))
}

/// Marks the cells that cannot be told from the best one, so that the truly best is among them in 95 of 100 studies
/// where all runs are equally noisy (J. Hsu 1984, with the critical value of C. Dunnett 1955 for all cells together);
/// where the best was confirmed, of those that were too.
///
/// Without replicates a difference is measured by the noise at both batch sizes. With replicates a tie needs both a
/// difference that is small against the noise at the best point, and one within the errors of the two means: a scattered
/// point far from the best is no tie.
pub fn mark_ties(cells: &mut [Cell], best: usize, valleys: &Valleys, measure: &Measure) {
    let Some(winner) = cells.get(best).cloned() else { return };
    let (Some(value), Some(floor)) = (winner.value, winner.value.and_then(|value| measure.cost(value)))
    else {
        return;
    };
    let rival = |cell: &Cell| cell.confirmed == winner.confirmed && cell.value.is_some();
    let others = cells.iter().filter(|cell| rival(cell)).count().saturating_sub(1);
    let critical = |dof: f64| if others == 0 { 0.0 } else { dunnett(CONFIDENCE, others, dof) };
    let common = valleys.noise(best).map(|noise| (noise.deviation, critical(noise.dof)));
    let own = (winner.n > 1).then(|| critical(2.0 * (winner.n as f64 - 1.0)));
    let error = |cell: &Cell| Some(cell.stderr? / measure.slope(cell.value?));
    let tied = |index: usize, cell: &Cell| {
        let gap = cell.value.and_then(|value| measure.cost(value))? - floor;
        let reach = match common {
            Some((deviation, critical)) => {
                let here = valleys.noise(index).filter(|_| own.is_none()).map_or(deviation, |n| n.deviation);
                critical * (here.powi(2) / cell.n as f64 + deviation.powi(2) / winner.n as f64).sqrt()
            }
            None => measure.last_resort(value),
        };
        let both = error(cell).zip(error(&winner)).zip(own);
        Some(gap <= reach && both.is_none_or(|((a, b), critical)| gap <= critical * a.hypot(b)))
    };
    let marks = cells.iter().enumerate();
    let marks = marks.map(|(index, cell)| index == best || rival(cell) && tied(index, cell).unwrap_or(false));
    let marks: Vec<bool> = marks.collect();
    for (cell, mark) in cells.iter_mut().zip(marks) {
        cell.tied = mark;
    }
}
