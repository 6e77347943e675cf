//! The readings of trials as lines: what they are drawn against, and where they end.

use sweep_study::{Outcome, SECONDS, Study, StudyRecord, Trial};

/// What learning curves are drawn against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Passes over the training data.
    Epochs,
    /// Optimizer steps.
    Steps,
    /// Training examples seen.
    Examples,
    /// Seconds of training.
    Seconds,
}

impl By {
    /// The title of the axis.
    pub fn title(self) -> &'static str {
        match self {
            By::Epochs => "epoch",
            By::Steps => "optimizer step",
            By::Examples => "training examples seen",
            By::Seconds => "seconds of training",
        }
    }
}

/// The readings of one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The readings of the metric, those that are finite.
    pub points: Vec<(f64, f64)>,
    /// Where the trial diverged, if it did.
    pub diverged: Option<f64>,
}

/// The readings of `trial`; empty where it has none or they are not counted that way.
pub fn series(record: &StudyRecord, trial: &Trial, by: By) -> Series {
    let study = &record.study;
    let curve = &trial.curve;
    let along: Vec<f64> = match by {
        By::Epochs => curve.epoch.clone(),
        By::Steps => curve.step.iter().map(|step| *step as f64).collect(),
        By::Examples => {
            let each = curve.epoch.iter().zip(&curve.step);
            each.map(|(epoch, step)| examples(study, trial, *epoch, *step)).collect()
        }
        By::Seconds => curve.metric(SECONDS).to_vec(),
    };
    let values = curve.metric(&study.goal.metric).iter().copied();
    let points = along.iter().copied().zip(values).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let end = match by {
        By::Epochs => Some(trial.epochs),
        By::Steps => Some(trial.steps as f64),
        By::Examples => Some(examples(study, trial, trial.epochs, trial.steps)),
        By::Seconds => trial.metrics.get(SECONDS).copied().or(along.last().copied()),
    };
    let diverged = matches!(trial.outcome, Outcome::Diverged { .. });
    Series { points, diverged: end.filter(|_| diverged) }
}

/// The training examples seen after `epoch` epochs; where the size of the training part is unknown, steps times the
/// batch size.
fn examples(study: &Study, trial: &Trial, epoch: f64, step: u64) -> f64 {
    match study.train_examples {
        0 => step as f64 * study.batch(&trial.point).unwrap_or(1.0),
        count => epoch * count as f64,
    }
}
