//! The pictures of a study, as bytes of PNG or SVG.
//!
//! A chart lays facts out as a scene of shapes, with what `draw` offers to all of them; `draw::render` makes a file
//! of it. plotters stays the back end: it draws the pixels, with no font or library of the machine. SVG has an element
//! for each shape, written through maud. Equal records give equal bytes.

mod batches;
mod best_so_far;
mod budgets;
mod critical;
mod curves;
pub(crate) mod draw;
pub(crate) mod entry;
pub(crate) mod heatmap;
mod horizon;
mod importance;
mod losses;
mod parallel;
mod pareto;
mod rates;
mod regret;
mod slices;
mod throughput;
mod timeline;
mod workers;

use sweep_study::{Outcome, StudyRecord, Trial};

use crate::facts::Facts;

pub(crate) use draw::sheet::Sheet;
pub use draw::{ChartError, Format, Rect, subject};
pub use entry::{Chart, Drawn};
pub use rates::{Rates, schedule};

/// All charts, in the order in which a reader needs them.
pub(crate) const TABLE: &[Chart] = &[
    heatmap::CHART,
    losses::CHART,
    horizon::CHART,
    critical::CHART,
    workers::CHART,
    batches::CHART,
    budgets::CHART,
    regret::CHART,
    importance::CHART,
    parallel::CHART,
    slices::CHART,
    best_so_far::CHART,
    pareto::CHART,
    throughput::CHART,
    timeline::CHART,
    curves::CHART,
];

/// The charts in which the study has something to show; none before a trial has ended.
pub fn charts(record: &StudyRecord, facts: &Facts) -> Vec<&'static Chart> {
    let drawable =
        |trial: &Trial| matches!(trial.outcome, Outcome::Complete { .. } | Outcome::Diverged { .. });
    if !record.trials.iter().any(drawable) {
        return Vec::new();
    }
    let read = record.trials.iter().any(|trial| !trial.curve.is_empty());
    let drawn = |chart: &&Chart| (chart.shows)(record, facts) && (read || !chart.needs_curves);
    TABLE.iter().filter(drawn).collect()
}

#[cfg(test)]
mod collide;
#[cfg(test)]
mod gallery;
#[cfg(test)]
mod shows;
#[cfg(test)]
mod tests;
