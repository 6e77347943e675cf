//! The record of a study, as search and report read it.

mod effective;
mod imported;
mod length;
mod step_times;
mod trial;

pub use imported::Imported;
pub use length::{Lengths, keeps};
pub use step_times::StepTimes;
pub use trial::{COOLED, COOLED_STEPS, Curve, Metrics, Outcome, Past, Point, Rest, SECONDS, Trial, cooled};

use serde::{Deserialize, Serialize};

use crate::{Pace, Study};

/// The sampler name of a study whose runs were imported from another program.
pub const GIVEN: &str = "given";

/// A stretch of time in which a worker ran a trial, from its start or a checkpoint to its end or a pause. It comes from
/// a clock, so it must not affect anything that equal studies share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The number of the trial.
    pub trial: u64,
    /// Which worker, from 0.
    pub worker: u32,
    /// When it began, in seconds since 1970 (UTC).
    pub start: f64,
    /// When it ended.
    pub end: f64,
}

/// A study and its finished trials.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRecord {
    /// The study.
    pub study: Study,
    /// The trials that have ended, by number.
    pub trials: Vec<Trial>,
    /// How many trials the study will have when it is complete.
    pub planned: u64,
    /// How often its points have been compared, counted from 1: once for the initial replicates, and once each time
    /// replicates were added.
    pub looks: u32,
    /// When its trials ran and on which workers, in the order in which they ended; empty if unknown.
    pub spans: Vec<Span>,
    /// The time per step.
    pub pace: Pace,
}

impl StudyRecord {
    /// The record of a study with these `trials` and no more, compared once, without timings. Use it to fill the other
    /// fields: `..StudyRecord::new(study, trials)`.
    pub fn new(study: Study, trials: Vec<Trial>) -> StudyRecord {
        let planned = trials.len() as u64;
        StudyRecord { study, trials, planned, looks: 1, spans: Vec::new(), pace: Pace::default() }
    }

    /// The same record with other trials and with `study` in place of its own.
    pub fn with_trials(&self, study: Study, trials: Vec<Trial>) -> StudyRecord {
        let StudyRecord { planned, looks, spans, pace, .. } = self;
        StudyRecord {
            study,
            trials,
            planned: *planned,
            looks: *looks,
            spans: spans.clone(),
            pace: pace.clone(),
        }
    }

    /// The trial of that number; `None` if it has not ended.
    pub fn trial(&self, number: u64) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.number == number)
    }
}
