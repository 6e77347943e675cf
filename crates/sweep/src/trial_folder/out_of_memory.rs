//! Telling a trial that did not fit into memory from one that failed.

use crate::supervisor::Exit;

/// Messages of frameworks and languages when memory is used up.
const MESSAGES: [&str; 14] = [
    "CUDA out of memory",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "cudaErrorMemoryAllocation",
    "HIP out of memory",
    "MPS backend out of memory",
    "OutOfMemoryError",
    "RESOURCE_EXHAUSTED",
    "ResourceExhaustedError",
    "OOM when allocating",
    "not enough memory: you tried to allocate",
    "Unable to allocate",
    "Cannot allocate memory",
    "MemoryError",
    "std::bad_alloc",
];

/// The number of SIGKILL, by which the system ends a process that uses too much; a shell reports it as 128 more.
const KILL: i32 = 9;

/// Why the program did not fit, where that is what its end means. `stderr` is the end of what it complained of.
pub fn reason(exit: &Exit, stderr: &str) -> Option<String> {
    if matches!(exit, Exit::Code(0) | Exit::Lost(_)) {
        return None;
    }
    let line = stderr.lines().rev().find(|line| MESSAGES.iter().any(|message| line.contains(message)));
    match (line, exit) {
        (Some(line), _) => Some(line.trim().chars().take(300).collect()),
        (None, Exit::Signal(KILL)) => Some("killed, probably by a limit on memory".to_owned()),
        (None, Exit::Code(code)) if *code == 128 + KILL => {
            Some(format!("exit code {code}: killed, probably by a limit on memory"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_fit_is_told_from_what_failed() {
        let torch = "Traceback (most recent call last):\n  File \"a.py\", line 1\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB.\n";
        assert!(reason(&Exit::Code(1), torch).unwrap().starts_with("torch.OutOfMemoryError: CUDA"));
        let tensorflow =
            "2026-01-01 W tensorflow/core: RESOURCE_EXHAUSTED: Out of memory while trying to allocate";
        assert!(reason(&Exit::Code(1), tensorflow).is_some());
        assert!(reason(&Exit::Code(137), "").is_some() && reason(&Exit::Signal(9), "").is_some());
        for (exit, stderr) in
            [(Exit::Code(1), "ValueError: bad"), (Exit::Signal(11), ""), (Exit::Code(0), torch)]
        {
            assert_eq!(reason(&exit, stderr), None);
        }
    }
}
