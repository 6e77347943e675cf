//! Waiting until what a program saves is whole, so that it can be ended at a pause and continue from there.

use std::path::Path;
use std::time::{Duration, Instant};

use super::host::Job;
use crate::supervisor::{Exit, Signal};
use crate::trial_folder::folder::Attempt;

/// How long nothing in a checkpoint must have changed: a checkpoint of several files has moments in which none is open.
const QUIET: Duration = Duration::from_millis(100);

/// How long this is waited for, of a program that saves all the time; meanwhile it trains on.
const BUSY: Duration = Duration::from_millis(300);

/// By when a signal has reached a program.
const DELIVERED: Duration = Duration::from_millis(10);

/// Waits until the checkpoint of a running program is not being written, at most for `patience`; the program then stands
/// still, where it can. Returns how it ended, if it did.
pub fn settle(program: &mut dyn Job, attempt: &Attempt, patience: Duration) -> Option<Exit> {
    let begun = Instant::now();
    loop {
        let waited = begun.elapsed();
        if waited >= BUSY.min(patience) || !attempt.checkpoint_changed_within(QUIET) {
            program.signal(Signal::Suspend);
            std::thread::sleep(DELIVERED);
            if waited >= patience || !open_for_writing(&attempt.checkpoint()) {
                return None;
            }
            program.signal(Signal::Continue);
        }
        if let Some(exit) = program.wait(QUIET / 2) {
            return Some(exit);
        }
    }
}

/// Whether a process of this machine has a file below `folder` open for writing; false where that cannot be told.
#[cfg(target_os = "linux")]
fn open_for_writing(folder: &Path) -> bool {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let Ok(folder) = folder.canonicalize() else { return false };
    entries(Path::new("/proc")).any(|process| {
        entries(&process.path().join("fd")).any(|descriptor| {
            let inside = std::fs::read_link(descriptor.path()).is_ok_and(|file| file.starts_with(&folder));
            inside && is_written(&process.path().join("fdinfo").join(descriptor.file_name()))
        })
    })
}

/// Whether the flags of an open file, as `fdinfo` tells them in octal digits, allow writing.
#[cfg(target_os = "linux")]
fn is_written(about: &Path) -> bool {
    const WRITING: u32 = 0o3;
    let text = std::fs::read_to_string(about).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    flags
        .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
        .is_some_and(|flags| flags & WRITING != 0)
}

#[cfg(not(target_os = "linux"))]
fn open_for_writing(_: &Path) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_being_written_while_it_is_open_for_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        let written = std::fs::File::create(&path).unwrap();
        assert!(open_for_writing(folder.path()));
        drop(written);
        let read = std::fs::File::open(&path).unwrap();
        assert!(!open_for_writing(folder.path()));
        drop(read);
    }
}
