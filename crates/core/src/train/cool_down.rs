//! Cool-downs: what a run under way would reach if its rate fell now.
//!
//! While the rate is high, a loss is in part noise that a schedule takes away at its end, and the more so the larger the
//! rate. A short decay branched off from the run takes most of it away at once (as the decay of wsd does: Hägele et al.
//! 2024, NeurIPS), so that runs can be compared before their end.

use super::{Flow, Observer, Run};
use crate::data::Part;
use crate::reading::Metrics;
use crate::schedule::Progress;
use crate::state::StateMismatch;

/// What a cool-down came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cooled {
    /// Updates that it took, beside those of the run.
    pub steps: u64,
    /// The figures on the validation part after it; none where it ran away or was stopped.
    pub metrics: Metrics,
}

impl Run {
    /// What a branch of the run reaches whose rate falls linearly from what it is to 0, over `share` of the updates so far
    /// (rounded up) and at most those that are left. Batch size and momentum stay as they are. The run itself stays where
    /// it is, bit for bit: the branch uses the batches that come next and gives them back. `observer` is told of its
    /// steps and may stop it.
    ///
    /// `None` where there is nothing to find out: the schedule does not decay ([`crate::Schedule::decays`]), or the branch
    /// has no step.
    ///
    /// # Errors
    /// None that a run's own checkpoint could give.
    pub fn cooled(
        &mut self,
        share: f64,
        observer: &mut dyn Observer,
    ) -> Result<Option<Cooled>, StateMismatch> {
        let progress = self.progress();
        let left = progress.total_steps.saturating_sub(self.step);
        let steps = ((share * self.step as f64).ceil() as u64).min(left);
        if steps == 0 || !self.schedule.decays(&last(&progress)) {
            return Ok(None);
        }
        let (checkpoint, readings) = (self.checkpoint(), std::mem::take(&mut self.readings));
        let before = self.step;
        let metrics =
            if self.cool(steps, observer) { self.evaluate(Part::Validation) } else { Metrics::new() };
        let cooled = Cooled { steps: self.step - before, metrics };
        self.restore(&checkpoint)?;
        self.readings = readings;
        Ok(Some(cooled))
    }

    /// Trains for `steps` updates while the rate falls linearly to 0, which it reaches one update later. Says whether it
    /// came through.
    fn cool(&mut self, steps: u64, observer: &mut dyn Observer) -> bool {
        let progress = self.progress();
        let rate = self.schedule.rate(&progress);
        let most = self.spec.horizon.examples_per_epoch as usize;
        let batch = self.schedule.batch(self.spec.batch, &progress).clamp(1, most);
        (0..steps).all(|done| {
            let progress = self.progress();
            !self.update(batch, rate * share(done, steps), &progress)
                && observer.step(self.step) == Flow::Continue
        }) && self.parameters.iter().all(|parameter| parameter.is_finite())
    }
}

/// The share of the rate that is in force after `done` of the `steps` of a cool-down.
pub(crate) fn share(done: u64, steps: u64) -> f64 {
    steps.saturating_sub(done) as f64 / steps as f64
}

/// How far a run is just before its last update.
fn last(progress: &Progress) -> Progress {
    Progress {
        step: progress.total_steps.saturating_sub(1),
        examples: progress.total_examples.saturating_sub(1),
        epoch: progress.total_epochs,
        ..*progress
    }
}
