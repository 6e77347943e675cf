//! The job of one attempt, from its submission to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batches::Task;
use super::submit_queue::{State, Submission, SubmitQueue};
use super::watch::Watch;
use crate::executor::command::host::Job;
use crate::supervisor::{Exit, Signal};
use crate::trial_folder::folder::Attempt;
use crate::trial_folder::{output, task};

/// How often an end is looked for while one is waited for.
const PULSE: Duration = Duration::from_millis(250);

/// How long the files of a job that has left the queue may take to be seen here.
const ARRIVING: Duration = Duration::from_secs(8);

/// What Slurm writes into a job's log when it used too much memory, and the signal that ends such a job.
const TOO_MUCH: [&str; 2] = ["oom_kill", "oom-kill"];
const KILL: i32 = 9;

/// An attempt that was or will be submitted.
pub struct Submitted {
    submission: Submission,
    queue: Arc<SubmitQueue>,
    watch: Arc<Watch>,
    /// Whether its job runs no other attempt, so that it may be cancelled.
    alone: bool,
    /// Since when it is cancelled.
    cancelled: Option<Instant>,
    /// Since when its job is known to have left the queue.
    left: Option<Instant>,
}

impl Submitted {
    /// What the attempt of `submission` comes to, whose job is its own where it is `alone`.
    pub fn new(
        submission: Submission,
        (queue, watch): (Arc<SubmitQueue>, Arc<Watch>),
        alone: bool,
    ) -> Submitted {
        Submitted { submission, queue, watch, alone, cancelled: None, left: None }
    }

    fn attempt(&self) -> &Attempt {
        &self.submission.attempt
    }

    /// How it ended, where that is known by now.
    fn look(&mut self) -> Option<Exit> {
        match self.submission.state() {
            State::Due => {}
            State::Unsure(task, then) => match self.watch.jobs(&task.key, then) {
                None => {}
                Some(ids) if ids.is_empty() => self.queue.submit(self.submission.clone()),
                Some(_) => self.submission.set(State::Queued(task, then)),
            },
            State::Refused(reason) => return Some(Exit::NotStarted(reason)),
            State::Queued(task, then) => {
                return task::exit(self.attempt()).or_else(|| self.gone(&task, then));
            }
        }
        None
    }

    /// What it means that the job has left the queue, if it has.
    fn gone(&mut self, task: &Task, then: Instant) -> Option<Exit> {
        let then = self.cancelled.map_or(then, |cancelled| cancelled.max(then));
        if !self.watch.jobs(&task.key, then)?.is_empty() {
            self.left = None;
            return None;
        }
        let left = *self.left.get_or_insert_with(Instant::now);
        let patience = if self.cancelled.is_some() { Duration::ZERO } else { ARRIVING };
        if left.elapsed() < patience {
            return None;
        }
        // Reading a folder makes a network file system look for files that it knew not to be there.
        let seen = std::fs::read_dir(self.attempt().path()).map(Iterator::count);
        if let Some(exit) = task::exit(self.attempt()) {
            return Some(exit);
        }
        if let Err(error) = seen {
            return Some(Exit::NotStarted(format!("its folder was removed: {error}")));
        }
        let log = output::end(&task.log);
        if TOO_MUCH.iter().any(|message| log.contains(message)) {
            return Some(Exit::Signal(KILL));
        }
        Some(Exit::Lost(format!("its job left the queue: {}", output::last_words(&log))))
    }

    /// A task that runs other attempts too is left to read in the trial's folder that this one is to end.
    fn cancel(&mut self) {
        // A task whose claim is taken from it can do nothing any more.
        let idle = matches!(task::take(self.attempt(), "cancelled"), Ok(true));
        self.cancelled.get_or_insert_with(Instant::now);
        if let (State::Unsure(task, _) | State::Queued(task, _), true) = (self.submission.state(), self.alone)
        {
            let mut ids = self.watch.last(&task.key);
            ids.extend(task.id.filter(|id| !ids.contains(id)));
            self.queue.cancel(ids);
        }
        if idle {
            self.submission.set(State::Refused("it was cancelled before it started".to_owned()));
        }
    }
}

impl Job for Submitted {
    fn signal(&mut self, signal: Signal) {
        let over = matches!(self.submission.state(), State::Refused(_));
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
        let claimed = task::claim(self.attempt()).metadata().ok()?.modified().ok()?;
        // Clocks of two machines differ.
        Some(claimed.elapsed().unwrap_or_default())
    }
}
