//! Where trials come from: a list made beforehand, or a sampler that is asked while results come in.

use std::collections::VecDeque;

use sweep_study::{Point, Trial};

use super::events::Planned;

/// A segment that is to run.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its trial.
    pub trial: Planned,
    /// The share of the budget at which it pauses.
    pub until: f64,
    /// Seconds of training behind it, where the trial goes on; `None` where it starts.
    pub seconds: Option<f64>,
    /// Whether the trial was pruned and goes on to see whether that was right.
    pub audited: bool,
}

impl Due {
    /// The whole of `trial`.
    pub fn whole(trial: Planned) -> Due {
        Due { trial, until: 1.0, seconds: None, audited: false }
    }
}

/// What there is to start.
#[derive(Debug)]
pub enum Next {
    /// This segment.
    Due(Due),
    /// Nothing yet; something will be told first.
    Later,
    /// Nothing more.
    Never,
}

/// Where the loop takes its trials from. It is asked by the loop alone and never makes it wait.
pub trait Source {
    /// What to start next.
    fn next(&mut self) -> Next;

    /// Takes a trial whose segment has ended, with the readings of that segment.
    fn ended(&mut self, _trial: Trial) {}

    /// Takes the answer to a question that was asked of a sampler; `None` when the space is used up.
    fn proposed(&mut self, _point: Option<Point>) {}

    /// How many trials there may be.
    fn most(&self) -> usize;
}

/// Trials known beforehand.
pub struct Listed(VecDeque<Planned>);

impl Listed {
    /// The source of `trials`, in this order.
    pub fn new(trials: Vec<Planned>) -> Listed {
        Listed(trials.into())
    }
}

impl Source for Listed {
    fn next(&mut self) -> Next {
        self.0.pop_front().map_or(Next::Never, |trial| Next::Due(Due::whole(trial)))
    }

    fn most(&self) -> usize {
        self.0.len()
    }
}
