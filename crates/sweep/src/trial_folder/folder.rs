//! The folder of a trial, through which `sweep` and a program exchange files.
//!
//! ```text
//! results/<study>/trials/000123/
//!   trial.json    the point, the seed, the budget, the words of the command   (for the program)
//!   verdict       `continue`, or `stop` when it should end                     (for the program)
//!   attempts/1/   one folder each time that it was started:
//!     metrics.jsonl, checkpoint/                                               (from the program)
//!     stdout.log, stderr.log, result.json                                      (about it)
//!     task.json, claim                                                         (of a task on another machine)
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use crate::files;

/// The folder of one trial.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// The verdict that a running program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Continue.
    Continue,
    /// Save what is needed, and end.
    Stop,
}

impl Folder {
    /// The folder of trial `number` of the study in `study`.
    pub fn new(study: &Path, number: u64) -> Folder {
        Folder(study.join("trials").join(format!("{number:06}")))
    }

    /// Writes the verdict for the program.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn tell(&self, verdict: Verdict) -> Result<()> {
        let word: &[u8] = match verdict {
            Verdict::Continue => b"continue\n",
            Verdict::Stop => b"stop\n",
        };
        files::write(&self.0.join("verdict"), word)
    }

    /// The verdict for the program, if there is one.
    pub fn verdict(&self) -> Option<Verdict> {
        match std::fs::read(self.0.join("verdict")).ok()?.as_slice() {
            b"continue\n" => Some(Verdict::Continue),
            b"stop\n" => Some(Verdict::Stop),
            _ => None,
        }
    }

    /// Begins another attempt.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(&self) -> Result<Attempt> {
        let attempts = self.0.join("attempts");
        let cannot = || format!("cannot create a folder in {}", self.0.display());
        if let Some(study) = self.0.ancestors().nth(2).filter(|study| !study.is_dir()) {
            bail!("the study's folder {} was removed", study.display());
        }
        std::fs::create_dir_all(&attempts).with_context(cannot)?;
        let number = self.latest().map_or(1, |latest| latest + 1);
        let attempt = Attempt(std::path::absolute(attempts.join(number.to_string())).with_context(cannot)?);
        std::fs::create_dir_all(attempt.checkpoint()).with_context(cannot)?;
        self.tell(Verdict::Continue)?;
        Ok(attempt)
    }

    /// Writes what the trial is.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn describe(&self, trial: &Json) -> Result<()> {
        files::write(&self.0.join("trial.json"), &serde_json::to_vec(trial)?)
    }

    /// The number of the last attempt.
    fn latest(&self) -> Option<u64> {
        let entries = std::fs::read_dir(self.0.join("attempts")).ok()?.flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).max()
    }

    /// The last attempt, where there was one.
    pub fn last(&self) -> Option<Attempt> {
        let latest = self.latest()?;
        std::path::absolute(self.0.join("attempts").join(latest.to_string())).ok().map(Attempt)
    }
}

/// The folder of one attempt at a trial.
#[derive(Clone, Debug)]
pub struct Attempt(PathBuf);

impl Attempt {
    /// The attempt whose folder is `path`.
    pub fn at(path: PathBuf) -> Attempt {
        Attempt(path)
    }

    /// The folder of its trial.
    pub fn trial(&self) -> Folder {
        Folder(self.0.parent().and_then(Path::parent).map(Path::to_owned).unwrap_or_default())
    }

    /// Its number, from 1.
    pub fn number(&self) -> Option<u64> {
        self.0.file_name()?.to_str()?.parse().ok()
    }

    /// The attempt before it.
    pub fn before(&self) -> Option<Attempt> {
        let number = self.number()?.checked_sub(1).filter(|number| *number > 0)?;
        Some(Attempt(self.0.with_file_name(number.to_string())))
    }

    /// Whether a later attempt has taken its place.
    pub fn superseded(&self) -> bool {
        self.number().is_some_and(|number| self.0.with_file_name((number + 1).to_string()).exists())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the program keeps what it needs to continue.
    pub fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint")
    }

    /// Where the program may write its readings.
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics.jsonl")
    }

    /// The file of its standard output.
    pub fn stdout(&self) -> PathBuf {
        self.0.join("stdout.log")
    }

    /// The file of its standard error.
    pub fn stderr(&self) -> PathBuf {
        self.0.join("stderr.log")
    }

    /// Whether the program has saved anything.
    pub fn has_checkpoint(&self) -> bool {
        std::fs::read_dir(self.checkpoint()).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Whether anything in the checkpoint was written within this time before now.
    pub fn checkpoint_changed_within(&self, time: Duration) -> bool {
        newest(&self.checkpoint()).is_some_and(|at| at.elapsed().is_ok_and(|age| age < time))
    }

    /// Starts from what is in the folder `checkpoint`; says whether there is anything.
    ///
    /// # Errors
    /// The files cannot be copied.
    pub fn start_from(&self, checkpoint: &Path) -> Result<bool> {
        copy(checkpoint, &self.checkpoint())
            .with_context(|| format!("cannot copy the checkpoint {}", checkpoint.display()))?;
        Ok(self.has_checkpoint())
    }

    /// Writes how the attempt ended.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn conclude(&self, result: &Json) -> Result<()> {
        let path = self.0.join("result.json");
        // A program that starts in this folder may have written a file of this name, which is kept.
        if path.exists() && self.result().is_none_or(|other| other.get("exit").is_none()) {
            std::fs::rename(&path, self.0.join("result-of-script.json"))?;
        }
        files::write(&path, &serde_json::to_vec(result)?)
    }

    /// How the attempt ended, where it did.
    pub fn result(&self) -> Option<Json> {
        serde_json::from_slice(&std::fs::read(self.0.join("result.json")).ok()?).ok()
    }
}

/// When anything in the folder was last written.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let written = |entry: std::fs::DirEntry| {
        let about = entry.metadata().ok()?;
        let inside = if about.is_dir() { newest(&entry.path()) } else { None };
        inside.max(about.modified().ok())
    };
    entries.filter_map(written).max()
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attempts_are_counted_and_start_from_a_checkpoint() {
        let study = tempfile::tempdir().unwrap();
        let folder = Folder::new(study.path(), 12);
        let first = folder.begin().unwrap();
        assert!(first.path().ends_with("trials/000012/attempts/1") && !first.has_checkpoint());
        std::fs::create_dir(first.checkpoint().join("deep")).unwrap();
        std::fs::write(first.checkpoint().join("deep/weights"), "w").unwrap();
        let second = folder.begin().unwrap();
        assert!(second.start_from(&first.checkpoint()).unwrap());
        assert_eq!(std::fs::read_to_string(second.checkpoint().join("deep/weights")).unwrap(), "w");
        std::fs::write(second.path().join("result.json"), "{\"mine\": 1}").unwrap();
        second.conclude(&json!({ "exit": { "code": 0 } })).unwrap();
        second.conclude(&json!({ "exit": { "code": 0 }, "outcome": "complete" })).unwrap();
        let own = std::fs::read_to_string(second.path().join("result-of-script.json")).unwrap();
        assert!(own.contains("mine"), "{own}");
        assert_eq!(folder.last().unwrap().result().unwrap()["outcome"], "complete");
        folder.tell(Verdict::Stop).unwrap();
        assert_eq!(std::fs::read_to_string(study.path().join("trials/000012/verdict")).unwrap(), "stop\n");
    }
}
