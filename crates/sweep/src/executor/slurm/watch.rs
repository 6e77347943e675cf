//! One thread that asks for the queue, for all jobs of the study at once.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::cluster::{BACKOFF, Cluster, Queue};

/// How often Slurm is asked while it answers.
const EVERY: Duration = Duration::from_secs(3);

/// The queue as it was when it was last asked for.
pub struct Watch(Arc<Shared>);

struct Shared {
    seen: Mutex<Seen>,
    ended: Condvar,
}

struct Seen {
    /// When the question was asked to which this is the answer.
    asked: Instant,
    queue: Queue,
    over: bool,
}

impl Shared {
    /// Nothing panics while it holds the queue, so a poisoned one is whole.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Asks once, and from then on every few seconds.
    ///
    /// # Errors
    /// Slurm does not answer, or the thread cannot be started.
    pub fn start(cluster: Arc<Cluster>) -> Result<Watch> {
        let asked = Instant::now();
        let queue = cluster.queue()?;
        let seen = Mutex::new(Seen { asked, queue, over: false });
        let shared = Arc::new(Shared { seen, ended: Condvar::new() });
        let own = Arc::clone(&shared);
        std::thread::Builder::new().name("slurm-queue".to_owned()).spawn(move || ask(&own, &cluster))?;
        Ok(Watch(shared))
    }

    /// The numbers of the jobs of a task, none if they have left; `None` if Slurm has not answered since `then`.
    pub fn jobs(&self, key: &str, then: Instant) -> Option<Vec<String>> {
        let seen = self.0.seen();
        (seen.asked > then).then(|| seen.queue.get(key).cloned().unwrap_or_default())
    }

    /// The numbers of the jobs of a task at Slurm's last answer.
    pub fn last(&self, key: &str) -> Vec<String> {
        self.0.seen().queue.get(key).cloned().unwrap_or_default()
    }

    /// Asks no more.
    pub fn end(&self) {
        self.0.seen().over = true;
        self.0.ended.notify_all();
    }
}

fn ask(shared: &Shared, cluster: &Cluster) {
    let mut wait = EVERY;
    loop {
        let seen = shared.seen();
        let (seen, _) = shared
            .ended
            .wait_timeout_while(seen, wait, |seen| !seen.over)
            .unwrap_or_else(PoisonError::into_inner);
        if seen.over {
            return;
        }
        drop(seen);
        let asked = Instant::now();
        match cluster.queue() {
            Ok(queue) => {
                let mut seen = shared.seen();
                (seen.asked, seen.queue) = (asked, queue);
                wait = EVERY;
            }
            // Nothing is concluded from silence.
            Err(_) => wait = (2 * wait).min(BACKOFF.1),
        }
    }
}
