//! The source of trials: a fixed list, or a sampler that proposes while results come in.

use std::collections::{BTreeMap, VecDeque};

use sweep_search::{Evidence, Limits};
use sweep_study::{Study, Trial};

use super::sampler_thread::Answer;
use crate::event::Planned;

/// A segment to run.
#[derive(Clone, Debug)]
pub struct Due {
    /// The trial.
    pub trial: Planned,
    /// Fraction of the budget at which it pauses.
    pub until: f64,
    /// Seconds of training so far if the trial continues; `None` if it starts.
    pub seconds: Option<f64>,
    /// Whether the trial was pruned and continues as an audit of the pruner.
    pub audited: bool,
    /// For a starting copy: the trial it copies, and the fraction of the budget at which that paused.
    pub parent: Option<(u64, f64)>,
}

impl Due {
    /// The whole of `trial`.
    pub fn whole(trial: Planned) -> Due {
        Due { trial, until: 1.0, seconds: None, audited: false, parent: None }
    }
}

/// The next segment to start, if any.
#[derive(Debug)]
pub enum Next {
    /// This segment.
    Due(Due),
    /// Nothing yet; a result has to arrive first.
    Later,
    /// Nothing more.
    Never,
}

/// The loop's source of trials. Only the loop calls it, and no call blocks.
pub trait Source {
    /// The next segment to start.
    fn next(&mut self) -> Next;

    /// Receives a trial whose segment has ended, with the readings of that segment.
    fn ended(&mut self, _trial: Trial) {}

    /// Receives a sampler's answer.
    fn proposed(&mut self, _answer: Answer) {}

    /// Number of trials planned.
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
