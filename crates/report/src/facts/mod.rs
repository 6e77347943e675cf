//! Every number of a report, computed from the finished trials of a study.
//!
//! Points whose replicates all completed have a value; the others have a state that gives the reason. A number that
//! could mislead (the mean of the survivors of a divergence, the best learning rate on the border of what was tried) is
//! omitted, and the reason is given instead.

mod audit;
mod axes;
mod best;
mod best_so_far;
mod border_extension;
mod budget;
mod cells;
mod collapse;
mod comparisons;
pub(crate) mod cost;
#[cfg(test)]
mod coverage;
mod critical_batch;
mod divergence;
mod edge;
mod equal_budget;
mod estimate;
mod horizon;
mod importance;
mod measure;
mod noise;
mod noise_scale;
mod optimum;
mod pareto;
mod parts;
mod price;
mod rate;
mod reachable;
pub mod refinement;
mod regret;
mod ridge;
mod saved;
mod scaling;
mod step_cost;
mod throughput;
mod timeline;
mod transform;
mod valleys;
mod wall_clock;

use serde::Serialize;
use sweep_study::{Direction, Rank, StudyRecord};

use transform::OnScale;

pub use audit::{Audit, Stratum};
pub use axes::{Axes, PANELS, STUDY, varies, varying};
pub(crate) use best::differs_in_lr_alone;
pub use best::{BatchBest, Best};
pub use best_so_far::BestSoFar;
pub use border_extension::{BorderExtension, BorderReason, across, beyond};
pub use budget::Budget;
pub use cells::{Cell, State};
pub use comparisons::{Arm, Comparison, Comparisons};
pub use critical_batch::{CriticalBatch, StepsAt};
pub use divergence::{Counts, Divergence, Stability};
pub(crate) use edge::hopeless;
pub use edge::{Side, is_sampled};
pub use equal_budget::{EqualBest, EqualBudget, equal_budget};
pub use estimate::{CONFIDENCE, Estimate, Status};
pub(crate) use horizon::{FEWEST, lengths};
pub use horizon::{Horizon, LengthBest, horizons};
pub use importance::{Importance, Share};
pub use measure::{Figure, Kind, Measure};
pub use noise::{BatchNoise, Noise, Source};
pub use noise_scale::NoiseScale;
pub use optimum::Near;
pub use pareto::{Pareto, Standing, Weighed};
pub use parts::{Part, parts};
pub use price::Price;
pub use reachable::Reachable;
pub use regret::Regret;
pub use ridge::{Exponent, Growth, Model, Ridge};
pub(crate) use ridge::{Spot, scatter, spots};
pub use saved::Saved;
pub use scaling::{Measured, Row, Scaling, scaling};
pub use step_cost::untimed;
pub use throughput::{Throughput, throughput};
pub use timeline::{Stretch, StretchEnd, Timeline, timeline};
pub use transform::{Floor, Scale, Transformation};
pub use wall_clock::{Soonest, wall_clock};

/// The results of a study, as numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// The metric by which points are ranked.
    pub metric: String,
    /// Which way it is better.
    pub direction: Direction,
    /// Which reading of a trial counts.
    pub rank: Rank,
    /// The budget of each trial.
    pub budget: Budget,
    /// How often each point is run.
    pub replicates: u32,
    /// How much runs of one point differ, and which differences matter.
    pub noise: Noise,
    /// The curve of the best point, by which worse choices are priced in training; `None` without readings.
    pub price: Option<Price>,
    /// The points with their replicates gathered: in the order of the grid for `grid`, else as they were tried.
    pub cells: Vec<Cell>,
    /// The best point whose replicates all completed. `results.json` has it at its top.
    #[serde(skip)]
    pub best: Option<Best>,
    /// The best learning rate of each batch size (and panel); empty where no axis is the learning rate.
    pub best_per_batch: Vec<BatchBest>,
    /// How the best learning rate moves with the batch size, one ridge a panel.
    pub ridge: Vec<Ridge>,
    /// How the best learning rate moves with the length of training, where that is an axis.
    pub horizon: Vec<Horizon>,
    /// Steps and examples to the target against the batch size, one per panel; empty without a target.
    pub critical_batch: Vec<CriticalBatch>,
    /// The gradient noise scale, where runs measured it.
    pub noise_scale: Vec<NoiseScale>,
    /// The batch sizes against each other.
    pub comparisons: Comparisons,
    /// The batch sizes where all trials had been given equally much, counted in epochs and in steps.
    pub equal_budgets: Vec<EqualBudget>,
    /// The schedules against each other, each batch size for itself; empty for a single schedule.
    pub regret: Vec<Regret>,
    /// The points that were better than all proposed before them; empty for a grid.
    pub best_so_far: Vec<BestSoFar>,
    /// Which parameters mattered, on a complete grid.
    pub importance: Option<Importance>,
    /// The points in several metrics at once, if the study has several; figures that depend on a clock are in `timing`.
    #[serde(skip_serializing_if = "Pareto::elsewhere")]
    pub pareto: Option<Pareto>,
    /// How many trials ended how, and where divergence begins.
    pub divergence: Divergence,
    /// How often pruning was wrong, where it was audited.
    pub audit: Option<Audit>,
    /// The best value that points drawn at random approach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reachable: Option<Reachable>,
    /// What pruning saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
    /// The axes of the `sweep extend` command that the border asks for, such as `lr=..2.2`; empty when none does.
    pub extend: Vec<String>,
    /// On which scale values are compared.
    pub transformation: Transformation,
    /// How values compare.
    #[serde(skip)]
    pub measure: Measure,
    /// The role of each axis in the study; drawing needs it, files do not.
    #[serde(skip)]
    pub axes: Axes,
}

impl Facts {
    /// The best point, unless its learning rate lies on the border of what was tried, for then there is nothing to
    /// recommend yet.
    pub fn recommended(&self) -> Option<&Best> {
        let best = self.best.as_ref()?;
        let at_edge = |row: &BatchBest| row.cell == Some(best.cell) && row.lr.status == Status::Edge;
        (!self.best_per_batch.iter().any(at_edge)).then_some(best)
    }

    /// The cell of the best point.
    pub fn best_cell(&self) -> Option<&Cell> {
        self.cells.get(self.best.as_ref()?.cell)
    }

    /// A cost that exceeds the best by `more`, as it is reported: a ratio less 1 or in the unit of the metric.
    pub fn difference(&self, more: f64) -> f64 {
        let best = self.best.as_ref().and_then(|best| self.measure.cost(best.value));
        self.measure.difference(best.unwrap_or_default(), more)
    }
}

/// The facts of a study, finished or still running; the same in whatever order its trials stand.
pub fn facts(record: &StudyRecord) -> Facts {
    if record.trials.is_sorted_by_key(|trial| trial.number) {
        return facts_of(record);
    }
    let mut sorted = record.clone();
    sorted.trials.sort_by_key(|trial| trial.number);
    facts_of(&sorted)
}

fn facts_of(record: &StudyRecord) -> Facts {
    let study = &record.study;
    let axes = Axes::of(study);
    let OnScale { measure, transformation, mut cells, valleys } = transform::on_scale(record, &axes);
    let best = best::best(study, &cells, &measure);
    let at = best.as_ref().map(|best| best.cell);
    let smallest = noise::smallest(&cells, &valleys, at, &measure);
    let best_per_batch = best::per_batch(study, &cells, &valleys, smallest, &measure);
    let noise = Noise::of(&cells, &valleys, &best_per_batch, at, &measure);
    if let Some(at) = at {
        noise::mark_ties(&mut cells, at, &valleys, &measure);
    }
    let extend = border_extension::border_axes(study, &axes, &cells, &best_per_batch);
    let divergence = divergence::divergence(record, &cells);
    let critical_batch = critical_batch::critical_batches(record, &cells);
    Facts {
        metric: study.goal.metric.clone(),
        direction: study.goal.direction,
        rank: study.rank,
        budget: Budget::of(record),
        replicates: study.replicates,
        ridge: ridge::ridges(&best_per_batch),
        horizon: horizons(record),
        noise_scale: noise_scale::noise_scales(record, &cells, &best_per_batch, &critical_batch),
        critical_batch,
        comparisons: comparisons::comparisons(
            &cells,
            &best_per_batch,
            best.as_ref(),
            (&measure, smallest),
            record.looks,
        ),
        equal_budgets: equal_budget::equal_budgets(record),
        regret: regret::regrets(&cells, &best_per_batch, &measure),
        best_so_far: best_so_far::best_so_far(&study.sampler, &cells, &measure),
        audit: audit::audit(record, &measure),
        reachable: reachable::reachable(record, &cells),
        saved: saved::saved(record),
        importance: importance::importance(study, &cells, &measure),
        pareto: pareto::pareto(record, &cells, &measure),
        noise,
        price: best.as_ref().and_then(|best| Price::of(record, best, &measure)),
        cells,
        best,
        best_per_batch,
        divergence,
        extend,
        measure,
        transformation,
        axes,
    }
}
