//! What happens in a study, as one type that feeds store, progress and tests.

use std::sync::Arc;

use sweep_study::{Metrics, Outcome, Point, Span};

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

/// Where a paused trial goes on from.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What the executor needs to go on, as it gave it.
    pub state: Arc<[u8]>,
    /// Seconds of training that lie behind it.
    pub seconds: f64,
}

/// A stretch of a trial, as handed to a worker: from its start or a checkpoint to its end or a pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The trial.
    pub trial: Planned,
    /// Where it goes on from; `None` for its start.
    pub from: Option<Checkpoint>,
    /// The share of the trial's budget, above 0, at whose first reading it pauses; 1 runs it to its end.
    pub until: f64,
}

impl Segment {
    /// The whole of `trial`.
    pub fn whole(trial: Planned) -> Segment {
        Segment { trial, from: None, until: 1.0 }
    }
}

/// Whether a reading at `share` of a trial's budget is the one at which a segment until `until` pauses. Shares are rounded
/// where they are told, so that it may lie just before.
pub fn pauses(until: f64, share: f64) -> bool {
    const ROUNDING: f64 = 1e-5;
    until < 1.0 && share >= until - ROUNDING
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

/// How a segment of a trial ended and what it came to. One that pauses is pruned and has a checkpoint: it stays so
/// unless it goes on.
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
    /// What the trial can go on from, where it pauses.
    pub checkpoint: Option<Arc<[u8]>>,
}

impl Ending {
    /// The end of a trial that never took a step.
    pub fn failed(reason: String) -> Ending {
        let outcome = Outcome::Failed { reason };
        Ending { outcome, steps: 0, epochs: 0.0, metrics: Metrics::new(), checkpoint: None }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A trial was handed to a worker.
    TrialStarted {
        /// The trial.
        trial: Planned,
        /// Whether it goes on where it paused.
        resumed: bool,
        /// Whether it was pruned and goes on to see whether that was right.
        audited: bool,
        /// The trial of which it is a copy that begins, and the share of the budget at which that paused.
        parent: Option<(u64, f64)>,
    },
    /// A running trial reported.
    Reported {
        /// The trial's number.
        number: u64,
        /// What it reported.
        reading: Reading,
    },
    /// A trial ended or paused.
    TrialEnded {
        /// The trial's number.
        number: u64,
        /// The share of its budget to which it was to run.
        until: f64,
        /// How.
        ending: Ending,
        /// When it ran, and where; `None` of a run that was made elsewhere.
        span: Option<Span>,
    },
    /// A trial was stopped because the study was interrupted; it goes back to where it last paused, or to its start.
    TrialPutBack {
        /// The trial's number.
        number: u64,
    },
}
