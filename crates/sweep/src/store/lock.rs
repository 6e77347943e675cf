//! One writer per study: a lock file that holds the writer's process id.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The name of the lock file within a study's folder.
pub const FILE: &str = "lock";

/// The right to write a study, held until dropped. The system releases it when the process ends, however it ends.
pub struct Lock {
    _file: File,
}

/// Takes the lock of the study in `folder`.
///
/// # Errors
/// Another process holds it (the message has its id), or the file cannot be written.
pub fn take(folder: &Path) -> Result<Lock> {
    let path = folder.join(FILE);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())?;
            Ok(Lock { _file: file })
        }
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            file.read_to_string(&mut owner)?;
            bail!("process {owner} is running the study in {}; wait for it or stop it", folder.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Takes the lock of the study in `folder`, after asking the process that holds it to end and giving it `patience` to
/// do so.
///
/// # Errors
/// As [`take`]; also where the process is none of this machine's, or does not end.
pub fn take_over(folder: &Path, patience: Duration) -> Result<Lock> {
    let end = Instant::now() + patience;
    let mut asked = false;
    loop {
        match take(folder) {
            Ok(lock) => return Ok(lock),
            Err(error) if Instant::now() >= end => return Err(error),
            Err(error) if !asked => {
                let owner = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
                asked = ask_to_end(owner.trim());
                if !asked {
                    return Err(error.context("stop it on the machine that runs it"));
                }
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Asks the process `owner` to end, if it is a `sweep` on this machine.
#[cfg(target_os = "linux")]
fn ask_to_end(owner: &str) -> bool {
    use nix::sys::signal::{Signal, kill};
    let program =
        |id: &str| std::fs::read_link(format!("/proc/{id}/exe")).ok()?.file_name().map(ToOwned::to_owned);
    let Ok(number) = owner.parse() else { return false };
    let ours = program(owner).is_some() && program(owner) == program("self");
    ours && kill(nix::unistd::Pid::from_raw(number), Signal::SIGTERM).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn ask_to_end(_: &str) -> bool {
    false
}
