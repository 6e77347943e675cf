//! Who has a file open to write.

use std::fs::DirEntry;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::unistd::Pid;

use super::descendants;
use super::table::MARK;

/// Whether a process that belongs to no trial has the file open to write, as far as this user can see.
pub fn is_held(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let holds = |folder: &Path| {
        let open = std::fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
        let is_it = |file: &DirEntry| std::fs::read_link(file.path()).is_ok_and(|target| target == path);
        open.into_iter().any(|file| is_it(&file) && writes(&folder.join("fdinfo").join(file.file_name())))
    };
    let pids =
        processes.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<i32>().ok()?, entry.path())));
    let mut outside = pids.filter(|(_, folder)| holds(folder)).map(|(pid, _)| Pid::from_raw(pid));
    outside.any(|pid| !descendants::has_variable(pid, MARK))
}

/// Whether an open file is open to write, by what the system tells of it: its flags, an octal number.
fn writes(info: &Path) -> bool {
    let text = std::fs::read_to_string(info).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| i32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| OFlag::from_bits_retain(flags).intersects(OFlag::O_WRONLY | OFlag::O_RDWR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_open_here_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        let open = std::fs::File::create(&path).unwrap();
        assert!(is_held(&path));
        drop(open);
        let _read = std::fs::File::open(&path).unwrap();
        assert!(!is_held(&path) && !is_held(&folder.path().join("none")));
    }
}
