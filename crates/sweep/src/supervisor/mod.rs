//! The supervisor: one process per study that starts the programs of its trials, and ends them all after `sweep` has
//! ended.
//!
//! `sweep` starts itself as `sweep supervise` and speaks to it through pipes, a line of JSON a message. The supervisor
//! is a child subreaper, so that even a daemon of a trial stays its descendant; when its standard input closes, for
//! whatever reason, it ends every descendant and then itself. It runs in a process group of its own, which Ctrl-C in a
//! terminal does not reach.
//!
//! Python scripts are forked from a [`fork_server`] that has made their imports, where that changes nothing else.

mod client;
#[cfg(target_os = "linux")]
mod confine;
#[cfg(target_os = "linux")]
mod descendants;
#[cfg(target_os = "linux")]
mod fork_server;
#[cfg(target_os = "linux")]
mod holders;
mod protocol;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod strays;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod warm;

pub use client::{Process, Supervisor};
#[cfg(target_os = "linux")]
pub use confine::become_program as confine;
#[cfg(target_os = "linux")]
pub use holders::is_held;
pub use protocol::{Exit, Program, Signal};
#[cfg(target_os = "linux")]
pub use server::serve;

/// Only Linux has what keeps a trial's daemons within reach.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn serve(_: std::time::Duration) -> anyhow::Result<()> {
    anyhow::bail!("trials that are commands run only on Linux")
}

/// As for [`serve`]: nobody is found.
#[cfg(not(target_os = "linux"))]
pub fn is_held(_: &std::path::Path) -> bool {
    false
}

/// As for [`serve`].
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn confine(_: u64, _: &[String]) -> anyhow::Result<()> {
    anyhow::bail!("the memory of a trial can be limited only on Linux")
}
