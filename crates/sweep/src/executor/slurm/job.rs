//! The job of one attempt, from its submission to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cluster::{Cluster, Submit};
use super::watch::Watch;
use crate::command::folder::Attempt;
use crate::command::{output, task};
use crate::executor::command::host::Job;
use crate::supervisor::{Exit, Signal};

/// How often an end is looked for while one is waited for.
const PULSE: Duration = Duration::from_millis(250);

/// How long the files of a job that has left the queue may take to be seen here.
const ARRIVING: Duration = Duration::from_secs(8);

/// What Slurm writes into a job's log when it used too much memory, and the signal that ends such a job.
const TOO_MUCH: [&str; 2] = ["oom_kill", "oom-kill"];
const KILL: i32 = 9;

/// A job that was or will be submitted.
pub struct Submitted {
    attempt: Attempt,
    comment: String,
    cluster: Arc<Cluster>,
    watch: Arc<Watch>,
    state: State,
    /// Its number, where this process submitted it.
    id: Option<String>,
    /// What was last done about it; what Slurm told before that counts for nothing.
    touched: Instant,
    /// Since when it is known to have left the queue.
    left: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// It is to be submitted.
    Due,
    /// It may be in the queue: a submission was not answered.
    Unsure,
    /// It was submitted.
    Queued,
    /// It was cancelled.
    Cancelled,
    /// It cannot be submitted.
    Refused(String),
}

impl Submitted {
    /// The job of `attempt`, which is `submitted` or to be submitted.
    pub fn new(attempt: Attempt, (cluster, watch): (Arc<Cluster>, Arc<Watch>), submitted: bool) -> Submitted {
        let state = if submitted { State::Queued } else { State::Due };
        let comment = Cluster::comment(&attempt);
        Submitted { attempt, comment, cluster, watch, state, id: None, touched: Instant::now(), left: None }
    }

    /// Makes it a job that cannot be submitted.
    pub fn refuse(&mut self, reason: String) {
        self.state = State::Refused(reason);
    }

    fn submit(&mut self) {
        self.state = match self.cluster.submit(&self.attempt) {
            Submit::Later => return,
            Submit::Unsure => State::Unsure,
            Submit::Refused(reason) => State::Refused(reason),
            Submit::Done(id) => {
                self.id = Some(id);
                State::Queued
            }
        };
        self.touched = Instant::now();
    }

    /// How it ended, where that is known by now.
    fn look(&mut self) -> Option<Exit> {
        match &self.state {
            State::Due => self.submit(),
            State::Unsure => match self.watch.jobs(&self.comment, self.touched) {
                None => {}
                Some(ids) if ids.is_empty() => self.submit(),
                Some(_) => self.state = State::Queued,
            },
            State::Refused(reason) => return Some(Exit::NotStarted(reason.clone())),
            State::Queued | State::Cancelled => {
                if let Some(exit) = task::exit(&self.attempt) {
                    return Some(exit);
                }
                return self.gone();
            }
        }
        None
    }

    /// What it means that the job has left the queue, if it has.
    fn gone(&mut self) -> Option<Exit> {
        if !self.watch.jobs(&self.comment, self.touched)?.is_empty() {
            self.left = None;
            return None;
        }
        let left = *self.left.get_or_insert_with(Instant::now);
        let patience = if self.state == State::Cancelled { Duration::ZERO } else { ARRIVING };
        if left.elapsed() < patience {
            return None;
        }
        // Reading a folder makes a network file system look for files that it knew not to be there.
        let seen = std::fs::read_dir(self.attempt.path()).map(Iterator::count);
        if let Some(exit) = task::exit(&self.attempt) {
            return Some(exit);
        }
        if let Err(error) = seen {
            return Some(Exit::NotStarted(format!("its folder is gone: {error}")));
        }
        let log = output::end(&self.attempt.path().join("task.log"));
        if TOO_MUCH.iter().any(|said| log.contains(said)) {
            return Some(Exit::Signal(KILL));
        }
        Some(Exit::Lost(format!("its job left the queue: {}", output::last_words(&log))))
    }

    /// All numbers under which it may be known.
    fn ids(&self) -> Vec<String> {
        let mut ids = self.watch.last(&self.comment);
        ids.extend(self.id.clone());
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn cancel(&mut self) {
        // A task whose claim is taken from it can do nothing any more.
        let idle = matches!(task::take(&self.attempt, "cancelled"), Ok(true));
        self.cluster.cancel(&self.ids());
        (self.state, self.touched) = (State::Cancelled, Instant::now());
        if idle {
            self.refuse("it was cancelled before it began".to_owned());
        }
    }
}

impl Job for Submitted {
    fn signal(&mut self, signal: Signal) {
        let over = matches!(self.state, State::Refused(_));
        if !over && matches!(signal, Signal::Terminate | Signal::Kill) {
            self.cancel();
        }
    }

    fn wait(&mut self, patience: Duration) -> Option<Exit> {
        let end = Instant::now() + patience;
        loop {
            if let Some(exit) = self.look() {
                return Some(exit);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            std::thread::sleep(left.min(PULSE));
        }
    }

    /// A task takes its claim when it begins.
    fn age(&self) -> Option<Duration> {
        let claimed = task::claim(&self.attempt).metadata().ok()?.modified().ok()?;
        // Clocks of two machines differ.
        Some(claimed.elapsed().unwrap_or_default())
    }
}
