//! Processes that a program has started and let go of.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpgid};

use super::descendants;
use super::table::{MARK, Shared, mark};

/// How long killed processes may take to vanish before they are left to the system.
pub const LAST: Duration = Duration::from_secs(10);

/// Sends a signal to those of a program that are not in its own process group: torchrun starts each of its processes in
/// a session of its own.
pub fn signal(id: u64, leader: Pid, number: Signal) {
    let variable = variable(id);
    let left = |pid: &Pid| getpgid(Some(*pid)) != Ok(leader) && descendants::has_variable(*pid, &variable);
    for pid in descendants::all().into_iter().filter(left) {
        kill(pid, number).ok();
    }
}

/// Kills those of a program, known by its mark.
pub fn end(shared: &Shared, id: u64) {
    let variable = variable(id);
    let end = Instant::now() + LAST;
    while Instant::now() < end {
        let leaders: Vec<Pid> = shared.table().leaders.keys().copied().collect();
        let stray = |pid: &Pid| !leaders.contains(pid) && descendants::has_variable(*pid, &variable);
        let strays: Vec<Pid> = descendants::children().into_iter().filter(stray).collect();
        if strays.is_empty() {
            return;
        }
        for pid in strays {
            kill(pid, Signal::SIGKILL).ok();
            waitpid(pid, None).ok();
        }
    }
}

/// The entry of the environment by which the processes of a program are known.
fn variable(id: u64) -> String {
    format!("{MARK}={}", mark(id))
}
