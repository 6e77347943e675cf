//! The progress of a run, and the totals against which its lengths are measured.

use sweep_settings::Length;

/// The progress of a run just before an update, and its totals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Updates done.
    pub step: u64,
    /// Training examples used.
    pub examples: u64,
    /// Passes over the training data, with fractions.
    pub epoch: f64,
    /// Updates that the whole run will do.
    pub total_steps: u64,
    /// Training examples that the whole run will use.
    pub total_examples: u64,
    /// Passes that the whole run will do.
    pub total_epochs: f64,
}

/// The totals against which lengths are measured: the budget of a run and the size of its data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Updates of the whole run at the starting batch size.
    pub total_steps: u64,
    /// Updates per epoch at the starting batch size.
    pub steps_per_epoch: f64,
    /// Training examples of the whole run at the starting batch size.
    pub total_examples: u64,
    /// Training examples per epoch.
    pub examples_per_epoch: u64,
    /// Whether the budget was given in steps; otherwise it is kept in examples. This matters if the batch size changes.
    pub in_steps: bool,
}

impl Progress {
    /// The share of the run that is done, 0 to 1, in steps or in examples, in the unit of its budget.
    pub fn done(&self, in_steps: bool) -> f64 {
        let (done, total) = match in_steps {
            true => (self.step, self.total_steps),
            false => (self.examples, self.total_examples),
        };
        if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) }
    }

    /// Whether the run has reached `point`.
    pub fn passed(&self, point: Length, in_steps: bool) -> bool {
        match point {
            Length::Steps(steps) => self.step as f64 >= steps,
            Length::Epochs(epochs) => self.epoch >= epochs,
            Length::Share(share) => self.done(in_steps) >= share,
        }
    }
}
