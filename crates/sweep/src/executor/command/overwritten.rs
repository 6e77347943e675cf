//! Files of the folder in which a study was started that several of its trials write, so that one trial's replaces
//! another's.
//!
//! What changes there is seen when a trial starts or ends, and may be the work of any trial that ran meanwhile. Several
//! trials have written a file if no single one can have made all of its changes. It must also have changed during every
//! trial that completed: trials run the same program, while what somebody edits beside them changes now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::folder_look::{Look, Stamp};
use crate::supervisor;

/// After this many completed trials, or this many looks, nothing more is expected.
const TRIALS: u32 = 50;
const LOOKS: u32 = 500;

/// What is known; nothing once it is over.
pub struct Overwritten(Mutex<Option<State>>);

struct State {
    look: Look,
    looks: u32,
    /// Every file at the last look.
    files: BTreeMap<PathBuf, Stamp>,
    changes: BTreeMap<PathBuf, Changes>,
    /// The trials that have begun and not ended, by number.
    trials: BTreeMap<u64, Begun>,
    completed: u32,
}

/// A trial that has begun.
#[derive(Default)]
struct Begun {
    /// Whether it runs, and does not pause.
    runs: bool,
    /// The files that changed while it ran.
    changed: BTreeSet<PathBuf>,
}

/// The changes of a file.
struct Changes {
    /// The trials each of which can have made all of the changes so far; of several trials' file, the last of them.
    by: BTreeSet<u64>,
    /// The trials each of which can have made all changes up to that which another made.
    others: Option<BTreeSet<u64>>,
    /// The completed trials during which it changed.
    trials: u32,
    /// Whether every change made it longer.
    grows: bool,
}

impl Overwritten {
    /// Looks at the folder `start`, leaving out the folder of the `study` and the one around it.
    pub fn new(start: &Path, study: &Path) -> Overwritten {
        let mut look = Look::new(start, study);
        let files = look.files();
        let state = files.map(|files| State {
            look,
            looks: 0,
            files,
            changes: BTreeMap::new(),
            trials: BTreeMap::new(),
            completed: 0,
        });
        Overwritten(Mutex::new(state))
    }

    /// What looks at nothing.
    pub fn unseen() -> Overwritten {
        Overwritten(Mutex::new(None))
    }

    /// A trial is about to begin or to continue.
    pub fn starts(&self, trial: u64) {
        self.with(|state| {
            state.trials.entry(trial).or_default().runs = true;
            None
        });
    }

    /// A trial pauses.
    pub fn pauses(&self, trial: u64) {
        self.with(|state| {
            state.trials.entry(trial).or_default().runs = false;
            None
        });
    }

    /// A trial has ended, `whole` where it completed. Gives what is to be said, at most once.
    pub fn ends(&self, trial: u64, whole: bool) -> Option<String> {
        self.with(|state| {
            let begun = state.trials.remove(&trial).filter(|_| whole)?;
            state.completed += 1;
            for path in begun.changed {
                if let Some(changes) = state.changes.get_mut(&path) {
                    changes.trials += 1;
                }
            }
            state.shared()
        })
    }

    /// Looks at the folder, then does what is to be done; it is over once there is something to say.
    fn with(&self, act: impl FnOnce(&mut State) -> Option<String>) -> Option<String> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = guard.as_mut()?;
        let said = if state.see() { act(state) } else { None };
        let over = said.is_some() || state.completed >= TRIALS || state.looks >= LOOKS;
        if over {
            *guard = None;
        }
        said
    }
}

impl State {
    /// Notes what has changed; false where the folder cannot be looked at any more.
    fn see(&mut self) -> bool {
        self.looks += 1;
        let Some(files) = self.look.files() else {
            self.looks = LOOKS;
            return false;
        };
        let running: BTreeSet<u64> =
            self.trials.iter().filter(|(_, begun)| begun.runs).map(|(number, _)| *number).collect();
        for (path, stamp) in &files {
            let before = self.files.get(path);
            if running.is_empty() || before == Some(stamp) {
                continue;
            }
            // One that was there before and was made anew has replaced it.
            let longer = before.map_or(!self.changes.contains_key(path), |before| stamp.continues(before));
            match self.changes.get_mut(path) {
                Some(changes) => changes.add(&running, longer),
                None => {
                    let changes = Changes { by: running.clone(), others: None, trials: 0, grows: longer };
                    self.changes.insert(path.clone(), changes);
                }
            }
            for begun in self.trials.values_mut().filter(|begun| begun.runs) {
                begun.changed.insert(path.clone());
            }
        }
        self.files = files;
        true
    }

    /// What is to be said of the first file that several trials wrote.
    fn shared(&self) -> Option<String> {
        let of_all = |changes: &Changes| changes.trials == self.completed && self.completed > 1;
        let (path, changes, others) = self.changes.iter().find_map(|(path, changes)| {
            let others = changes.others.as_ref().filter(|_| of_all(changes))?;
            // What sweep prints may be led into a file of this folder.
            (!supervisor::is_held(&self.look.path(path))).then_some((path, changes, others))
        })?;
        let who = match (others.len(), others.first(), changes.by.first()) {
            (1, Some(first), Some(second)) if changes.by.len() == 1 => {
                format!("trials {first} and {second} both")
            }
            _ => "several trials".to_owned(),
        };
        // A file that became longer each time may hold what all of them wrote.
        let became = if changes.grows { "" } else { "; the later one has replaced it" };
        Some(format!("{who} wrote {} in this folder{became}", path.display()))
    }
}

impl Changes {
    /// Adds a change that any of the `running` trials can have made.
    fn add(&mut self, running: &BTreeSet<u64>, longer: bool) {
        self.grows &= longer;
        let both: BTreeSet<u64> = self.by.intersection(running).copied().collect();
        if !both.is_empty() {
            self.by = both;
        } else if self.others.is_none() {
            self.others = Some(std::mem::replace(&mut self.by, running.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a study in it, in which trials write.
    struct Bench {
        folder: tempfile::TempDir,
        seen: Overwritten,
    }

    impl Bench {
        fn new() -> Bench {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("results/study")).unwrap();
            std::fs::write(folder.path().join("train.py"), "").unwrap();
            let seen = Overwritten::new(folder.path(), &folder.path().join("results/study"));
            Bench { folder, seen }
        }

        /// Makes the file longer, so that it has changed even where the clock of the file system has not.
        fn append(&self, name: &str) {
            let path = self.folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = std::fs::read_to_string(&path).unwrap_or_default() + "x";
            std::fs::write(path, text).unwrap();
        }

        fn runs(&self, trial: u64, files: &[&str]) -> Option<String> {
            self.seen.starts(trial);
            files.iter().for_each(|name| self.append(name));
            self.seen.ends(trial, true)
        }
    }

    #[test]
    fn a_file_of_two_trials_is_named_once() {
        let bench = Bench::new();
        assert_eq!(bench.runs(0, &["out/log.txt"]), None);
        let said = bench.runs(1, &["out/log.txt"]).unwrap();
        assert_eq!(said, "trials 0 and 1 both wrote out/log.txt in this folder");
        assert_eq!(bench.runs(2, &["out/log.txt"]), None);
        let bench = Bench::new();
        assert_eq!(bench.runs(0, &["model.pt", "model.pt"]), None);
        std::fs::remove_file(bench.folder.path().join("model.pt")).unwrap();
        bench.seen.starts(1);
        std::fs::write(bench.folder.path().join("model.pt"), "").unwrap();
        assert!(bench.seen.ends(1, true).unwrap().ends_with("; the later one has replaced it"));
    }

    #[test]
    fn a_file_of_one_trial_is_not_laid_to_those_beside_it() {
        let bench = Bench::new();
        bench.seen.starts(0);
        bench.seen.starts(1);
        for trial in 2..6 {
            // Trial 0 writes all the time.
            assert_eq!(bench.runs(trial, &["log-0.txt"]), None);
        }
        assert_eq!((bench.seen.ends(1, true), bench.seen.ends(0, true)), (None, None));
        assert_eq!(bench.runs(6, &["log-6.txt"]), None);
    }

    #[test]
    fn trials_side_by_side_are_told_from_one_that_writes_on() {
        let bench = Bench::new();
        bench.seen.starts(0);
        bench.seen.starts(1);
        bench.append("model.pt");
        assert_eq!(bench.seen.ends(0, true), None);
        bench.seen.starts(2);
        bench.append("model.pt");
        assert_eq!(bench.seen.ends(1, true), None, "trial 1 may have written twice");
        bench.append("model.pt");
        assert!(bench.seen.ends(2, true).unwrap().starts_with("trials 1 and 2 both wrote model.pt"));
    }

    #[test]
    fn what_changes_now_and_then_or_belongs_to_nobody_is_no_conflict() {
        let bench = Bench::new();
        assert_eq!(bench.runs(0, &["notes.txt"]), None);
        assert_eq!(bench.runs(1, &[]), None);
        assert_eq!(bench.runs(2, &["notes.txt"]), None);
        let files =
            [".hidden", "train.py", "__pycache__/x.bin", "wandb/debug.log", "results/study/s", "results/x"];
        for trial in 0..3 {
            assert_eq!(Bench::new().runs(trial, &files), None);
            assert_eq!(bench.runs(3 + trial, &files), None);
        }
        let bench = Bench::new();
        for _ in 0..3 {
            bench.append("between.txt");
            assert_eq!(bench.runs(0, &[]), None);
        }
        let failed = Bench::new();
        for trial in 0..3 {
            failed.seen.starts(trial);
            failed.append("core.txt");
            assert_eq!(failed.seen.ends(trial, false), None);
        }
    }
}
