//! How jobs are submitted: what the user passes through to `sbatch`.

use std::path::Path;

use anyhow::Result;

use crate::refusal::refuse;

/// Options that would break the tie between a job and its attempt.
const OWN: [&str; 5] = ["--array", "-a", "--wrap", "--clusters", "-M"];

/// How the jobs of a study are submitted; no part of its specification.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// Options of `sbatch`, a word each.
    pub options: Vec<String>,
    /// What stands at the head of every batch script.
    pub header: String,
}

impl Submission {
    /// What was typed: entries of options, each as on a command line; the file that holds the header; cores a job.
    ///
    /// # Errors
    /// Options that cannot be read or would break the tie between a job and its attempt, a file that cannot be read.
    pub fn read(typed: &[String], header: Option<&Path>, cpus: Option<usize>) -> Result<Submission> {
        let mut options = Vec::new();
        for typed in typed {
            match shlex::split(typed) {
                Some(words) => options.extend(words),
                None => return refuse(format!("--sbatch {typed} has a quote that does not end")),
            }
        }
        let own = |word: &&String| OWN.contains(&word.split('=').next().unwrap_or_default());
        if let Some(word) = options.iter().find(own) {
            return refuse(format!("--sbatch {word} cannot be given: each attempt at a trial is one job"));
        }
        options.extend(cpus.map(|cpus| format!("--cpus-per-task={cpus}")));
        let header = match header {
            None => String::new(),
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) => return refuse(format!("--sbatch-header {}: {error}", path.display())),
            },
        };
        Ok(Submission { options, header })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_words_and_some_are_refused() {
        let read = |typed: &str| Submission::read(&[typed.to_owned()], None, Some(2));
        let words = read("--partition=gpu --comment 'a b'").unwrap().options;
        assert_eq!(words, ["--partition=gpu", "--comment", "a b", "--cpus-per-task=2"]);
        for bad in ["--array=0-3", "-a 1", "--partition='x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
