//! The processes that descend from this one, read from `/proc`.

use std::collections::HashMap;

use nix::unistd::Pid;

/// Every child of this process, also those that it adopted.
pub fn children() -> Vec<Pid> {
    let own = std::process::id();
    // A list the kernel keeps, where it was built with one; else the parents of all processes are looked through.
    let mut children = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let Ok(text) = std::fs::read_to_string(task.path().join("children")) else {
            return parents()
                .into_iter()
                .filter(|(_, parent)| *parent == own)
                .map(|(pid, _)| raw(pid))
                .collect();
        };
        children.extend(text.split_whitespace().filter_map(|pid| pid.parse().ok()).map(raw));
    }
    children
}

/// Every descendant of this process, in no order.
pub fn all() -> Vec<Pid> {
    let parents: HashMap<u32, u32> = parents().into_iter().collect();
    let own = std::process::id();
    let descends = |pid: &u32| {
        let mut at = *pid;
        // The table is not a snapshot, so it may hold a circle; no line of descent is longer than the table.
        for _ in 0..parents.len() {
            match parents.get(&at) {
                Some(parent) if *parent == own => return true,
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    };
    parents.keys().filter(|pid| descends(pid)).map(|pid| raw(*pid)).collect()
}

/// Whether the process was started with `variable`, written `NAME=value`, or `NAME` alone for any value.
pub fn has_variable(pid: Pid, variable: &str) -> bool {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let is = |entry: &[u8]| match entry.strip_prefix(variable.as_bytes()) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"=") && !variable.contains('='),
        None => false,
    };
    environment.split(|byte| *byte == 0).any(is)
}

fn raw(pid: u32) -> Pid {
    Pid::from_raw(pid.cast_signed())
}

/// Every process that is not a zombie, and its parent.
fn parents() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // `pid (name) state ppid …`, where the name may hold anything.
        let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        (state != "Z").then_some((pid, parent))
    };
    pids.filter_map(parent).collect()
}
