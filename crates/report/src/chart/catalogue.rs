//! The charts there are: which of them a study can say something by, and what each shows.

use sweep_study::{Outcome, StudyRecord, Trial};

use super::draw::render;
use super::{
    ChartError, Format, batches, best_so_far, budgets, critical, curves, heatmap, horizon, importance,
    losses, parallel, pareto, regret, slices, throughput, timeline, workers,
};
use crate::budget_unit::BudgetUnit;
use crate::chart::draw::scene::{Rect, Scene};
use crate::facts::{self, Facts, varies};

/// A chart of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// The metric over learning rate and batch size.
    Heatmap,
    /// The metric against the learning rate, a curve a batch size.
    Losses,
    /// The best learning rate against the length of training.
    Horizon,
    /// Steps to the target against the batch size.
    CriticalBatch,
    /// Time to the target and best batch size against workers.
    Workers,
    /// Batch sizes against each other, each at its best.
    Batches,
    /// The batch sizes at equal epochs, steps and seconds.
    Budgets,
    /// What keeping another schedule's learning rate costs.
    Regret,
    /// Which parameters mattered.
    Importance,
    /// Each point as a line through all its parameters.
    Parallel,
    /// The value against each parameter alone.
    Slices,
    /// The best value found against the trials proposed.
    BestSoFar,
    /// The points in several metrics at once.
    Pareto,
    /// Examples a second, and memory, against the batch size.
    Throughput,
    /// Which trial ran when, and on which worker.
    Timeline,
    /// Learning curves.
    Curves,
}

/// A chart as a file, and where it shows what.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// Width and height of the picture, in the unit of the places.
    pub size: (f64, f64),
    /// The cells that have a place of their own, as indices into those of the facts, and where they lie.
    pub cells: Vec<(usize, Rect)>,
}

impl Chart {
    /// All of them, in the order in which a reader needs them.
    pub const ALL: [Chart; 16] = [
        Chart::Heatmap,
        Chart::Losses,
        Chart::Horizon,
        Chart::CriticalBatch,
        Chart::Workers,
        Chart::Batches,
        Chart::Budgets,
        Chart::Regret,
        Chart::Importance,
        Chart::Parallel,
        Chart::Slices,
        Chart::BestSoFar,
        Chart::Pareto,
        Chart::Throughput,
        Chart::Timeline,
        Chart::Curves,
    ];

    /// Those by which the study can say something; none before a trial has ended with a curve.
    pub fn of(record: &StudyRecord, facts: &Facts) -> Vec<Chart> {
        let drawable =
            |trial: &Trial| matches!(trial.outcome, Outcome::Complete { .. } | Outcome::Diverged { .. });
        if !record.trials.iter().any(drawable) {
            return Vec::new();
        }
        let read = record.trials.iter().any(|trial| !trial.curve.is_empty());
        let drawn = |chart: &Chart| chart.applies(record, facts) && (read || !chart.needs_curves());
        Chart::ALL.into_iter().filter(drawn).collect()
    }

    fn applies(self, record: &StudyRecord, facts: &Facts) -> bool {
        let varying = || record.study.space.parameters.iter().filter(|axis| varies(axis)).count();
        match self {
            Chart::Heatmap | Chart::Curves => true,
            Chart::Losses => facts.axes.lr,
            Chart::Horizon => !facts.horizon.is_empty(),
            Chart::CriticalBatch => !facts.critical_batch.is_empty(),
            Chart::Workers => !facts::scaling(record, facts).is_empty(),
            Chart::Batches => facts.cells.windows(2).any(|pair| match pair {
                [a, b] => a.batch != b.batch,
                _ => false,
            }),
            Chart::Budgets => budgets::some(record, facts),
            Chart::Regret => !facts.regret.is_empty(),
            Chart::Importance => facts.importance.is_some(),
            Chart::Parallel => varying() > 2,
            Chart::Slices => varying() > 2 || (varying() > 1 && record.study.sampler != "grid"),
            Chart::BestSoFar => facts.best_so_far.len() > 1,
            Chart::Pareto => facts.pareto.as_ref().is_some_and(|pareto| pareto.points.len() > 1),
            Chart::Throughput => facts::throughput(record).len() > 1,
            Chart::Timeline => record.spans.len() > 1,
        }
    }

    /// Whether it draws readings on the way, which runs made elsewhere may lack.
    fn needs_curves(self) -> bool {
        matches!(self, Chart::Batches | Chart::Curves)
    }

    /// Its name, which is also that of its file without the ending.
    pub fn name(self) -> &'static str {
        match self {
            Chart::Heatmap => "heatmap",
            Chart::Losses => "losses",
            Chart::Horizon => "horizon",
            Chart::CriticalBatch => "critical_batch",
            Chart::Workers => "workers",
            Chart::Batches => "batches",
            Chart::Budgets => "budgets",
            Chart::Regret => "regret",
            Chart::Importance => "importance",
            Chart::Parallel => "parallel",
            Chart::Slices => "slices",
            Chart::BestSoFar => "best_so_far",
            Chart::Pareto => "pareto",
            Chart::Throughput => "throughput",
            Chart::Timeline => "timeline",
            Chart::Curves => "curves",
        }
    }

    /// What it shows and how to read it, in a sentence or two.
    pub fn caption(self) -> &'static str {
        match self {
            Chart::Heatmap => {
                "Each tile or point is what was measured there; nothing is interpolated. What is outlined is not told \
                 apart from the best by noise, hatched tiles diverged, blank ones were not run."
            }
            Chart::Losses => {
                "One curve for each batch size, broken where a learning rate ended badly; bands span the seeds, and \
                 bars with a dot are the best learning rates with their 95 % intervals."
            }
            Chart::Horizon => {
                "The best learning rate at each length of training, a curve a batch size, with 95 % intervals; rings are \
                 the best measured where no best can be named."
            }
            Chart::CriticalBatch => {
                "Left, steps to the target against the batch size with the fitted curve and its two limits; right, the \
                 price in examples of going faster. Small dots are seeds, the band is the interval of the critical batch size."
            }
            Chart::Workers => {
                "How long the target takes with workers that share each batch, and the batch size at which it takes least: \
                 discs were timed on the machine on which the study ran, rings are predicted."
            }
            Chart::Batches => {
                "Each batch size at its best point: what an example buys, and what a second buys on the machine on \
                 which the study ran."
            }
            Chart::Budgets => {
                "The same trials read where all had been given equally much: the best batch size depends on what is \
                 held equal. Seconds are those of the machine on which the study ran."
            }
            Chart::Regret => {
                "By how much the schedule of a row does worse with the best learning rate of a column's schedule than \
                 with its own, with 95 % intervals where seeds allow."
            }
            Chart::Importance => {
                "Shares of the variance that single parameters and pairs of them account for: over the grid, or of a \
                 polynomial through the points drawn."
            }
            Chart::Parallel => {
                "Each point is a line through the values of its parameters to what it came to; the darker, the better."
            }
            Chart::Slices => {
                "Each point against one parameter at a time: how low the lower edge lies is what a value allows, how \
                 far the points spread above it is what the others cost."
            }
            Chart::BestSoFar => {
                "How the search got to its best: against the trials proposed, and against the seconds of training that \
                 they took together."
            }
            Chart::Pareto => {
                "Each point in the metrics of the study, with standard errors where seeds allow; the line joins those that no \
                 other beats in both, hollow ones are beaten within noise only."
            }
            Chart::Throughput => {
                "How fast each batch size goes through its examples on the machine on which the study ran and, where it was \
                 timed alone, the memory that a trial takes, the data left out."
            }
            Chart::Timeline => "Which worker ran trials when, coloured by how they ended, idle time cut out.",
            Chart::Curves => "A line for each trial, coloured by learning rate; a cross marks divergence.",
        }
    }

    /// Draws it; equal records give equal bytes.
    ///
    /// # Errors
    /// The drawing library refused, or the pixels could not be encoded.
    pub fn draw(self, record: &StudyRecord, facts: &Facts, format: Format) -> Result<Drawn, ChartError> {
        let scene = self.scene(record, facts);
        let bytes = render::draw(&scene, format)?;
        Ok(Drawn { bytes, size: (scene.width, scene.height), cells: scene.cells })
    }

    fn scene(self, record: &StudyRecord, facts: &Facts) -> Scene {
        match self {
            Chart::Heatmap => heatmap::scene(record, facts),
            Chart::Losses => losses::scene(record, facts),
            Chart::Horizon => horizon::scene(record, facts),
            Chart::CriticalBatch => critical::scene(record, facts),
            Chart::Workers => workers::scene(record, facts),
            Chart::Batches => batches::scene(record, facts),
            Chart::Budgets => budgets::scene(record, facts),
            Chart::Regret => regret::scene(record, facts),
            Chart::Importance => importance::scene(record, facts),
            Chart::Parallel => parallel::scene(record, facts),
            Chart::Slices => slices::scene(record, facts),
            Chart::BestSoFar => best_so_far::scene(record, facts),
            Chart::Pareto => pareto::scene(record, facts),
            Chart::Throughput => throughput::scene(record, facts),
            Chart::Timeline => timeline::scene(record, facts),
            Chart::Curves => curves::scene(record, facts, BudgetUnit::told(record)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::scene::Shape;
    use crate::facts::facts;
    use crate::fixtures::studies;
    use crate::text;
    use crate::verdict::{Topic, sentences};

    /// All that is written on a picture, one text a line.
    fn written(scene: &Scene) -> String {
        let text = |shape: &Shape| match shape {
            Shape::Text { text, .. } => Some(format!("{text}\n")),
            _ => None,
        };
        scene.shapes.iter().filter_map(text).collect()
    }

    /// What is claimed says under which budget and over how many seeds, on every picture and in every headline.
    #[test]
    fn nothing_is_claimed_without_its_budget_and_seeds() {
        for (name, record) in studies() {
            let facts = facts(&record);
            let budget = text::budget(&facts.budget);
            let seeds = text::count(u64::from(facts.replicates), "seed");
            for chart in Chart::of(&record, &facts) {
                let text = written(&chart.scene(&record, &facts));
                // The chart of equal budgets has one in each panel.
                let budget = if chart == Chart::Budgets { "equal " } else { &budget };
                assert!(text.contains(budget) && text.contains(&seeds), "{name} {chart:?}: {text}");
            }
            let sentences = sentences(&record, &facts);
            for said in sentences.iter().filter(|said| said.topic == Topic::Best) {
                assert!(said.text.contains(&budget) && said.text.contains(&seeds), "{name}: {}", said.text);
            }
        }
    }

    /// Where replicates allow an interval it is told, and on the picture it is said what bands and bars are.
    #[test]
    fn estimates_over_seeds_have_their_intervals() {
        for (name, record) in studies() {
            let facts = facts(&record);
            let fitted = |row: &&facts::BatchBest| row.lr.estimate.is_some() && facts.replicates > 1;
            for row in facts.best_per_batch.iter().filter(fitted) {
                assert!(row.stderr.is_some(), "{name}: {row:?}");
            }
            if facts.best_per_batch.iter().any(|row| row.lr.low.is_some()) {
                let text = written(&Chart::Losses.scene(&record, &facts));
                assert!(text.contains("95 % interval"), "{name}: {text}");
            }
            for critical in facts.critical_batch.iter().filter(|critical| critical.batch.estimate.is_some()) {
                assert!(
                    critical.batch.low.is_some() && critical.batch.high.is_some(),
                    "{name}: {critical:?}"
                );
                let text = written(&Chart::CriticalBatch.scene(&record, &facts));
                assert!(text.contains("95 %"), "{name}: {text}");
            }
        }
    }
}
