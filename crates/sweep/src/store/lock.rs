//! One writer a study: a lock file that holds the writer's process id.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

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
/// Another process holds it (its id is told), or the file cannot be written.
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
            bail!("the study in {} is being run by process {owner}; wait for it or stop it", folder.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}
