//! The threads that run trials, one trial per thread at a time.
//!
//! They are plain threads, not a rayon pool: a rayon thread that waits for the workers of its trial would start another
//! trial meanwhile, and continue only after that had ended.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use anyhow::{Context, Result};

/// A thread's job; its argument is the number of the thread, from 0.
type Job = Box<dyn FnOnce(u32) + Send>;

/// Threads that wait for jobs; they end when this is dropped.
pub struct WorkerPool {
    inboxes: Vec<Sender<Job>>,
    /// Numbers of the threads known to be idle.
    idle: Vec<u32>,
    /// Receives further idle threads.
    freed: Receiver<u32>,
}

impl WorkerPool {
    /// Starts `count` threads.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn start(count: usize) -> Result<WorkerPool> {
        let (free, freed) = channel();
        let mut inboxes = Vec::with_capacity(count);
        for number in 0..count as u32 {
            let (inbox, jobs) = channel::<Job>();
            let free = free.clone();
            let work = move || {
                for job in jobs {
                    job(number);
                    if free.send(number).is_err() {
                        return;
                    }
                }
            };
            let thread = Builder::new().name(format!("trial-{number}")).spawn(work);
            thread.with_context(|| {
                format!("cannot start thread {number} of {count}; run fewer trials in parallel with --jobs")
            })?;
            inboxes.push(inbox);
        }
        Ok(WorkerPool { inboxes, idle: (0..count as u32).rev().collect(), freed })
    }

    /// Runs `job` on an idle thread; waits for one if all are busy.
    pub fn run(&mut self, job: impl FnOnce(u32) + Send + 'static) {
        self.idle.extend(self.freed.try_iter());
        let free = self.idle.pop().or_else(|| self.freed.recv().ok());
        if let Some(inbox) = free.and_then(|number| self.inboxes.get(number as usize)) {
            // A thread runs as long as its sender exists, so it outlives this send.
            drop(inbox.send(Box::new(job)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_run_on_a_thread_of_its_own() {
        let mut pool = WorkerPool::start(3).unwrap();
        let (done, ran) = channel();
        for job in 0..100 {
            let done = done.clone();
            pool.run(move |thread| done.send((job, thread)).unwrap());
        }
        drop(done);
        let mut all: Vec<(u32, u32)> = ran.iter().collect();
        all.sort_unstable();
        assert_eq!(all.iter().map(|(job, _)| *job).collect::<Vec<u32>>(), (0..100).collect::<Vec<u32>>());
        assert!(all.iter().all(|(_, thread)| *thread < 3));
    }
}
