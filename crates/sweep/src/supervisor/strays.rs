//! Processes that a program has started and let go of.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::descendants;
use super::table::{MARK, Shared, mark};

/// How long killed processes may take to vanish before they are left to the system.
pub const LAST: Duration = Duration::from_secs(10);

/// Kills those of a program, known by its mark.
pub fn end(shared: &Shared, id: u64) {
    let variable = format!("{MARK}={}", mark(id));
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
