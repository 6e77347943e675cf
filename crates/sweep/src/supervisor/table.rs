//! The table of running programs, and what is said of them.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use nix::unistd::Pid;

use super::protocol::Answer;
use crate::files;

/// The variable by which the processes of a program are known, even those that left its process group.
pub const MARK: &str = "SWEEP_SUPERVISED";

/// The programs.
#[derive(Default)]
pub struct Table {
    /// Numbers of programs by the process that leads their group.
    pub leaders: HashMap<Pid, u64>,
    /// Programs that are still to be forked.
    pub waiting: HashSet<u64>,
}

/// The table, for all threads of the supervisor.
#[derive(Default)]
pub struct Shared {
    table: Mutex<Table>,
    /// Raised when a program was started.
    pub started: Condvar,
}

impl Shared {
    /// The table. Nothing panics while it holds the table, so a poisoned one is whole.
    pub fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of [`MARK`] of a program's processes; all are equally long.
pub fn mark(id: u64) -> String {
    format!("{}.{id:020}", std::process::id())
}

/// The value of [`MARK`] of a process that is no program's.
pub fn no_mark() -> String {
    format!("{}.{:0>20}", std::process::id(), "fork-server")
}

/// Writes to `sweep`. A write fails only after `sweep` has ended.
pub fn tell(answer: &Answer) {
    let Ok(line) = files::json(answer) else { return };
    let mut out = std::io::stdout().lock();
    drop(out.write_all(&line).and_then(|()| out.flush()));
}
