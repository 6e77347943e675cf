//! The charts there are: which of them a study can say something by, and what each shows.

use sweep_study::{Outcome, StudyRecord, Trial};

use super::scene::{Rect, Scene};
use super::{ChartError, Format, batches, critical, curves, heatmap, importance, ink, losses, regret};
use crate::by::By;
use crate::facts::Facts;

/// A chart of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// The metric over learning rate and batch size.
    Heatmap,
    /// The metric against the learning rate, a curve a batch size.
    Losses,
    /// Steps to the target against the batch size.
    CriticalBatch,
    /// Batch sizes against each other, each at its best.
    Batches,
    /// What keeping another schedule's learning rate costs.
    Regret,
    /// Which parameters mattered.
    Importance,
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
    pub const ALL: [Chart; 7] = [
        Chart::Heatmap,
        Chart::Losses,
        Chart::CriticalBatch,
        Chart::Batches,
        Chart::Regret,
        Chart::Importance,
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
        Chart::ALL
            .into_iter()
            .filter(|chart| chart.applies(facts) && (read || !chart.needs_curves()))
            .collect()
    }

    fn applies(self, facts: &Facts) -> bool {
        match self {
            Chart::Heatmap | Chart::Curves => true,
            Chart::Losses => facts.axes.lr,
            Chart::CriticalBatch => !facts.critical_batch.is_empty(),
            Chart::Batches => facts.cells.windows(2).any(|pair| match pair {
                [a, b] => a.batch != b.batch,
                _ => false,
            }),
            Chart::Regret => !facts.regret.is_empty(),
            Chart::Importance => facts.importance.is_some(),
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
            Chart::CriticalBatch => "critical_batch",
            Chart::Batches => "batches",
            Chart::Regret => "regret",
            Chart::Importance => "importance",
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
            Chart::CriticalBatch => {
                "Left, steps to the target against the batch size with the fitted curve and its two limits; right, the \
                 price in examples of going faster."
            }
            Chart::Batches => {
                "Each batch size at its best point: what an example buys, and what a second buys on the machine on \
                 which the study ran."
            }
            Chart::Regret => {
                "By how much the schedule of a row does worse with the best learning rate of a column's schedule than \
                 with its own, with 95 % intervals where seeds allow."
            }
            Chart::Importance => {
                "Shares of the variance over the grid that single parameters and pairs of them account for."
            }
            Chart::Curves => {
                "One line for each trial, coloured by its learning rate; a cross marks divergence."
            }
        }
    }

    /// Draws it; equal records give equal bytes.
    ///
    /// # Errors
    /// The drawing library refused, or the pixels could not be encoded.
    pub fn draw(self, record: &StudyRecord, facts: &Facts, format: Format) -> Result<Drawn, ChartError> {
        let scene = self.scene(record, facts);
        let bytes = ink::draw(&scene, format)?;
        Ok(Drawn { bytes, size: (scene.width, scene.height), cells: scene.cells })
    }

    fn scene(self, record: &StudyRecord, facts: &Facts) -> Scene {
        match self {
            Chart::Heatmap => heatmap::scene(record, facts),
            Chart::Losses => losses::scene(record, facts),
            Chart::CriticalBatch => critical::scene(record, facts),
            Chart::Batches => batches::scene(record, facts),
            Chart::Regret => regret::scene(record, facts),
            Chart::Importance => importance::scene(record, facts),
            Chart::Curves => curves::scene(record, facts, By::told(record)),
        }
    }
}
