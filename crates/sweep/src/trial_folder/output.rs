//! The logs of a trial: their last words, and keeping them small.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::Result;

use super::errors;

/// A log is cut down once it is larger than this.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What is kept of each end of a log that is cut down.
const KEPT: u64 = 1024 * 1024;

/// How much of the end of a log is looked at for what was printed last, and for why its program ended: each process of
/// a program may have written a long traceback by then.
const END: u64 = 16 * 1024;
const REASONS: u64 = 256 * 1024;

/// How many lines are quoted, and how many letters of them.
const LINES: usize = 3;
const LETTERS: usize = 500;

/// The end of a log as text.
pub fn end(path: &Path) -> String {
    last(path, END)
}

/// As much of the end of a log as can tell why its program ended.
pub fn reasons(path: &Path) -> String {
    last(path, REASONS)
}

fn last(path: &Path, most: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// The last lines of a text that can tell why a program ended, as one line; without those in which a traceback only points
/// at the line before.
pub fn last_words(text: &str) -> String {
    let says = |line: &&str| !line.chars().all(|c| c.is_whitespace() || matches!(c, '^' | '~'));
    let mut lines: Vec<&str> =
        errors::reasons(text).into_iter().map(str::trim).filter(says).rev().take(LINES).collect();
    lines.reverse();
    let words = lines.join(" | ");
    let letters = words.chars().count();
    words.chars().skip(letters.saturating_sub(LETTERS)).collect()
}

/// Gives the disk back what lies in the middle of a large log that is still written, up to byte `read`.
pub fn relieve(path: &Path, read: u64) {
    let end = read.saturating_sub(KEPT);
    if path.metadata().is_ok_and(|about| about.len() > LARGEST) && end > KEPT {
        hole(path, KEPT, end - KEPT);
    }
}

/// Frees a stretch of a file, which then reads as zeros. Where the system cannot, the file stays large until its trial
/// has ended.
#[cfg(target_os = "linux")]
fn hole(path: &Path, start: u64, length: u64) {
    use nix::fcntl::{FallocateFlags, fallocate};
    let Ok(file) = File::options().write(true).open(path) else { return };
    let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    fallocate(&file, flags, start.cast_signed(), length.cast_signed()).ok();
}

#[cfg(not(target_os = "linux"))]
fn hole(_: &Path, _: u64, _: u64) {}

/// Cuts the middle out of a large log that is no longer written.
///
/// # Errors
/// The log cannot be read or written.
pub fn cut(path: &Path) -> Result<()> {
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    let length = file.metadata()?.len();
    if length <= LARGEST {
        return Ok(());
    }
    let mut kept = Vec::new();
    (&mut file).take(KEPT).read_to_end(&mut kept)?;
    writeln!(kept, "\n[{} bytes left out]", length - 2 * KEPT)?;
    file.seek(SeekFrom::Start(length - KEPT))?;
    file.take(KEPT).read_to_end(&mut kept)?;
    crate::files::write(path, &kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_keeps_both_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut bytes = b"first".to_vec();
        bytes.resize(LARGEST as usize + 1, b'x');
        bytes.extend(b"\nnext to last\n\n last \xff\n");
        std::fs::write(&path, &bytes).unwrap();
        relieve(&path, bytes.len() as u64);
        assert_eq!(path.metadata().unwrap().len(), bytes.len() as u64);
        cut(&path).unwrap();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(
            text.starts_with("first") && text.len() < 3 * KEPT as usize && text.contains("bytes left out]")
        );
        assert!(last_words(&end(&path)).ends_with("| next to last | last \u{fffd}"));
    }
}
