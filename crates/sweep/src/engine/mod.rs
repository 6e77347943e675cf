//! The engine: one loop that owns the store and the order of events.
//!
//! Workers run trials and speak to the loop through a channel. Events that come within [`GROUP`] of each other
//! share a transaction; only then are they announced. No lock is shared.

mod adaptive;
mod sampler_thread;
mod source;
mod trial_report;
mod worker_pool;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use sweep_study::{Curve, Span, Study, Trial};

use sweep_search::{Limits, Sampler};

use crate::event::{Checkpoint, Ending, Event, Planned, Segment};
use crate::executor::Executor;
use crate::stop::Stop;
use crate::store::Store;
use adaptive::Adaptive;
use sampler_thread::{Answer, SamplerThread};
use source::{Due, Listed, Next, Source};
use worker_pool::WorkerPool;

/// How long events wait for others to share their transaction.
const GROUP: Duration = Duration::from_millis(50);

/// How often the store is looked for while nothing happens.
const LOOK: Duration = Duration::from_secs(3);

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
    /// When to start nothing more; what runs by then ends.
    pub close: Option<Instant>,
}

/// The trials that run, each with the curve of its segment.
type Running = BTreeMap<u64, (Planned, Curve)>;

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
        self.turn(&mut Listed::new(study, trials, limits), (sender, &inbox))
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
        self.turn(&mut source, (sender, &inbox))
    }

    fn turn(
        &mut self,
        source: &mut dyn Source,
        (sender, inbox): (Sender<Message>, &Receiver<Message>),
    ) -> Result<Ended> {
        let mut running = Running::new();
        let ended = self.rounds(source, &mut running, (sender, inbox));
        if ended.is_err() {
            // Nothing can be kept any more, but what runs is still to be ended.
            self.stop.raise();
            while !running.is_empty() {
                match inbox.recv() {
                    Ok(Message::Event(event)) => drop(follow(&mut running, &event)),
                    Ok(Message::Proposed(_)) => {}
                    Err(_) => break,
                }
            }
        }
        ended
    }

    fn rounds(
        &mut self,
        source: &mut dyn Source,
        running: &mut Running,
        (sender, inbox): (Sender<Message>, &Receiver<Message>),
    ) -> Result<Ended> {
        let jobs = self.jobs.min(source.most()).max(1);
        let mut pool = WorkerPool::start(jobs)?;
        let mut pending = Vec::new();
        let mut deadline: Option<Instant> = None;
        let ended = loop {
            let late = self.close.is_some_and(|close| Instant::now() >= close);
            let mut over = self.stop.requested() || late;
            while running.len() < jobs && !over {
                match source.next() {
                    Next::Due(due) => {
                        let resumed = due.seconds.is_some() && due.parent.is_none();
                        if due.seconds.is_some() {
                            // What a trial goes on from may not be written yet.
                            self.commit(&mut pending)?;
                        }
                        pending.push(Event::TrialStarted {
                            trial: due.trial.clone(),
                            resumed,
                            audited: due.audited,
                            parent: due.parent,
                        });
                        let segment = self.segment(due)?;
                        running.insert(segment.trial.number, (segment.trial.clone(), Curve::default()));
                        self.start(&mut pool, segment, sender.clone());
                    }
                    Next::Later => break,
                    Next::Never => over = true,
                }
            }
            if over && running.is_empty() {
                break match () {
                    () if self.stop.requested() => Ended::Interrupted,
                    () if late => Ended::TimedOut,
                    () => Ended::Finished,
                };
            }
            if !pending.is_empty() {
                deadline.get_or_insert_with(|| Instant::now() + GROUP);
            }
            match receive(inbox, deadline) {
                Some(Message::Proposed(answer)) => source.proposed(answer),
                Some(Message::Event(event)) => {
                    if let Some(trial) = follow(running, &event) {
                        source.ended(trial);
                    }
                    pending.push(event);
                }
                None => {
                    self.commit(&mut pending)?;
                    deadline = None;
                }
            }
        };
        self.commit(&mut pending)?;
        Ok(ended)
    }

    /// What a worker is handed. A trial whose checkpoint is gone runs anew, to the same numbers; a copy of another trial
    /// has nothing else to begin from.
    fn segment(&self, Due { trial, until, seconds, parent, .. }: Due) -> Result<Segment> {
        let own = || self.store.checkpoint(trial.number);
        let state = match (seconds, parent) {
            (None, _) => None,
            (Some(_), None) => own()?,
            (Some(_), Some((parent, _))) => match own()? {
                Some(state) => Some(state),
                None => Some(self.store.checkpoint(parent)?.with_context(|| {
                    format!(
                        "trial {} goes on from trial {parent}, whose checkpoint is gone; start with --fresh",
                        trial.number
                    )
                })?),
            },
        };
        let from = seconds.zip(state).map(|(seconds, state)| Checkpoint { state: state.into(), seconds });
        Ok(Segment { trial, from, until })
    }

    fn start(&self, pool: &mut WorkerPool, segment: Segment, sender: Sender<Message>) {
        let (executor, stop) = (Arc::clone(&self.executor), self.stop.clone());
        pool.run(move |worker| {
            let (number, until) = (segment.trial.number, segment.until);
            // The loop outlives its workers; a send can fail only when it is gone, and then nobody listens.
            let send = |event| drop(sender.send(Message::Event(event)));
            let mut report = |reading| send(Event::Reported { number, reading });
            let run = AssertUnwindSafe(|| executor.run(&segment, &|| stop.requested(), &mut report));
            let start = now();
            let ended = std::panic::catch_unwind(run);
            let span = Some(Span { trial: number, worker, start, end: now() });
            let event = match ended {
                Ok(Some(ending)) => Event::TrialEnded { number, until, ending, span },
                Ok(None) => Event::TrialPutBack { number },
                Err(panic) => Event::TrialEnded { number, until, ending: failed(panic.as_ref()), span },
            };
            send(event);
        });
    }

    fn commit(&mut self, pending: &mut Vec<Event>) -> Result<()> {
        if pending.is_empty() {
            self.store.there()?;
        } else {
            self.store.append(pending)?;
            for event in pending.drain(..) {
                self.observer.observe(&event);
            }
        }
        Ok(())
    }
}

/// Keeps the curves of the running trials, from where their segments began; gives the trial whose segment `event` ends,
/// if it ends one.
fn follow(running: &mut Running, event: &Event) -> Option<Trial> {
    match event {
        Event::TrialStarted { .. } => None,
        Event::Reported { number, reading } => {
            let (_, curve) = running.get_mut(number)?;
            curve.push(reading.step, reading.epoch, &reading.metrics);
            None
        }
        Event::TrialPutBack { number } => {
            running.remove(number);
            None
        }
        Event::TrialEnded { number, ending, .. } => {
            let (Planned { number, point, replicate, seed }, curve) = running.remove(number)?;
            let Ending { outcome, steps, epochs, metrics, .. } = ending.clone();
            let trial = Trial::ended(number, point, (replicate, seed), outcome);
            Some(Trial { steps, epochs, metrics, curve, ..trial })
        }
    }
}

/// Seconds since 1970 (UTC).
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The next message, or `None` when the deadline passes first, or [`LOOK`] where there is none.
fn receive(inbox: &Receiver<Message>, deadline: Option<Instant>) -> Option<Message> {
    let deadline = deadline.unwrap_or_else(|| Instant::now() + LOOK);
    inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

/// A fault of ours inside a trial ends that trial, not the study.
fn failed(panic: &(dyn std::any::Any + Send)) -> Ending {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Ending::failed(format!("the trainer panicked: {text}"))
}
