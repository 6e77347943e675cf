//! The memory that a study of many trials needs, with simulated trials.

#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::Duration;

use crate::support::Bench;

const TRIALS: u64 = 100_000;

/// Peak memory of a process in MB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

#[test]
fn many_trials_need_little_memory() {
    let bench = Bench::new();
    let mut sweep = bench.command(&format!(
        "random lr=1e-4..1 batch=8..512 --trials {TRIALS} --max-trials {TRIALS} --minimize loss --name many --quiet \
         --on simulated -- true"
    ));
    let mut child = sweep.stdout(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    loop {
        let now = peak(child.id());
        // What the report takes at the end is not the engine's.
        if bench.ended("many") == TRIALS {
            break;
        }
        most = now.unwrap_or(most);
        assert!(child.try_wait().unwrap().is_none(), "it ended before its trials");
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!((10..200).contains(&most), "{most} MB");
}
