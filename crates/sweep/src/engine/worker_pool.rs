//! The threads that run trials, each one at a time.
//!
//! They are plain threads and no pool of rayon's: one of those, waiting for the workers of its trial, would begin another
//! trial meanwhile and go on only when that had ended.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use anyhow::{Context, Result};

/// What a thread runs, told which of the threads it is, from 0.
type Job = Box<dyn FnOnce(u32) + Send>;

/// Threads that wait for jobs; they end when it is dropped.
pub struct WorkerPool {
    inboxes: Vec<Sender<Job>>,
    /// Those with nothing to do, as far as is known.
    idle: Vec<u32>,
    /// Tells of others.
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
                format!("cannot start thread {number} of {count}; run fewer trials at once with --jobs")
            })?;
            inboxes.push(inbox);
        }
        Ok(WorkerPool { inboxes, idle: (0..count as u32).rev().collect(), freed })
    }

    /// Runs `job` on a thread that is free, and waits for one where all are busy.
    pub fn run(&mut self, job: impl FnOnce(u32) + Send + 'static) {
        self.idle.extend(self.freed.try_iter());
        let free = self.idle.pop().or_else(|| self.freed.recv().ok());
        if let Some(inbox) = free.and_then(|number| self.inboxes.get(number as usize)) {
            // Threads outlive the pool: each listens as long as its inbox is held.
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
        let (done, told) = channel();
        for job in 0..100 {
            let done = done.clone();
            pool.run(move |thread| done.send((job, thread)).unwrap());
        }
        drop(done);
        let mut all: Vec<(u32, u32)> = told.iter().collect();
        all.sort_unstable();
        assert_eq!(all.iter().map(|(job, _)| *job).collect::<Vec<u32>>(), (0..100).collect::<Vec<u32>>());
        assert!(all.iter().all(|(_, thread)| *thread < 3));
    }
}
