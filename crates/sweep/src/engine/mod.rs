//! The engine: one loop that owns the store and the order of events.
//!
//! Workers run trials and send messages to the loop through a channel. Events within [`Timing::group`] of each other
//! share a transaction and are announced once it is durable. No lock is shared.

mod adaptive;
mod event_log;
mod running;
mod sampler_thread;
mod source;
#[cfg(test)]
mod tests;
mod trial_report;
mod turn;
mod worker;
mod worker_pool;

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_search::{Limits, Sampler};
use sweep_study::{Study, Trial};

use crate::event::{Event, Planned};
use crate::executor::Executor;
use crate::stop::Stop;
use adaptive::Adaptive;
pub use event_log::EventLog;
use sampler_thread::{Answer, SamplerThread};
use source::Listed;
use turn::{Mailbox, Turn};

/// How a run of the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every trial has ended.
    Finished,
    /// The time limit was reached; running trials have ended.
    TimedOut,
    /// The study was interrupted; finished trials are kept, and interrupted ones will run again.
    Interrupted,
}

/// Receives events once they are durable.
pub trait Observer {
    /// Receives one event, in the order of the store.
    fn observe(&mut self, event: &Event);
}

/// How long the loop waits.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long an event waits for others to share its transaction.
    pub group: Duration,
    /// Interval at which the store's existence is checked while nothing happens.
    pub look: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing { group: Duration::from_millis(50), look: Duration::from_secs(3) }
    }
}

/// The inputs of one run of the loop.
pub struct Engine<'a> {
    /// Where events go.
    pub log: &'a mut dyn EventLog,
    /// What runs a trial.
    pub executor: Arc<dyn Executor>,
    /// Number of trials that run in parallel.
    pub jobs: usize,
    /// Receives the events.
    pub observer: &'a mut dyn Observer,
    /// Conditions to stop early.
    pub stop: Stop,
    /// Time after which no trial starts; running trials end.
    pub close: Option<Instant>,
    /// How long the loop waits.
    pub timing: Timing,
}

/// A message to the loop.
enum Message {
    /// From a worker.
    Event(Event),
    /// From the sampler.
    Proposed(Answer),
}

impl Engine<'_> {
    /// Runs `trials` in this order and returns when all have ended, a limit is reached or the study is interrupted.
    ///
    /// # Errors
    /// The store cannot be written, or threads cannot be started.
    pub fn run(&mut self, study: &Study, trials: Vec<Planned>, limits: Limits) -> Result<Ended> {
        let (sender, inbox) = channel();
        let mut source = Listed::new(study, trials, limits);
        Turn::new(self, &mut source, &Mailbox { sender, inbox }).run()
    }

    /// Runs the trials of `study` beyond the `known` ones, proposed by `sampler` and pruned by its pruner, until a
    /// limit is reached.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn search(
        &mut self,
        study: &Study,
        known: Vec<Trial>,
        sampler: Box<dyn Sampler>,
        limits: Limits,
    ) -> Result<Ended> {
        let (sender, inbox) = channel();
        let answers = sender.clone();
        // A send fails only after the loop has ended.
        let answer = move |answer| drop(answers.send(Message::Proposed(answer)));
        let sampler = SamplerThread::start(study, sampler, limits.regret, answer);
        let mut source = Adaptive::new(study.clone(), known, sampler, limits)?;
        Turn::new(self, &mut source, &Mailbox { sender, inbox }).run()
    }
}
