//! What pruning saved.

use serde::Serialize;
use sweep_study::{Outcome, StudyRecord, Trial};

/// The training that pruned trials left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Saved {
    /// Trials that were pruned and not run to their end as an audit.
    pub trials: u64,
    /// `epochs`, `steps` or `examples`.
    pub unit: &'static str,
    /// How much of it they left out.
    pub amount: f64,
    /// How much all trials would have used that could have run to the end of their budget.
    pub of: f64,
}

/// What pruning saved; `None` where nothing was pruned or the trials did not report what they used.
pub fn saved(record: &StudyRecord) -> Option<Saved> {
    let study = &record.study;
    let pruned = |trial: &&Trial| trial.outcome == Outcome::Pruned;
    let mut saved = Saved { trials: 0, unit: study.budget().0, amount: 0.0, of: 0.0 };
    for trial in record.trials.iter().filter(pruned) {
        let (used, amount) = study.used(trial)?;
        // Cool-downs were trained in addition.
        let more = used * trial.cooled_steps() as f64 / trial.steps.max(1) as f64;
        saved.trials += 1;
        saved.amount += amount - used - more;
        saved.of += amount;
    }
    for trial in record.trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Complete { .. })) {
        saved.of += study.used(trial)?.1;
    }
    // A trial that continues from another one did not train the part that the two share.
    let fresh = record.trials.iter().all(|trial| trial.past.is_empty());
    (saved.amount > 0.0 && fresh).then_some(saved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn what_pruned_trials_left_out_is_counted() {
        let mut record =
            Made::new(&["lr=0.01,0.1,1", "epochs=4"]).row(&["0.01", "0.1", "1"], &[0.3; 3]).record();
        assert_eq!(saved(&record), None);
        for (trial, epochs) in record.trials.iter_mut().zip([4.0, 1.0, 2.0]) {
            trial.epochs = epochs;
            if epochs < 4.0 {
                trial.outcome = Outcome::Pruned;
            }
        }
        let found = saved(&record).unwrap();
        assert_eq!((found.trials, found.unit, found.amount, found.of), (2, "epochs", 5.0, 12.0));
        record.trials[1].epochs = 0.0;
        assert_eq!(saved(&record), None, "it did not report its epochs");
    }
}
