//! The desk at which attempts wait to be submitted: what comes within a moment goes to Slurm as one array of jobs, and what
//! is to be cancelled as one list, so that Slurm is called seldom however many trials there are.

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
    /// It was submitted as this task; what Slurm told before then counts for nothing.
    Queued(Task, Instant),
    /// It cannot or need not be submitted.
    Refused(String),
}

/// An attempt and where it stands, shared by the desk and whoever waits for its end.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The attempt.
    pub attempt: Attempt,
    state: Arc<Mutex<State>>,
}

impl Ticket {
    /// The ticket of an attempt.
    pub fn new(attempt: Attempt, state: State) -> Ticket {
        Ticket { attempt, state: Arc::new(Mutex::new(state)) }
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

/// The desk of one study.
pub struct Desk {
    shared: Arc<Shared>,
    clerk: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    due: Vec<Ticket>,
    cancelled: Vec<String>,
    over: bool,
}

impl Shared {
    /// As for [`Ticket`].
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Opens the desk; each task has up to `pack` attempts, which it runs one after another.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn open(cluster: Arc<Cluster>, batches: Batches, pack: usize) -> Result<Desk> {
        let shared = Arc::new(Shared { waiting: Mutex::default(), came: Condvar::new() });
        let own = Arc::clone(&shared);
        let limit = cluster.largest_array();
        let clerk = Clerk { cluster, batches, pack: pack.max(1), limit, most: limit, wait: BACKOFF.0 };
        let clerk =
            std::thread::Builder::new().name("slurm-desk".to_owned()).spawn(move || clerk.serve(&own))?;
        Ok(Desk { shared, clerk: Mutex::new(Some(clerk)) })
    }

    /// Takes an attempt that is due.
    pub fn submit(&self, ticket: Ticket) {
        ticket.set(State::Due);
        self.shared.waiting().due.push(ticket);
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
        let clerk = self.clerk.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(clerk.map(JoinHandle::join));
    }
}

/// Who does what waits at the desk.
struct Clerk {
    cluster: Arc<Cluster>,
    batches: Batches,
    pack: usize,
    /// Jobs of an array at most.
    limit: usize,
    /// Jobs of the next array at most: fewer while Slurm takes none.
    most: usize,
    wait: Duration,
}

impl Clerk {
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
            waiting.due.retain(|ticket| matches!(ticket.state(), State::Due));
            let count = waiting.due.len().min(self.most * self.pack);
            let due: Vec<Ticket> = waiting.due.drain(..count).collect();
            drop(waiting);
            self.cluster.cancel(&cancelled);
            let answered = due.is_empty() || self.submit(&due);
            opens = Instant::now() + if answered { SPACING } else { self.back_off() };
        }
    }

    /// Submits attempts as one array; says whether Slurm answered.
    fn submit(&mut self, due: &[Ticket]) -> bool {
        let tasks: Vec<&[Ticket]> = due.chunks(self.pack).collect();
        let attempts = |tickets: &&[Ticket]| tickets.iter().map(|ticket| ticket.attempt.clone()).collect();
        let batch = match self.batches.add(&tasks.iter().map(attempts).collect::<Vec<_>>()) {
            Ok(batch) => batch,
            Err(error) => {
                due.iter().for_each(|ticket| ticket.set(State::Refused(format!("{error:#}"))));
                return true;
            }
        };
        let came = self.cluster.submit(&batch);
        let now = Instant::now();
        for (index, tickets) in tasks.iter().enumerate() {
            let state = match &came {
                Submit::Done(id) => State::Queued(batch.task(index, Some(id)), now),
                Submit::Unsure => State::Unsure(batch.task(index, None), now),
                Submit::Refused(reason) => State::Refused(reason.clone()),
            };
            tickets.iter().for_each(|ticket| ticket.set(state.clone()));
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
