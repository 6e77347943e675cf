//! The events of a study: one type for store, progress and tests.

use std::sync::Arc;

use sweep_study::{Metrics, Outcome, Point, Span};

/// A trial as planned, before it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its number within the study.
    pub number: u64,
    /// The point it runs.
    pub point: Point,
    /// Number of the replicate of the point, from 0.
    pub replicate: u32,
    /// The seed it runs with.
    pub seed: u64,
}

/// The checkpoint from which a paused trial continues.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The executor's own state, as it returned it.
    pub state: Arc<[u8]>,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// A part of a trial, as given to a worker: from its start or a checkpoint to its end or a pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The trial.
    pub trial: Planned,
    /// The checkpoint it continues from; `None` at its start.
    pub from: Option<Checkpoint>,
    /// Fraction of the trial's budget, above 0, at whose first reading it pauses; 1 runs it to its end.
    pub until: f64,
}

impl Segment {
    /// The whole of `trial`.
    pub fn whole(trial: Planned) -> Segment {
        Segment { trial, from: None, until: 1.0 }
    }
}

/// Whether a reading at the fraction `share` of a trial's budget is the one at which a segment until `until` pauses.
/// Reported fractions are rounded, so the reading may lie just before. At the end of its budget a trial has nothing left
/// to be paused for.
pub fn pauses(until: f64, share: f64) -> bool {
    const ROUNDING: f64 = 1e-5;
    share >= until - ROUNDING && share < 1.0 - ROUNDING
}

/// One report of a running trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Optimizer steps done.
    pub step: u64,
    /// Epochs done.
    pub epoch: f64,
    /// Metrics, including `seconds` of training so far.
    pub metrics: Metrics,
}

/// How a segment of a trial ended, with its results. A paused trial counts as pruned and has a checkpoint; it stays
/// pruned unless it continues.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// Optimizer steps done.
    pub steps: u64,
    /// Whether no steps were reported and `steps` is the number of readings.
    pub counted: bool,
    /// Epochs done.
    pub epochs: f64,
    /// The last reading of each metric.
    pub metrics: Metrics,
    /// The checkpoint from which the trial can continue, if it pauses.
    pub checkpoint: Option<Arc<[u8]>>,
}

impl Ending {
    /// The end of a trial that never took a step.
    pub fn failed(reason: String) -> Ending {
        let outcome = Outcome::Failed { reason };
        Ending { outcome, steps: 0, counted: false, epochs: 0.0, metrics: Metrics::new(), checkpoint: None }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A worker started a trial.
    TrialStarted {
        /// The trial.
        trial: Planned,
        /// Whether it continues after a pause.
        resumed: bool,
        /// Whether it was pruned and continues as an audit of the pruner.
        audited: bool,
        /// For a starting copy: the trial it copies, and the fraction of the budget at which that paused.
        parent: Option<(u64, f64)>,
    },
    /// A running trial reported.
    Reported {
        /// The trial's number.
        number: u64,
        /// The reading.
        reading: Reading,
    },
    /// A trial ended or paused.
    TrialEnded {
        /// The trial's number.
        number: u64,
        /// Fraction of the budget to which it was to run.
        until: f64,
        /// How it ended.
        ending: Ending,
        /// When and on which worker it ran; `None` for an imported run.
        span: Option<Span>,
    },
    /// A trial was interrupted together with the study; it will run again from its last pause, or from its start.
    TrialPutBack {
        /// The trial's number.
        number: u64,
    },
}
