//! The engine: one loop that owns the store and the order of events.
//!
//! Workers run trials and speak to the loop through a channel. Events that come within [`Timing::group`] of each other
//! share a transaction; only then are they announced. No lock is shared.

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
    /// The time was up; what was under way has ended.
    TimedOut,
    /// The study was interrupted; what had ended is kept, what ran was put back.
    Interrupted,
}

/// Receives events once they are durable.
pub trait Observer {
    /// One event, in the order that the store has.
    fn observe(&mut self, event: &Event);
}

/// How long the loop waits.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long events wait for others to share their transaction.
    pub group: Duration,
    /// How often the store is looked for while nothing happens.
    pub look: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing { group: Duration::from_millis(50), look: Duration::from_secs(3) }
    }
}

/// Everything one run of the loop needs.
pub struct Engine<'a> {
    /// Where events go.
    pub log: &'a mut dyn EventLog,
    /// What runs a trial.
    pub executor: Arc<dyn Executor>,
    /// How many trials run at once.
    pub jobs: usize,
    /// Receives the events.
    pub observer: &'a mut dyn Observer,
    /// Says when to stop early.
    pub stop: Stop,
    /// When to start nothing more; what runs by then ends.
    pub close: Option<Instant>,
    /// How long the loop waits.
    pub timing: Timing,
}

/// What reaches the loop.
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

    /// Runs what `study` lacks beside the `known` trials, as `sampler` proposes it and its pruner judges, until a limit
    /// is reached.
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
        // A send can fail only when the loop is gone, and then nobody listens.
        let answer = move |answer| drop(answers.send(Message::Proposed(answer)));
        let sampler = SamplerThread::start(study, sampler, limits.regret, answer);
        let mut source = Adaptive::new(study.clone(), known, sampler, limits)?;
        Turn::new(self, &mut source, &Mailbox { sender, inbox }).run()
    }
}
