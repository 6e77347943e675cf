//! What a budget is counted in, and how much of it a trial had been given at each reading.

use sweep_study::{Outcome, SECONDS, StepTimes, Study, StudyRecord, Trial};

/// What learning is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetUnit {
    /// Passes over the training data.
    Epochs,
    /// Optimizer steps.
    Steps,
    /// Training examples seen.
    Examples,
    /// Seconds of training.
    Seconds,
}

impl BudgetUnit {
    /// Its unit, which is also the name of the setting.
    pub fn unit(self) -> &'static str {
        match self {
            BudgetUnit::Epochs => "epochs",
            BudgetUnit::Steps => "steps",
            BudgetUnit::Examples => "examples",
            BudgetUnit::Seconds => SECONDS,
        }
    }

    /// The title of an axis.
    pub fn title(self) -> &'static str {
        match self {
            BudgetUnit::Epochs => "epoch",
            BudgetUnit::Steps => "optimizer step",
            BudgetUnit::Examples => "training examples seen",
            BudgetUnit::Seconds => "seconds of training",
        }
    }

    /// The unit that the trials of a study report: epochs, or only steps, as a command may.
    pub fn reported(record: &StudyRecord) -> BudgetUnit {
        let epochs = record.trials.is_empty() || record.trials.iter().any(|trial| trial.epochs > 0.0);
        if epochs { BudgetUnit::Epochs } else { BudgetUnit::Steps }
    }

    /// How much `trial` had been given at each of its readings; empty where that was not measured. Seconds are steps at
    /// the pace of one alone, where that is known, else as the study ran.
    pub fn along(self, times: &StepTimes<'_>, trial: &Trial) -> Vec<f64> {
        let curve = &trial.curve;
        let steps = |each: f64| curve.step.iter().map(|step| each * *step as f64).collect();
        match self {
            BudgetUnit::Epochs => curve.epoch.clone(),
            BudgetUnit::Steps => steps(1.0),
            BudgetUnit::Examples => {
                let each = curve.epoch.iter().zip(&curve.step);
                each.map(|(epoch, step)| examples(times.study, trial, *epoch, *step)).collect()
            }
            BudgetUnit::Seconds => match times.of(trial) {
                Some(alone) => steps(alone.seconds),
                None => curve.metric(SECONDS).to_vec(),
            },
        }
    }

    /// How much `trial` was given in all.
    pub fn end(self, times: &StepTimes<'_>, trial: &Trial) -> Option<f64> {
        let steps = match trial.outcome {
            Outcome::Diverged { step } => step,
            _ => trial.steps,
        };
        match self {
            BudgetUnit::Epochs => Some(trial.epochs),
            BudgetUnit::Steps => Some(steps as f64),
            BudgetUnit::Examples => Some(examples(times.study, trial, trial.epochs, steps)),
            BudgetUnit::Seconds => match times.of(trial) {
                Some(alone) => Some(steps as f64 * alone.seconds),
                None => trial.metrics.get(SECONDS).or(trial.curve.metric(SECONDS).last()).copied(),
            },
        }
    }
}

/// The training examples seen after `epoch` epochs; where the size of the training part is unknown, steps times the
/// batch size.
fn examples(study: &Study, trial: &Trial, epoch: f64, step: u64) -> f64 {
    match study.train_examples {
        0 => step as f64 * study.batch(&trial.point).unwrap_or(1.0),
        count => epoch * count as f64,
    }
}
