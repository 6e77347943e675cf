//! The arrays of jobs of one study, each a file in the folder `batches` whose lines are its tasks: the folders of the
//! attempts that the task runs, one after another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;
use crate::trial_folder::folder::Attempt;

/// One task of an array of jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What its job is known by in the queue.
    pub key: String,
    /// Its number, where this process submitted it.
    pub id: Option<String>,
    /// Where Slurm writes what the job prints.
    pub log: PathBuf,
}

/// One array of jobs.
#[derive(Clone, Debug)]
pub struct Batch {
    folder: PathBuf,
    number: u64,
    /// Tasks in it.
    pub count: usize,
}

impl Batch {
    /// What its jobs are known by.
    pub fn comment(&self) -> String {
        format!("batch {}", self.number)
    }

    /// The file that lists its tasks.
    pub fn list(&self) -> PathBuf {
        self.folder.join(format!("{}.jsonl", self.number))
    }

    /// The logs of its tasks, in the form that `sbatch` expects.
    pub fn logs(&self) -> PathBuf {
        self.folder.join(format!("{}.%a.log", self.number))
    }

    /// The task at a place in the list, of the array that Slurm numbered `id` where that is known.
    pub fn task(&self, index: usize, id: Option<&str>) -> Task {
        let log = self.folder.join(format!("{}.{index}.log", self.number));
        let id = id.map(|id| format!("{id}_{index}"));
        Task { key: key(&self.comment(), &index.to_string()), id, log }
    }
}

/// What a task is known by: the comment of its array and its place in it.
pub fn key(comment: &str, index: &str) -> String {
    format!("{comment} task {index}")
}

/// The folders of the attempts of one task of the list in the file `list`.
///
/// # Errors
/// A file that is not there or has no such task.
pub fn read(list: &Path, index: usize) -> Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    let line = text.lines().nth(index).with_context(|| format!("{} has no task {index}", list.display()))?;
    serde_json::from_str(line).with_context(|| format!("task {index} of {} is not a list", list.display()))
}

/// All arrays of one study.
#[derive(Clone, Debug)]
pub struct Batches {
    folder: PathBuf,
    last: u64,
}

impl Batches {
    /// Those of the study in `folder`, and the task of each attempt in them.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<(Batches, HashMap<PathBuf, Task>)> {
        let folder = std::path::absolute(folder)?.join("batches");
        let cannot = || format!("cannot read {}", folder.display());
        std::fs::create_dir_all(&folder).with_context(cannot)?;
        let number =
            |path: &Path| -> Option<u64> { path.file_name()?.to_str()?.strip_suffix(".jsonl")?.parse().ok() };
        let entries = std::fs::read_dir(&folder).with_context(cannot)?.flatten();
        let mut numbers: Vec<u64> = entries.filter_map(|entry| number(&entry.path())).collect();
        numbers.sort_unstable();
        let mut tasks = HashMap::new();
        for number in &numbers {
            let batch = Batch { folder: folder.clone(), number: *number, count: 0 };
            let text = std::fs::read_to_string(batch.list()).with_context(cannot)?;
            for (index, line) in text.lines().enumerate() {
                // Written whole by this program.
                let attempts: Vec<PathBuf> = serde_json::from_str(line).with_context(cannot)?;
                tasks.extend(attempts.into_iter().map(|attempt| (attempt, batch.task(index, None))));
            }
        }
        Ok((Batches { last: numbers.last().copied().unwrap_or(0), folder }, tasks))
    }

    /// Adds an array of these tasks.
    ///
    /// # Errors
    /// The list cannot be written.
    pub fn add(&mut self, tasks: &[Vec<Attempt>]) -> Result<Batch> {
        self.last += 1;
        let batch = Batch { folder: self.folder.clone(), number: self.last, count: tasks.len() };
        let mut list = Vec::new();
        for attempts in tasks {
            list.extend(files::json(&attempts.iter().map(Attempt::path).collect::<Vec<_>>())?);
        }
        files::write(&batch.list(), &list)?;
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial_folder::folder::Folder;

    #[test]
    fn the_task_of_an_attempt_is_found_again() {
        let study = tempfile::tempdir().unwrap();
        let attempt = |trial: u64| Folder::new(study.path(), trial).begin().unwrap();
        let (mut batches, none) = Batches::open(study.path()).unwrap();
        assert!(none.is_empty());
        let (first, second, third) = (attempt(1), attempt(2), attempt(3));
        let batch = batches.add(&[vec![first.clone(), second.clone()], vec![third.clone()]]).unwrap();
        assert_eq!(read(&batch.list(), 0).unwrap(), [first.path(), second.path()]);
        assert!(read(&batch.list(), 2).is_err());
        let (mut again, tasks) = Batches::open(study.path()).unwrap();
        assert_eq!(
            (&tasks[second.path()], &tasks[third.path()]),
            (&batch.task(0, None), &batch.task(1, None))
        );
        assert_eq!(batch.task(1, Some("7")).key, key(&batch.comment(), "1"));
        assert_eq!(again.add(&[]).unwrap().comment(), "batch 2");
    }
}
