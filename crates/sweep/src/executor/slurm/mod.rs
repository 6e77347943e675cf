//! Slurm as a host of trials: each attempt is a job that runs `sweep trial-run` in the attempt's folder, which every node
//! must see under the same path.
//!
//! Slurm is asked little and trusted less. One thread asks for the queue every few seconds, for all jobs of the study.
//! How an attempt ended is read from its folder alone; a job that has left the queue without saying so is lost, and
//! another attempt takes its place. Jobs are known by a name made from the study's folder and by a comment that names
//! trial and attempt, since the numbers of jobs may be given anew after a fault.

mod cluster;
mod job;
mod submission;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::command::host::{Adopted, Host, Job, Start};
use crate::command::folder::{Attempt, Folder, Verdict};
use crate::command::task::Task;
use job::Submitted;
use watch::Watch;

pub use cluster::Cluster;
pub use submission::Submission;

/// How long jobs may take to leave the queue once they are cancelled.
const LEAVING: Duration = Duration::from_secs(60);

/// The jobs of one study. Dropping it empties the queue of them.
pub struct Slurm {
    cluster: Arc<Cluster>,
    watch: Arc<Watch>,
    grace: Duration,
}

impl Slurm {
    /// Begins to watch the jobs of the study in `folder`, submitted as `submission` says and given `grace` to end.
    ///
    /// # Errors
    /// Slurm does not answer.
    pub fn start(folder: &Path, submission: &Submission, grace: Duration) -> Result<Slurm> {
        let cluster = Arc::new(Cluster::new(folder, submission)?);
        let watch = Arc::new(Watch::start(Arc::clone(&cluster))?);
        Ok(Slurm { cluster, watch, grace })
    }

    fn job(&self, attempt: Attempt, submitted: bool) -> Submitted {
        let shared = (Arc::clone(&self.cluster), Arc::clone(&self.watch));
        Submitted::new(attempt, shared, submitted)
    }
}

impl Host for Slurm {
    fn start(&self, start: Start<'_>) -> Box<dyn Job> {
        let Start { attempt, program, continues } = start;
        let task = Task { program, continues, grace: self.grace.as_secs_f64() };
        let written = task.write(attempt);
        let mut job = self.job(attempt.clone(), false);
        if let Err(error) = written {
            job.refuse(format!("{error:#}"));
        }
        Box::new(job)
    }

    /// The last attempt, unless it was told to stop or its end was taken note of. Whether its job is still there shows
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
        Some(Adopted { job: Box::new(self.job(attempt.clone(), true)), attempt, earlier })
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
        // A queue that cannot be reached now is emptied by the next run or by `sweep cancel`.
        drop(self.cluster.empty(LEAVING));
    }
}
