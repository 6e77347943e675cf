//! The engine: one loop that owns the store and the order of events.
//!
//! Workers run trials and speak to the loop through a channel. Events that come within [`GROUP`] of each other
//! share a transaction; only then are they announced. No lock is shared.

pub mod events;
pub mod plan;
mod stop;

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_study::{Metrics, Outcome};

use crate::executor::Executor;
use crate::store::Store;
use events::{Ending, Event, Planned};

pub use stop::Stop;

/// How long events wait for others to share their transaction.
const GROUP: Duration = Duration::from_millis(50);

/// How a run of the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every trial has ended.
    Finished,
    /// The study was interrupted; what had ended is kept, what ran was put back.
    Interrupted,
}

/// Whoever is told of events once they are durable.
pub trait Observer {
    /// One event, in the order that the store has.
    fn observe(&mut self, event: &Event);
}

/// Everything one run of the loop needs.
pub struct Engine<'a> {
    /// Where events go.
    pub store: &'a mut Store,
    /// What runs a trial.
    pub executor: Arc<dyn Executor>,
    /// How many trials run at once.
    pub jobs: usize,
    /// Whoever is told.
    pub observer: &'a mut dyn Observer,
    /// Says when to stop early.
    pub stop: Stop,
}

impl Engine<'_> {
    /// Runs `trials`, the costly first, and returns when all have ended or the study is interrupted.
    ///
    /// # Errors
    /// The store cannot be written, or threads cannot be started.
    pub fn run(&mut self, mut trials: Vec<Planned>) -> Result<Ended> {
        let executor = Arc::clone(&self.executor);
        trials.sort_by_cached_key(|trial| (Reverse(executor.cost(trial)), trial.number));
        let mut waiting = VecDeque::from(trials);
        let jobs = self.jobs.min(waiting.len()).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
        let (sender, inbox) = channel();
        let mut running = 0;
        let mut pending = Vec::new();
        let mut deadline: Option<Instant> = None;
        loop {
            while running < jobs && !self.stop.requested() {
                let Some(trial) = waiting.pop_front() else { break };
                pending.push(Event::TrialStarted { trial: trial.clone() });
                deadline.get_or_insert_with(|| Instant::now() + GROUP);
                self.start(&pool, trial, sender.clone());
                running += 1;
            }
            if running == 0 {
                break;
            }
            match receive(&inbox, deadline) {
                Some(event) => {
                    if matches!(event, Event::TrialEnded { .. } | Event::TrialPutBack { .. }) {
                        running -= 1;
                    }
                    pending.push(event);
                    deadline.get_or_insert_with(|| Instant::now() + GROUP);
                }
                None => {
                    self.commit(&mut pending)?;
                    deadline = None;
                }
            }
        }
        self.commit(&mut pending)?;
        Ok(if waiting.is_empty() && !self.stop.requested() { Ended::Finished } else { Ended::Interrupted })
    }

    fn start(&self, pool: &rayon::ThreadPool, trial: Planned, sender: Sender<Event>) {
        let (executor, stop) = (Arc::clone(&self.executor), self.stop.clone());
        pool.spawn(move || {
            let number = trial.number;
            // The loop outlives its workers; a send can fail only when it is gone, and then nobody listens.
            let mut report = |reading| drop(sender.send(Event::Reported { number, reading }));
            let run = AssertUnwindSafe(|| executor.run(&trial, &|| stop.requested(), &mut report));
            let event = match std::panic::catch_unwind(run) {
                Ok(Some(ending)) => Event::TrialEnded { number, ending },
                Ok(None) => Event::TrialPutBack { number },
                Err(panic) => Event::TrialEnded { number, ending: failed(panic.as_ref()) },
            };
            drop(sender.send(event));
        });
    }

    fn commit(&mut self, pending: &mut Vec<Event>) -> Result<()> {
        if !pending.is_empty() {
            self.store.append(pending)?;
            for event in pending.drain(..) {
                self.observer.observe(&event);
            }
        }
        Ok(())
    }
}

/// The next event, or `None` when the deadline passes first.
fn receive(inbox: &Receiver<Event>, deadline: Option<Instant>) -> Option<Event> {
    let Some(deadline) = deadline else { return inbox.recv().ok() };
    inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

/// A fault of ours inside a trial ends that trial, not the study.
fn failed(panic: &(dyn std::any::Any + Send)) -> Ending {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    let outcome = Outcome::Failed { reason: format!("the trainer panicked: {text}") };
    Ending { outcome, steps: 0, epochs: 0.0, metrics: Metrics::new() }
}
