//! Slurm as a host of trials: attempts are tasks of job arrays that run `sweep trial-run` in the attempts' folders,
//! which every node must see under the same path.
//!
//! Calls to Slurm are few, and its answers are not relied on. One thread asks for the queue every few seconds, for all
//! jobs of the study; another submits waiting attempts as one array. How an attempt ended is read from its folder
//! alone; a job that has left the queue without saying so is lost, and another attempt takes its place. Jobs are known
//! by a name made from the study's folder, a comment that names the array, and their place in it, since the numbers of
//! jobs may be given anew after a fault.

mod batches;
mod cluster;
mod job;
mod job_options;
mod submit_queue;
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::command::host::{Adopted, Host, Job, Start};
use crate::trial_folder::folder::{Folder, Verdict};
use crate::trial_folder::task::Task;
use batches::{Batches, Task as Place};
use job::Submitted;
use submit_queue::{State, Submission, SubmitQueue};
use watch::Watch;

pub use batches::read as listed;
pub use cluster::Cluster;
pub use job_options::{JobOptions, Request};

/// How long jobs may take to leave the queue once they are cancelled.
const LEAVING: Duration = Duration::from_secs(60);

/// The jobs of one study. Dropping it empties the queue of them.
pub struct Slurm {
    cluster: Arc<Cluster>,
    watch: Arc<Watch>,
    queue: Arc<SubmitQueue>,
    /// The tasks of the attempts that an earlier process submitted.
    earlier: HashMap<PathBuf, Place>,
    grace: Duration,
    /// Attempts a job.
    pack: usize,
}

impl Slurm {
    /// Begins to watch the jobs of the study in `folder`, submitted with `options` and given `grace` to end.
    ///
    /// # Errors
    /// Slurm does not answer.
    pub fn start(folder: &Path, options: &JobOptions, grace: Duration) -> Result<Slurm> {
        let cluster = Arc::new(Cluster::new(folder, options)?);
        let watch = Arc::new(Watch::start(Arc::clone(&cluster))?);
        let (batches, earlier) = Batches::open(folder)?;
        let pack = options.pack.max(1);
        let queue = Arc::new(SubmitQueue::open(Arc::clone(&cluster), batches, pack)?);
        Ok(Slurm { cluster, watch, queue, earlier, grace, pack })
    }

    fn job(&self, submission: Submission) -> Box<dyn Job> {
        let shared = (Arc::clone(&self.queue), Arc::clone(&self.watch));
        Box::new(Submitted::new(submission, shared, self.pack == 1))
    }
}

impl Host for Slurm {
    fn start(&self, start: Start<'_>) -> Box<dyn Job> {
        let Start { attempt, mut program, continues } = start;
        // A job that runs one trial has nothing to share.
        program.warm &= self.pack > 1;
        let task = Task { program, continues, grace: self.grace.as_secs_f64() };
        let submission = Submission::new(attempt.clone(), State::Due);
        match task.write(attempt) {
            Ok(()) => self.queue.submit(submission.clone()),
            Err(error) => submission.set(State::Refused(format!("{error:#}"))),
        }
        self.job(submission)
    }

    /// The last attempt, unless it was stopped or its end is already recorded. Whether its job is still there shows
    /// when it is followed.
    fn adopt(&self, folder: &Folder) -> Option<Adopted> {
        let attempt = folder.last()?;
        let mut task = Task::read(&attempt).ok()?;
        let concluded = attempt.result().is_some_and(|result| result.get("outcome").is_some());
        if concluded || folder.verdict() != Some(Verdict::Continue) {
            return None;
        }
        let mut earlier = Vec::new();
        let mut at = attempt.clone();
        while task.continues {
            at = at.before()?;
            task = Task::read(&at).ok()?;
            earlier.insert(0, at.clone());
        }
        let submission = Submission::new(attempt.clone(), State::Due);
        match self.earlier.get(attempt.path()) {
            Some(task) => submission.set(State::Queued(task.clone(), Instant::now())),
            None => self.queue.submit(submission.clone()),
        }
        Some(Adopted { job: self.job(submission), attempt, earlier })
    }

    /// A job that is stopped keeps its place in the cluster.
    fn suspends(&self) -> bool {
        false
    }

    /// Files on a network are asked for less often than those of this machine.
    fn pulse(&self) -> Duration {
        Duration::from_millis(500)
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        self.watch.end();
        self.queue.close();
        // A queue that cannot be reached now is emptied by the next run or by `sweep cancel`.
        drop(self.cluster.empty(LEAVING));
    }
}
