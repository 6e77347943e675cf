//! An attempt as a task on another machine, which runs it by its folder alone.
//!
//! `task.json` says what is to be run; whoever creates `claim` runs it, so that of several copies of a task one runs;
//! `result.json` says how it ended, and appears whole. The task ends itself when the verdict is `stop` or a later
//! attempt has begun, so that a copy that was thought lost does no more than waste its time.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::folder::{Attempt, Verdict};
use crate::files;
use crate::stop::Stop;
use crate::supervisor::{Exit, Process, Program, Signal, Supervisor};

/// How often the task looks whether it should end.
const PULSE: Duration = Duration::from_secs(1);

/// How long a signal for the whole task may take to be seen after the program has died of it.
const LAG: Duration = Duration::from_millis(500);

/// What is to be run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The program.
    pub program: Program,
    /// Whether it continues from the checkpoint of the attempt before it.
    pub continues: bool,
    /// Seconds that it is given to end.
    pub grace: f64,
}

impl Task {
    /// Writes it down in the folder of its attempt.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, attempt: &Attempt) -> Result<()> {
        files::write(&attempt.path().join("task.json"), &serde_json::to_vec(self)?)
    }

    /// The task of an attempt.
    ///
    /// # Errors
    /// There is none.
    pub fn read(attempt: &Attempt) -> Result<Task> {
        let path = attempt.path().join("task.json");
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not a valid task", path.display()))
    }
}

/// The file whose creation is the right to run the task.
pub fn claim(attempt: &Attempt) -> PathBuf {
    attempt.path().join("claim")
}

/// Takes the right to run the task of `attempt`, in the name of `owner`; false where another has it.
///
/// # Errors
/// The folder cannot be written.
pub fn take(attempt: &Attempt, owner: &str) -> Result<bool> {
    let path = claim(attempt);
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            writeln!(file, "{owner}")?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

/// How the task of `attempt` ended, once it has.
pub fn exit(attempt: &Attempt) -> Option<Exit> {
    serde_json::from_value(attempt.result()?.get("exit")?.clone()).ok()
}

/// Runs tasks, one after another.
pub struct Runner<'a> {
    owner: &'a str,
    stop: &'a Stop,
    /// The supervisor of all of them, started for the first one.
    supervisor: Option<Supervisor>,
}

impl Runner<'_> {
    /// Runs tasks in the name of `owner` until `stop` is raised.
    pub fn new<'a>(owner: &'a str, stop: &'a Stop) -> Runner<'a> {
        Runner { owner, stop, supervisor: None }
    }

    /// Runs the task in the attempt's `folder`, unless that was done or is no longer wanted.
    ///
    /// # Errors
    /// A folder without a task, or one that cannot be written; a supervisor that cannot be started.
    pub fn run(&mut self, folder: &Path) -> Result<()> {
        let attempt = Attempt::at(std::path::absolute(folder)?);
        let task = Task::read(&attempt)?;
        if self.stop.requested() || unwanted(&attempt) || !take(&attempt, self.owner)? {
            return Ok(());
        }
        let grace = Duration::try_from_secs_f64(task.grace)?;
        let begun = Instant::now();
        let supervisor = match self.supervisor.take() {
            Some(supervisor) => supervisor,
            None => Supervisor::start(grace)?,
        };
        let supervisor = self.supervisor.insert(supervisor);
        let exit = follow(&attempt, &supervisor.run(task.program), grace, self.stop);
        let result = json!({ "exit": exit, "seconds": begun.elapsed().as_secs_f64(), "by": self.owner });
        attempt.conclude(&result)
    }
}

fn unwanted(attempt: &Attempt) -> bool {
    attempt.superseded() || attempt.trial().verdict() == Some(Verdict::Stop)
}

/// Waits for the end of the program, or brings it about.
fn follow(attempt: &Attempt, process: &Process, grace: Duration, stop: &Stop) -> Exit {
    let lost = || Exit::Lost("the cluster ended its task".to_owned());
    while !(stop.requested() || unwanted(attempt)) {
        let Some(exit) = process.wait(PULSE) else { continue };
        // The cluster signals the program as well as this process, in any order.
        let signalled = !matches!(exit, Exit::Code(0));
        let end = Instant::now() + LAG;
        while signalled && !stop.requested() && Instant::now() < end {
            std::thread::sleep(LAG / 10);
        }
        return if signalled && stop.requested() { lost() } else { exit };
    }
    process.signal(Signal::Terminate);
    if process.wait(grace).is_none() {
        process.signal(Signal::Kill);
        process.wait(grace);
    }
    lost()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial_folder::folder::Folder;

    #[test]
    fn one_of_several_copies_runs_and_an_old_one_is_not_wanted() {
        let study = tempfile::tempdir().unwrap();
        let folder = Folder::new(study.path(), 3);
        let first = folder.begin().unwrap();
        assert!(take(&first, "one").unwrap() && !take(&first, "other").unwrap());
        assert!(!unwanted(&first));
        let second = folder.begin().unwrap();
        assert!(unwanted(&first) && !unwanted(&second));
        assert_eq!(second.before().unwrap().path(), first.path());
        folder.tell(Verdict::Stop).unwrap();
        assert!(unwanted(&second));
        second.conclude(&json!({ "exit": Exit::Code(3) })).unwrap();
        assert_eq!((exit(&second), exit(&first)), (Some(Exit::Code(3)), None));
    }
}
