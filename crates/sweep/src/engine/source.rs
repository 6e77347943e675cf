//! Where trials come from: a list made beforehand, or a sampler that is asked while results come in.

use std::collections::{BTreeMap, VecDeque};

use sweep_search::{Evidence, Limits};
use sweep_study::{Study, Trial};

use super::sampler_thread::Answer;
use crate::event::Planned;

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
    /// The trial of which it is a copy that begins, and the share of the budget at which that paused.
    pub parent: Option<(u64, f64)>,
}

impl Due {
    /// The whole of `trial`.
    pub fn whole(trial: Planned) -> Due {
        Due { trial, until: 1.0, seconds: None, audited: false, parent: None }
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

    /// Takes the answer to a question that was asked of a sampler.
    fn proposed(&mut self, _answer: Answer) {}

    /// How many trials there may be.
    fn most(&self) -> usize;
}

/// Trials known beforehand.
pub struct Listed {
    trials: VecDeque<Planned>,
    limits: Limits,
    /// The losses of those that have ended, by number; infinite without one.
    losses: BTreeMap<u64, f64>,
    study: Study,
}

impl Listed {
    /// The source of `trials` of `study`, in this order, until a limit is reached.
    pub fn new(study: &Study, trials: Vec<Planned>, limits: Limits) -> Listed {
        Listed { trials: trials.into(), limits, losses: BTreeMap::new(), study: study.clone() }
    }
}

impl Source for Listed {
    fn next(&mut self) -> Next {
        if self.limits.reached(self.losses.values().copied()) {
            return Next::Never;
        }
        self.trials.pop_front().map_or(Next::Never, |trial| Next::Due(Due::whole(trial)))
    }

    fn ended(&mut self, trial: Trial) {
        if self.limits.any() {
            let loss = Evidence::from_trial(&self.study, &trial).loss();
            self.losses.insert(trial.number, loss.unwrap_or(f64::INFINITY));
        }
    }

    fn most(&self) -> usize {
        self.trials.len()
    }
}
