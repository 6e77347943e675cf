//! What happens in a study, as one type that feeds store, progress and tests.

use sweep_study::{Metrics, Outcome, Point};

/// A trial as planned, before it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its number within the study.
    pub number: u64,
    /// What is tried.
    pub point: Point,
    /// Which repeat of the point, from 0.
    pub replicate: u32,
    /// The seed it runs with.
    pub seed: u64,
}

/// One report of a running trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Optimizer steps done.
    pub step: u64,
    /// Epochs done.
    pub epoch: f64,
    /// What was measured, `seconds` of training so far among it.
    pub metrics: Metrics,
}

/// How a trial ended and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// Optimizer steps done.
    pub steps: u64,
    /// Epochs done.
    pub epochs: f64,
    /// The last reading of each metric.
    pub metrics: Metrics,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A trial was handed to a worker.
    TrialStarted {
        /// The trial.
        trial: Planned,
    },
    /// A running trial reported.
    Reported {
        /// The trial's number.
        number: u64,
        /// What it reported.
        reading: Reading,
    },
    /// A trial ended.
    TrialEnded {
        /// The trial's number.
        number: u64,
        /// How.
        ending: Ending,
    },
    /// A trial was stopped before its end because the study was interrupted; it will start anew.
    TrialPutBack {
        /// The trial's number.
        number: u64,
    },
}
