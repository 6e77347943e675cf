//! The runs that a loss surface goes through, with their costs on one scale.

use sweep_stats::median;
use sweep_study::StudyRecord;

use super::measured::Measured;
use crate::facts::{CONFIDENCE, Cell, Measure, Source};

/// How far from the best a run may be to count, as a factor of the learning rate: one that far off costs as much as the
/// window is wide where the valley is a parabola.
const FARTHEST: f64 = 16.0;

/// A place of the surface, in natural logarithms.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The variables of its group.
    pub variables: Vec<f64>,
    /// The learning rate.
    pub lr: f64,
    /// The batch size.
    pub batch: f64,
}

/// A cell of a group, seen as one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The number of its group.
    pub group: usize,
    /// Where it lies.
    pub at: Location,
    /// What it reached; `None` where it diverged, collapsed or failed.
    pub reached: Option<Reached>,
}

/// What a run reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// The value of the metric.
    pub value: f64,
    /// Its cost, as [`Measure::cost`] gives it.
    pub cost: f64,
    /// By how much the cost exceeds the lowest of the group.
    pub excess: f64,
}

/// The scale on which the values of all groups have a cost: that of the groups where they agree, else the one that the
/// name of the metric proposes and the values allow.
pub fn measure(record: &StudyRecord, measured: &[Measured]) -> Measure {
    let first = measured.first().map(|group| group.facts.measure);
    if let Some(first) = first.filter(|first| measured.iter().all(|group| group.facts.measure == *first)) {
        return first;
    }
    let proposed = Measure { floor: record.study.floor.unwrap_or(0.0), ..Measure::of(&record.study.goal) };
    let values = measured.iter().flat_map(|group| group.facts.cells.iter().filter_map(|cell| cell.value));
    proposed.allowing(values)
}

/// The cells of all groups that have run, those of the best cell's schedule where that is an axis.
pub fn runs(measured: &[Measured], measure: &Measure) -> Vec<Run> {
    let of = |(group, one): (usize, &Measured)| {
        let Some(best) = one.facts.best_cell() else { return Vec::new() };
        let lowest = best.value.and_then(|value| measure.cost(value)).unwrap_or(f64::NAN);
        let cells = one.facts.cells.iter().filter(|cell| cell.n > 0 && cell.panel == best.panel);
        let log = |value: Option<f64>| value.map(f64::ln).filter(|log| log.is_finite());
        let run = |cell: &Cell| {
            let at = Location { variables: one.logs(), lr: log(cell.lr)?, batch: log(cell.batch)? };
            let reached = cell.value.and_then(|value| {
                let cost = measure.cost(value)?;
                Some(Reached { value, cost, excess: cost - lowest })
            });
            Some(Run { group, at, reached })
        };
        cells.filter_map(run).collect()
    };
    measured.iter().enumerate().flat_map(of).collect()
}

/// By how much the cost of a run may exceed the lowest of its group for the surface to go through it: what a learning
/// rate wrong by [`FARTHEST`] costs along a parabola, in the middle one of the groups whose noise is known. `None` where
/// it is known of none.
///
/// A parabola rises with the square of the distance, so the window is as many times the cost of a factor of 2 as the
/// square of the octaves in [`FARTHEST`]. That cost is at least the noise of a run, so the window holds noisy runs too.
pub fn window(measured: &[Measured], chosen: &[usize], measure: &Measure) -> Option<f64> {
    let smallest = |group: &usize| {
        let facts = &measured[*group].facts;
        let known = facts.noise.source != Source::Constant;
        let best = facts.best_cell().filter(|_| known)?.value?;
        Some(facts.noise.smallest * facts.measure.slope(best) / measure.slope(best))
    };
    let mut all: Vec<f64> = chosen.iter().filter_map(smallest).filter(|step| *step > 0.0).collect();
    all.sort_by(f64::total_cmp);
    Some(median(&all, CONFIDENCE)?.0 * FARTHEST.log2().powi(2))
}
