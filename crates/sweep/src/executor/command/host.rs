//! Where the programs of trials run: on this machine, or wherever else a folder can be reached.

use std::time::Duration;

use anyhow::Result;

use crate::supervisor::{Exit, Process, Program, Signal, Supervisor};
use crate::trial_folder::folder::{Attempt, Folder};

/// Starts programs. A started program is known by its folder and its [`Job`].
pub trait Host: Send + Sync {
    /// Starts the program of an attempt. A failure to start is reported as its [`Exit`].
    fn start(&self, start: Start<'_>) -> Box<dyn Job>;

    /// The attempt at the trial in `folder` that continues though the `sweep` that began it is gone.
    fn adopt(&self, _folder: &Folder) -> Option<Adopted> {
        None
    }

    /// Whether a program can stand still without keeping others from running. Where it cannot, a trial that pauses
    /// without a checkpoint begins anew when it continues.
    fn suspends(&self) -> bool;

    /// How often what a program writes is read.
    fn pulse(&self) -> Duration;

    /// Whether programs run on this machine, so that what they write is seen here at once.
    fn is_here(&self) -> bool {
        false
    }
}

/// What is to be started.
pub struct Start<'a> {
    /// The attempt, which names the folder.
    pub attempt: &'a Attempt,
    /// The program.
    pub program: Program,
    /// Whether it continues from the checkpoint of the attempt before it.
    pub continues: bool,
}

/// An attempt that continues.
pub struct Adopted {
    /// The attempt.
    pub attempt: Attempt,
    /// Its program.
    pub job: Box<dyn Job>,
    /// The attempts from which it continues, the first one first.
    pub earlier: Vec<Attempt>,
}

/// One program that was started.
pub trait Job: Send {
    /// Signals the program and all that it started; one that has ended takes no notice.
    fn signal(&mut self, signal: Signal);

    /// How the program ended, or `None` when it has not within `patience`.
    fn wait(&mut self, patience: Duration) -> Option<Exit>;

    /// How long the program has been running when it is first seen to; `None` while it waits for its turn.
    fn age(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}

/// This machine, under the study's supervisor.
pub struct Local(Supervisor);

impl Local {
    /// Starts the supervisor, which gives programs `grace` to end.
    ///
    /// # Errors
    /// The supervisor cannot be started.
    pub fn start(grace: Duration) -> Result<Local> {
        Ok(Local(Supervisor::start(grace)?))
    }
}

impl Host for Local {
    fn start(&self, start: Start<'_>) -> Box<dyn Job> {
        Box::new(self.0.run(start.program))
    }

    fn suspends(&self) -> bool {
        true
    }

    fn pulse(&self) -> Duration {
        Duration::from_millis(50)
    }

    fn is_here(&self) -> bool {
        true
    }
}

impl Job for Process {
    fn signal(&mut self, signal: Signal) {
        Process::signal(self, signal);
    }

    fn wait(&mut self, patience: Duration) -> Option<Exit> {
        Process::wait(self, patience)
    }
}
