//! The queue in which attempts wait to be submitted: what comes within a moment goes to Slurm as one array of jobs, and
//! what is to be cancelled as one list, so that Slurm is called seldom however many trials there are.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::batches::{Batches, Task};
use super::cluster::{BACKOFF, Cluster, Submit};
use crate::trial_folder::folder::Attempt;

/// How long attempts wait for others that come with them.
const GATHER: Duration = Duration::from_millis(300);

/// The least time between two calls, while attempts keep coming.
const SPACING: Duration = Duration::from_secs(2);

/// Where an attempt stands.
#[derive(Clone, Debug)]
pub enum State {
    /// It is to be submitted.
    Due,
    /// It may be in the queue as this task: a submission was not answered then.
    Unsure(Task, Instant),
    /// It was submitted as this task; earlier answers of Slurm do not count.
    Queued(Task, Instant),
    /// It cannot or need not be submitted.
    Refused(String),
}

/// An attempt and where it stands, shared by the queue and whoever waits for its end.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The attempt.
    pub attempt: Attempt,
    state: Arc<Mutex<State>>,
}

impl Submission {
    /// A submission of `attempt`.
    pub fn new(attempt: Attempt, state: State) -> Submission {
        Submission { attempt, state: Arc::new(Mutex::new(state)) }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// Says where it stands.
    pub fn set(&self, state: State) {
        *self.lock() = state;
    }

    /// Nothing panics while it holds the state, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempts of one study that wait to be submitted.
pub struct SubmitQueue {
    shared: Arc<Shared>,
    submitter: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    due: Vec<Submission>,
    cancelled: Vec<String>,
    over: bool,
}

impl Shared {
    /// As for [`Submission`].
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SubmitQueue {
    /// Opens the queue; each task has up to `pack` attempts, which it runs one after another.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn open(cluster: Arc<Cluster>, batches: Batches, pack: usize) -> Result<SubmitQueue> {
        let shared = Arc::new(Shared { waiting: Mutex::default(), came: Condvar::new() });
        let own = Arc::clone(&shared);
        let limit = cluster.largest_array();
        let submitter =
            Submitter { cluster, batches, pack: pack.max(1), limit, most: limit, wait: BACKOFF.0 };
        let submitter = std::thread::Builder::new()
            .name("slurm-queue".to_owned())
            .spawn(move || submitter.serve(&own))?;
        Ok(SubmitQueue { shared, submitter: Mutex::new(Some(submitter)) })
    }

    /// Takes an attempt that is due.
    pub fn submit(&self, submission: Submission) {
        submission.set(State::Due);
        self.shared.waiting().due.push(submission);
        self.shared.came.notify_all();
    }

    /// Takes the numbers of jobs that are to be cancelled.
    pub fn cancel(&self, ids: Vec<String>) {
        self.shared.waiting().cancelled.extend(ids);
        self.shared.came.notify_all();
    }

    /// Ends it: no call is under way any more when this returns, and none will be made.
    pub fn close(&self) {
        self.shared.waiting().over = true;
        self.shared.came.notify_all();
        let submitter = self.submitter.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(submitter.map(JoinHandle::join));
    }
}

/// The thread that submits what waits in the queue.
struct Submitter {
    cluster: Arc<Cluster>,
    batches: Batches,
    pack: usize,
    /// Jobs of an array at most.
    limit: usize,
    /// Jobs of the next array at most: fewer while Slurm takes none.
    most: usize,
    wait: Duration,
}

impl Submitter {
    fn serve(mut self, shared: &Shared) {
        let mut opens = Instant::now();
        loop {
            let idle = |waiting: &mut Waiting| {
                waiting.due.is_empty() && waiting.cancelled.is_empty() && !waiting.over
            };
            drop(shared.came.wait_while(shared.waiting(), idle));
            let over = |waiting: &mut Waiting| !waiting.over;
            let pause = opens.saturating_duration_since(Instant::now()).max(GATHER);
            drop(shared.came.wait_timeout_while(shared.waiting(), pause, over));
            let mut waiting = shared.waiting();
            if waiting.over {
                return;
            }
            let cancelled = std::mem::take(&mut waiting.cancelled);
            waiting.due.retain(|submission| matches!(submission.state(), State::Due));
            let count = waiting.due.len().min(self.most * self.pack);
            let due: Vec<Submission> = waiting.due.drain(..count).collect();
            drop(waiting);
            self.cluster.cancel(&cancelled);
            let answered = due.is_empty() || self.submit(&due);
            opens = Instant::now() + if answered { SPACING } else { self.back_off() };
        }
    }

    /// Submits attempts as one array; says whether Slurm answered.
    fn submit(&mut self, due: &[Submission]) -> bool {
        let tasks: Vec<&[Submission]> = due.chunks(self.pack).collect();
        let attempts = |submissions: &&[Submission]| {
            submissions.iter().map(|submission| submission.attempt.clone()).collect()
        };
        let batch = match self.batches.add(&tasks.iter().map(attempts).collect::<Vec<_>>()) {
            Ok(batch) => batch,
            Err(error) => {
                due.iter().for_each(|submission| submission.set(State::Refused(format!("{error:#}"))));
                return true;
            }
        };
        let came = self.cluster.submit(&batch);
        let now = Instant::now();
        for (index, submissions) in tasks.iter().enumerate() {
            let state = match &came {
                Submit::Done(id) => State::Queued(batch.task(index, Some(id)), now),
                Submit::Unsure => State::Unsure(batch.task(index, None), now),
                Submit::Refused(reason) => State::Refused(reason.clone()),
            };
            submissions.iter().for_each(|submission| submission.set(state.clone()));
        }
        if matches!(came, Submit::Unsure) {
            return false;
        }
        self.most = (2 * self.most).min(self.limit);
        self.wait = BACKOFF.0;
        true
    }

    /// How long to wait before the next call.
    fn back_off(&mut self) -> Duration {
        // It may be that so many jobs at once are more than the user may have.
        self.most = (self.most / 2).max(1);
        let wait = self.wait;
        self.wait = (2 * wait).min(BACKOFF.1);
        wait
    }
}
