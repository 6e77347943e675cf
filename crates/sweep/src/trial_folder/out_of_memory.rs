//! Telling a trial that did not fit into memory from one that failed.
//!
//! A program may survive a full device and go on without a cache, and die of something else later. So the message must
//! be what ended it: the last error that it wrote.

use super::errors;
use crate::supervisor::Exit;

/// Messages of frameworks and languages when memory is used up, in small letters.
const MESSAGES: [&str; 19] = [
    // PyTorch on CUDA, HIP, MPS, XPU and NPU; CUDA's driver and runtime.
    "out of memory",
    "cuda_error_out_of_memory",
    "cudaerrormemoryallocation",
    "outofmemoryerror",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cusolver_status_alloc_failed",
    "cusparse_status_alloc_failed",
    "cufft_alloc_failed",
    "hipblas_status_alloc_failed",
    // PyTorch's allocator on a part of a GPU (MIG), where memory is full.
    "nvml_success == r internal assert failed",
    // JAX and TensorFlow.
    "resource_exhausted",
    "resourceexhaustederror",
    "oom when allocating",
    // PyTorch on a CPU, C and C++, NumPy and Python.
    "not enough memory",
    "cannot allocate memory",
    "memoryerror",
    "std::bad_alloc",
    "defaultcpuallocator: can't allocate memory",
];

/// NumPy's message names what it could not allocate: `Unable to allocate 8.00 GiB for an array`.
const UNABLE: &str = "unable to allocate ";

/// Where no error is named, how many of the last lines may say that memory is full; what was said before was survived.
const NEAR: usize = 200;

/// The number of SIGKILL, by which the system ends a process that uses too much; a shell reports it as 128 more.
const KILL: i32 = 9;
const KILLED: &str = "killed, probably by a limit on memory";

/// Why the program did not fit, where that is what its end means. `outputs` are the ends of what it complained of and of
/// what it printed. Where it has several processes, it did not fit if one of them did not.
pub fn reason(exit: &Exit, outputs: &[&str]) -> Option<String> {
    if matches!(exit, Exit::Code(0) | Exit::Lost(_)) {
        return None;
    }
    let full = outputs.iter().find_map(|output| {
        let errors = errors::last(output);
        let full = errors.iter().copied().find(|error| is_full(error));
        if errors.is_empty() { last_message(output).map(Some) } else { Some(full) }
    });
    let killed = || outputs.iter().find_map(|output| errors::killed(output));
    match (full.flatten(), exit) {
        (Some(line), _) => Some(line.trim().chars().take(300).collect()),
        (None, Exit::Signal(KILL)) => Some(KILLED.to_owned()),
        (None, Exit::Code(code)) if *code == 128 + KILL => Some(format!("exit code {code}: {KILLED}")),
        (None, Exit::Code(_)) => killed().map(|line| format!("{line}: {KILLED}")),
        _ => None,
    }
}

/// Of an output that names no error, the last line that says that memory is full.
fn last_message(output: &str) -> Option<&str> {
    output.lines().rev().take(NEAR).find(|line| is_full(line))
}

fn is_full(line: &str) -> bool {
    let line = line.to_lowercase();
    let amount = || {
        let after = line.split_once(UNABLE).map(|(_, after)| after);
        after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    };
    MESSAGES.iter().any(|message| line.contains(message)) || amount()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(text: &str) -> bool {
        reason(&Exit::Code(1), &[text, ""]).is_none()
    }

    #[test]
    fn what_frameworks_say_of_full_memory_is_known() {
        for message in [
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB.",
            "RuntimeError: CUDA error: out of memory",
            "RuntimeError: CUDA driver error: out of memory",
            "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
            "RuntimeError: HIP out of memory. Tried to allocate 2.00 GiB",
            "RuntimeError: XPU out of memory. Tried to allocate 2.00 GiB",
            "RuntimeError: NPU out of memory. Tried to allocate 2.00 GiB",
            "RuntimeError: MPS backend out of memory (MPS allocated: 9.05 GB)",
            "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at \"CUDACachingAllocator.cpp\":838",
            "RuntimeError: [enforce fail at alloc_cpu.cpp:114] . DefaultCPUAllocator: not enough memory: you tried",
            "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate",
            "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape",
            "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB for an array with shape",
            "MemoryError",
            "torch.OutOfMemoryError: CUDA out of memory\ntorch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n=====",
            "OSError: [Errno 12] Cannot allocate memory",
        ] {
            let text = format!("Traceback (most recent call last):\n  File \"a.py\", line 1\n{message}\n");
            assert!(!fits(&text), "{message}");
            assert!(reason(&Exit::Code(1), &["", &text]).is_some(), "on standard output: {message}");
            assert_eq!(reason(&Exit::Code(0), &[&text]), None);
        }
        for message in [
            "terminate called after throwing an instance of 'std::bad_alloc'",
            "2026 W tensorflow: RESOURCE_EXHAUSTED: x",
        ] {
            assert!(!fits(message), "{message}");
        }
        for text in [
            "[rank1]: RuntimeError: DefaultCPUAllocator: can't allocate memory\n[rank0]: RuntimeError: Connection closed by peer",
            "torch.OutOfMemoryError: CUDA out of memory\nRuntimeError: Connection closed by peer [127.0.0.1]:1",
            "[rank1]: torch.OutOfMemoryError: CUDA out of memory\n[rank0]: RuntimeError: a collective failed",
            "torch.multiprocessing.spawn.ProcessExitedException: process 0 terminated with signal SIGKILL",
        ] {
            assert!(!fits(text), "{text}");
        }
        assert!(reason(&Exit::Code(137), &[""]).is_some() && reason(&Exit::Signal(9), &[""]).is_some());
    }

    #[test]
    fn what_was_survived_is_not_what_ended_a_program() {
        for text in [
            "WARNING: CUDA out of memory while caching, going on without cache\nTraceback\nValueError: typo in config",
            "torch.OutOfMemoryError: CUDA out of memory\nretrying with half\nTraceback\nKeyError: 'loss'",
            "[rank0]: torch.OutOfMemoryError: CUDA out of memory\n[rank0]: ValueError: typo\n[rank1]: ValueError: typo",
            "OSError: Unable to allocate a port",
            "ValueError: bad",
        ] {
            assert!(fits(text), "{text}");
        }
        assert_eq!(reason(&Exit::Signal(11), &[""]), None);
        assert!(fits(&format!("out of memory, retrying{}", "\nstep".repeat(NEAR))));
    }
}
