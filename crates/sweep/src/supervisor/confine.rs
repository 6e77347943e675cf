//! A limit on the memory of a program.
//!
//! A limit that is set on a program from outside comes too late for what it does first, so the supervisor starts this
//! program once more, which limits itself and then becomes the program. The limit is on private writable memory
//! (`RLIMIT_DATA`): address space that is only reserved, as CUDA does by the terabyte, does not count.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, setrlimit};

use super::protocol::Program;

/// The words that start `program` within its limit.
///
/// # Errors
/// This program's own file cannot be found.
pub fn words(program: &Program) -> std::io::Result<Vec<String>> {
    let Some(memory) = program.memory else { return Ok(program.words.clone()) };
    let own = std::env::current_exe()?.display().to_string();
    let limit = format!("--memory={memory}");
    let confined = [own, "confine".to_owned(), limit, "--".to_owned()];
    Ok(confined.into_iter().chain(program.words.iter().cloned()).collect())
}

/// Limits this process and all that it starts to `memory` bytes each, then becomes the program that `words` name.
///
/// # Errors
/// The limit is above what the system allows, or the program cannot be started.
pub fn become_program(memory: u64, words: &[String]) -> Result<()> {
    setrlimit(Resource::RLIMIT_DATA, memory, memory)
        .with_context(|| format!("cannot limit the memory of the trial to {memory} bytes"))?;
    let (name, arguments) = words.split_first().context("there is no program to start")?;
    let error = Command::new(name).args(arguments).exec();
    Err(error).with_context(|| format!("cannot start {name}"))
}
