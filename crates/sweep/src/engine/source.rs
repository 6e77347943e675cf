//! Where trials come from: a list made beforehand, or a sampler that is asked while results come in.

use std::collections::VecDeque;

use sweep_study::{Point, Trial};

use super::events::Planned;

/// What there is to start.
#[derive(Debug)]
pub enum Next {
    /// This trial.
    Trial(Planned),
    /// Nothing yet; something will be told first.
    Later,
    /// Nothing more.
    Never,
}

/// Where the loop takes its trials from. It is asked by the loop alone and never makes it wait.
pub trait Source {
    /// What to start next.
    fn next(&mut self) -> Next;

    /// Takes a trial that has ended.
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
        self.0.pop_front().map_or(Next::Never, Next::Trial)
    }

    fn most(&self) -> usize {
        self.0.len()
    }
}
