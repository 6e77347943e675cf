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
    /// Readings, where neither epochs nor steps were reported.
    Readings,
}

impl BudgetUnit {
    /// Its unit, which is also the name of the setting.
    pub fn unit(self) -> &'static str {
        match self {
            BudgetUnit::Epochs => "epochs",
            BudgetUnit::Steps => "steps",
            BudgetUnit::Examples => "examples",
            BudgetUnit::Seconds => SECONDS,
            BudgetUnit::Readings => "readings",
        }
    }

    /// The title of an axis.
    pub fn title(self) -> &'static str {
        match self {
            BudgetUnit::Epochs => "epoch",
            BudgetUnit::Steps => "optimizer step",
            BudgetUnit::Examples => "training examples seen",
            BudgetUnit::Seconds => "seconds of training",
            BudgetUnit::Readings => "reading",
        }
    }

    /// The unit that the trials of a study report: epochs, or only steps, as a command may, or neither.
    pub fn reported(record: &StudyRecord) -> BudgetUnit {
        let trials = &record.trials;
        if trials.is_empty() || trials.iter().any(|trial| trial.epochs > 0.0) {
            BudgetUnit::Epochs
        } else if trials.iter().any(|trial| trial.counted) {
            BudgetUnit::Readings
        } else {
            BudgetUnit::Steps
        }
    }

    /// How much `trial` had been given at each of its readings; empty where that was not measured. Seconds are steps at
    /// the pace of one alone, where that is known, else as the study ran.
    pub fn along(self, times: &StepTimes<'_>, trial: &Trial) -> Vec<f64> {
        let curve = &trial.curve;
        let steps = |each: f64| curve.step.iter().map(|step| each * *step as f64).collect();
        match self {
            BudgetUnit::Epochs => curve.epoch.clone(),
            BudgetUnit::Readings => steps(1.0),
            BudgetUnit::Steps if trial.counted => Vec::new(),
            BudgetUnit::Steps => steps(1.0),
            BudgetUnit::Examples => {
                let each = curve.epoch.iter().zip(&curve.step);
                let all = each.map(|(epoch, step)| examples(times.study, trial, *epoch, *step));
                all.collect::<Option<_>>().unwrap_or_default()
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
            BudgetUnit::Readings => Some(steps as f64),
            BudgetUnit::Steps => (!trial.counted).then_some(steps as f64),
            BudgetUnit::Examples => examples(times.study, trial, trial.epochs, steps),
            BudgetUnit::Seconds => match times.of(trial) {
                Some(alone) => Some(steps as f64 * alone.seconds),
                None => trial.metrics.get(SECONDS).or(trial.curve.metric(SECONDS).last()).copied(),
            },
        }
    }
}

/// The training examples seen after `epoch` epochs; where the size of the training part is unknown, steps times the
/// batch size. `None` where neither epochs nor steps were reported, or the batch size is unknown.
fn examples(study: &Study, trial: &Trial, epoch: f64, step: u64) -> Option<f64> {
    match study.train_examples {
        count @ 1.. if !trial.counted || trial.epochs > 0.0 => Some(epoch * count as f64),
        _ if trial.counted => None,
        _ => Some(step as f64 * study.batch(&trial.point)?),
    }
}
