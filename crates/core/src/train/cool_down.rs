//! Cool-downs: what a run would reach if its rate fell now.
//!
//! While the rate is high, part of a loss is noise that the schedule removes at its end; a larger rate has more of it.
//! A short decay that branches off from the run removes most of the noise at once (as the decay of wsd does: Hägele et
//! al. 2024, NeurIPS), so that runs can be compared before their end.

use super::{Flow, Observer, Run};
use crate::data::Part;
use crate::reading::Metrics;
use crate::schedule::Progress;
use crate::state::StateMismatch;

/// The result of a cool-down.
#[derive(Clone, Debug, PartialEq)]
pub struct Cooled {
    /// Its updates, in addition to those of the run.
    pub steps: u64,
    /// The metrics on the validation part after it; `None` if it diverged or was stopped.
    pub metrics: Metrics,
}

impl Run {
    /// The result of a branch of the run in which the rate falls linearly from its current value to 0, over `share` of
    /// the updates so far (rounded up) and at most over the remaining ones. Batch size and momentum stay constant. The
    /// run itself is not changed, bit for bit: the branch uses the next batches and returns them. `observer` receives
    /// its steps and may stop it.
    ///
    /// `None` if a cool-down makes no sense: the schedule does not decay ([`crate::Schedule::decays`]), or the branch
    /// has no step.
    ///
    /// # Errors
    /// Errors of restoring the run's own checkpoint, which do not occur.
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

    /// Trains for `steps` updates while the rate falls linearly to 0, which it would reach one update later. Returns
    /// whether it completed.
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

/// The share of the rate after `done` of the `steps` of a cool-down.
pub(crate) fn share(done: u64, steps: u64) -> f64 {
    steps.saturating_sub(done) as f64 / steps as f64
}

/// The progress of a run just before its last update.
fn last(progress: &Progress) -> Progress {
    Progress {
        step: progress.total_steps.saturating_sub(1),
        examples: progress.total_examples.saturating_sub(1),
        epoch: progress.total_epochs,
        ..*progress
    }
}
