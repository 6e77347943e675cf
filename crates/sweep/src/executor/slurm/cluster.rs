//! Calls to Slurm: `sbatch`, `squeue` and `scancel`.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::batches::{Batch, key};
use super::job_options::JobOptions;
use crate::files;

/// The waits after a call that failed: the first, and the longest to which they double.
pub const BACKOFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// How many jobs an array may have where Slurm does not say: its own default.
const LARGEST_ARRAY: usize = 1001;

/// How many jobs an array has at most, so that the first of a study are not kept waiting for the last.
const LONGEST_ARRAY: usize = 1000;

/// Messages of `sbatch` when it may accept the same job later.
const LATER: [&str; 8] = [
    "Unable to contact",
    "timed out",
    "temporarily",
    "limit",
    "Communication",
    "Connection",
    "Zero Bytes",
    "try again",
];

/// The jobs in the queue by the keys of their tasks: the numbers of each.
pub type Queue = HashMap<String, Vec<String>>;

/// What came of an attempt to submit an array of jobs.
#[derive(Debug)]
pub enum Submit {
    /// It is in the queue under this number.
    Done(String),
    /// Perhaps it is in the queue, perhaps not; another may be accepted later.
    Unsure,
    /// Never, for this reason.
    Refused(String),
}

/// Slurm as one study sees it.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    options: JobOptions,
    program: String,
}

impl Cluster {
    /// Slurm for the jobs of the study in `folder`.
    ///
    /// # Errors
    /// A folder or a program that cannot be found.
    pub fn new(folder: &Path, options: &JobOptions) -> Result<Cluster> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        Ok(Cluster { name: name(folder)?, options: options.clone(), program: program.display().to_string() })
    }

    /// How many jobs an array may have.
    pub fn largest_array(&self) -> usize {
        let config = call("scontrol", &["show", "config"], "").unwrap_or_default();
        let line = config.lines().find(|line| line.trim_start().starts_with("MaxArraySize"));
        let size = line.and_then(|line| line.split('=').nth(1)?.trim().parse().ok());
        size.unwrap_or(LARGEST_ARRAY).clamp(1, LONGEST_ARRAY)
    }

    /// The jobs of the study that are in the queue.
    ///
    /// # Errors
    /// Slurm does not answer.
    pub fn queue(&self) -> Result<Queue> {
        let name = format!("--name={}", self.name);
        let words = ["--me", &name, "--array", "--noheader", "--format=%F|%K|%k"];
        let output = call("squeue", &words, "")?;
        let mut queue = Queue::new();
        for line in output.lines() {
            let mut fields = line.trim().splitn(3, '|');
            if let (Some(array), Some(index), Some(comment)) = (fields.next(), fields.next(), fields.next()) {
                queue.entry(key(comment, index)).or_default().push(format!("{array}_{index}"));
            }
        }
        Ok(queue)
    }

    /// Submits an array of jobs.
    pub fn submit(&self, batch: &Batch) -> Submit {
        let script = match self.script(batch) {
            Ok(script) => script,
            Err(error) => return Submit::Refused(format!("{error:#}")),
        };
        let own = [
            format!("--job-name={}", self.name),
            format!("--comment={}", batch.comment()),
            format!("--output={}", batch.logs().display()),
            format!("--array=0-{}", batch.count.saturating_sub(1)),
            "--open-mode=append".to_owned(),
            // A job that Slurm started again would be a second copy of the same attempts.
            "--no-requeue".to_owned(),
            "--parsable".to_owned(),
        ];
        let words: Vec<&str> = self.options.words.iter().chain(&own).map(String::as_str).collect();
        match call("sbatch", &words, &script) {
            Ok(printed) => Submit::Done(printed.trim().split(';').next().unwrap_or_default().to_owned()),
            Err(error) => {
                let why = format!("{error:#}");
                if LATER.iter().any(|word| why.contains(word)) {
                    Submit::Unsure
                } else {
                    Submit::Refused(why)
                }
            }
        }
    }

    /// The script of every job of an array.
    fn script(&self, batch: &Batch) -> Result<String> {
        let list = batch.list().display().to_string();
        let line = shlex::try_join([self.program.as_str(), "trial-run", &list])?;
        let (first, rest) = match self.options.header.split_once('\n') {
            Some((first, rest)) if first.starts_with("#!") => (first, rest),
            _ => ("#!/bin/sh", self.options.header.as_str()),
        };
        Ok(format!("{first}\n{rest}\nexec {line}\n"))
    }

    /// Cancels jobs of the study by their numbers. A number that is now another study's is left alone.
    pub fn cancel(&self, ids: &[String]) {
        let name = format!("--name={}", self.name);
        // What a command line holds is limited.
        for ids in ids.chunks(1000) {
            let mut words = vec!["--me", "--quiet", name.as_str()];
            words.extend(ids.iter().map(String::as_str));
            // An ended job need not be cancelled; if Slurm cannot be reached, the job reads the verdict in its folder.
            drop(call("scancel", &words, ""));
        }
    }

    /// Cancels every job of the study and waits until the queue holds none, at most `patience`; gives how many there
    /// were.
    ///
    /// # Errors
    /// Slurm does not answer, or jobs are still there.
    pub fn empty(&self, patience: Duration) -> Result<usize> {
        let there = self.queue()?.values().map(Vec::len).sum();
        let name = format!("--name={}", self.name);
        let end = Instant::now() + patience;
        let mut left = there;
        while left > 0 {
            if Instant::now() >= end {
                bail!("{left} jobs are still in the queue; see squeue {name}");
            }
            call("scancel", &["--me", "--quiet", &name], "")?;
            std::thread::sleep(Duration::from_millis(500));
            left = self.queue()?.values().map(Vec::len).sum();
        }
        Ok(there)
    }
}

/// The name of a study's jobs: its own, and a part of the hash of its folder's path.
fn name(folder: &Path) -> Result<String> {
    let folder = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let stem = files::stem(&folder).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    Ok(format!("sweep-{}-{hash}", stem.chars().map(plain).collect::<String>()))
}

/// Runs one of Slurm's programs; gives what it prints.
fn call(program: &str, words: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}; is Slurm installed here?"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that has ended without reading says why.
        drop(stdin.write_all(input.as_bytes()));
    }
    let Output { status, stdout, stderr } = child.wait_with_output()?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    bail!("{program}: {}", crate::trial_folder::output::last_words(&String::from_utf8_lossy(&stderr)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::slurm::batches::Batches;
    use crate::trial_folder::folder::Folder;

    #[test]
    fn an_array_is_a_script_that_names_its_list() {
        let study = tempfile::tempdir().unwrap();
        let header = "#!/bin/bash\n#SBATCH --mem=1G\nmodule load x".to_owned();
        let options = JobOptions { header, ..JobOptions::default() };
        let cluster = Cluster::new(study.path(), &options).unwrap();
        let attempt = Folder::new(study.path(), 12).begin().unwrap();
        let (mut batches, _) = Batches::open(study.path()).unwrap();
        let script = cluster.script(&batches.add(&[vec![attempt]]).unwrap()).unwrap();
        assert!(script.starts_with("#!/bin/bash\n#SBATCH --mem=1G\nmodule load x\nexec "), "{script}");
        assert!(script.trim_end().ends_with("batches/1.jsonl"), "{script}");
    }
}
