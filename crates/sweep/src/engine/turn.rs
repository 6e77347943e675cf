//! One run of the loop, from its first trial to its last.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use anyhow::{Context, Result};
use sweep_study::Trial;

use super::running::Running;
use super::source::{Due, Next, Source};
use super::worker_pool::WorkerPool;
use super::{Ended, Engine, Message, worker};
use crate::event::{Checkpoint, Event, Segment};

/// Both ends of the channel from the workers and the sampler to the loop.
pub struct Mailbox {
    /// The end that workers get.
    pub sender: Sender<Message>,
    /// The end of the loop.
    pub inbox: Receiver<Message>,
}

/// A run of the loop under way.
pub struct Turn<'a, 'b> {
    engine: &'a mut Engine<'b>,
    source: &'a mut dyn Source,
    mailbox: &'a Mailbox,
    running: Running,
    /// Events that are not durable yet.
    pending: Vec<Event>,
    /// When they must become durable.
    deadline: Option<Instant>,
    /// Whether the source has nothing more.
    exhausted: bool,
}

impl<'a, 'b> Turn<'a, 'b> {
    /// A run of the trials of `source`.
    pub fn new(engine: &'a mut Engine<'b>, source: &'a mut dyn Source, mailbox: &'a Mailbox) -> Turn<'a, 'b> {
        let running = Running::default();
        Turn { engine, source, mailbox, running, pending: Vec::new(), deadline: None, exhausted: false }
    }

    /// Runs to the end. If the log can no longer be written, running trials are still stopped.
    ///
    /// # Errors
    /// The log cannot be written, or threads cannot be started.
    pub fn run(mut self) -> Result<Ended> {
        let ended = self.rounds();
        if ended.is_err() {
            self.engine.stop.raise();
            while !self.running.is_empty() {
                match self.mailbox.inbox.recv() {
                    Ok(Message::Event(event)) => drop(self.running.follow(&event)),
                    Ok(Message::Proposed(_)) => {}
                    Err(_) => break,
                }
            }
        }
        ended
    }

    fn rounds(&mut self) -> Result<Ended> {
        let jobs = self.engine.jobs.min(self.source.most()).max(1);
        let mut pool = WorkerPool::start(jobs)?;
        let ended = loop {
            let late = self.engine.close.is_some_and(|close| Instant::now() >= close);
            let closed = self.engine.stop.requested() || late;
            if !closed {
                self.start_due(jobs, &mut pool)?;
            }
            if (closed || self.exhausted) && self.running.is_empty() {
                break if self.engine.stop.requested() {
                    Ended::Interrupted
                } else if late {
                    Ended::TimedOut
                } else {
                    Ended::Finished
                };
            }
            self.receive()?;
        };
        self.commit()?;
        Ok(ended)
    }

    /// Starts segments while there are any and a worker is free.
    fn start_due(&mut self, jobs: usize, pool: &mut WorkerPool) -> Result<()> {
        self.exhausted = false;
        while self.running.len() < jobs && !self.exhausted {
            match self.source.next() {
                Next::Due(due) => self.start(due, pool)?,
                Next::Later => break,
                Next::Never => self.exhausted = true,
            }
        }
        Ok(())
    }

    fn start(&mut self, due: Due, pool: &mut WorkerPool) -> Result<()> {
        if due.seconds.is_some() {
            // The checkpoint of the trial may not be written yet.
            self.commit()?;
        }
        self.pending.push(Event::TrialStarted {
            trial: due.trial.clone(),
            resumed: due.seconds.is_some() && due.parent.is_none(),
            audited: due.audited,
            parent: due.parent,
        });
        let segment = self.segment(due)?;
        self.running.begin(segment.trial.clone());
        let (executor, stop) = (Arc::clone(&self.engine.executor), self.engine.stop.clone());
        let sender = self.mailbox.sender.clone();
        pool.run(move |number| worker::run(number, &segment, executor.as_ref(), &stop, &sender));
        Ok(())
    }

    /// The segment and checkpoint for a worker. A trial without its checkpoint restarts and gives the same numbers; a
    /// copy of another trial cannot start without one.
    fn segment(&self, Due { trial, until, seconds, parent, .. }: Due) -> Result<Segment> {
        let own = || self.engine.log.checkpoint(trial.number);
        let state = match (seconds, parent) {
            (None, _) => None,
            (Some(_), None) => own()?,
            (Some(_), Some((parent, _))) => match own()? {
                Some(state) => Some(state),
                None => Some(self.engine.log.checkpoint(parent)?.with_context(|| {
                    format!(
                        "trial {} continues from trial {parent}, whose checkpoint is missing; start a new study with --fresh",
                        trial.number
                    )
                })?),
            },
        };
        let from = seconds.zip(state).map(|(seconds, state)| Checkpoint { state: state.into(), seconds });
        Ok(Segment { trial, from, until })
    }

    /// Waits for the next message, or until pending events must become durable, and handles it.
    fn receive(&mut self) -> Result<()> {
        if !self.pending.is_empty() {
            self.deadline.get_or_insert_with(|| Instant::now() + self.engine.timing.group);
        }
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + self.engine.timing.look);
        let wait = deadline.saturating_duration_since(Instant::now());
        match self.mailbox.inbox.recv_timeout(wait) {
            Ok(Message::Proposed(answer)) => self.source.proposed(answer),
            Ok(Message::Event(event)) => {
                let ended: Option<Trial> = self.running.follow(&event);
                if let Some(trial) = ended {
                    self.source.ended(trial);
                }
                self.pending.push(event);
            }
            Err(_) => {
                self.commit()?;
                self.deadline = None;
            }
        }
        Ok(())
    }

    /// Makes pending events durable, then announces them.
    fn commit(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return self.engine.log.check_present();
        }
        self.engine.log.append(&self.pending)?;
        for event in self.pending.drain(..) {
            self.engine.observer.observe(&event);
        }
        Ok(())
    }
}
