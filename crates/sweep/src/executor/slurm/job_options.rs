//! What the jobs of a study ask of Slurm: what the user passes through to `sbatch`.

use std::path::Path;

use anyhow::Result;

use crate::refusal::refuse;

/// Options that would break the tie between a job and its attempt.
const OWN: [&str; 5] = ["--array", "-a", "--wrap", "--clusters", "-M"];

/// How the jobs of a study are submitted; no part of its specification.
#[derive(Clone, Debug, Default)]
pub struct JobOptions {
    /// Options of `sbatch`, a word each.
    pub words: Vec<String>,
    /// What stands at the head of every batch script.
    pub header: String,
    /// Attempts that one job runs, one after another; 0 means 1.
    pub pack: usize,
}

/// What was asked for, as typed.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// Entries of options, each as on a command line.
    pub sbatch: &'a [String],
    /// The file that holds the header.
    pub header: Option<&'a Path>,
    /// Cores a trial.
    pub cpus: Option<usize>,
    /// Devices a trial has on each of its nodes.
    pub gpus: Option<usize>,
    /// Nodes a trial.
    pub nodes: Option<usize>,
    /// Bytes of memory a trial may have.
    pub memory: Option<u64>,
    /// Attempts a job.
    pub pack: Option<usize>,
}

impl JobOptions {
    /// What the options of a `request` mean.
    ///
    /// # Errors
    /// Options that cannot be read or would break the tie between a job and its attempt, a file that cannot be read.
    pub fn read(request: &Request<'_>) -> Result<JobOptions> {
        let mut words = Vec::new();
        for typed in request.sbatch {
            match shlex::split(typed) {
                Some(typed) => words.extend(typed),
                None => return refuse(format!("--sbatch {typed} has an unclosed quote")),
            }
        }
        let own = |word: &&String| OWN.contains(&word.split('=').next().unwrap_or_default());
        if let Some(word) = words.iter().find(own) {
            return refuse(format!(
                "--sbatch {word} is not allowed: sweep creates the arrays and their scripts itself"
            ));
        }
        // A batch script runs on the first node of its job; what runs on the others is for the command to start.
        words.extend(request.nodes.map(|nodes| format!("--nodes={nodes}")));
        words.extend(request.cpus.map(|cpus| format!("--cpus-per-task={cpus}")));
        words.extend(request.gpus.map(|gpus| format!("--gres=gpu:{gpus}")));
        words.extend(request.memory.map(|bytes| format!("--mem={}M", bytes.div_ceil(1 << 20).max(1))));
        let header = match request.header {
            None => String::new(),
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) => return refuse(format!("--sbatch-header {}: {error}", path.display())),
            },
        };
        Ok(JobOptions { words, header, pack: request.pack.unwrap_or(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_words_and_some_are_refused() {
        let read = |typed: &str| {
            let sbatch = [typed.to_owned()];
            let request =
                Request { nodes: Some(2), gpus: Some(4), memory: Some(1 << 30), ..Request::default() };
            JobOptions::read(&Request { sbatch: &sbatch, ..request })
        };
        let words = read("--partition=gpu --comment 'a b'").unwrap().words;
        let asked = ["--partition=gpu", "--comment", "a b", "--nodes=2", "--gres=gpu:4", "--mem=1024M"];
        assert_eq!(words, asked);
        for bad in ["--array=0-3", "-a 1", "--partition='x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
