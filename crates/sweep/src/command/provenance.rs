//! What a study's command was when it ran: its files, their state under version control, and where.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sweep_study::Command;

/// The largest file among a command's words that is taken for a script.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Where a command's trials come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The words of the command.
    pub command: Vec<String>,
    /// The SHA-256 of each file that the words name.
    pub files: BTreeMap<String, String>,
    /// The commit of the folder's git repository, where it is one.
    pub commit: Option<String>,
    /// Whether files under version control differ from that commit.
    pub modified: Option<bool>,
    /// The machine's name.
    pub host: Option<String>,
    /// The folder in which the command runs.
    pub directory: Option<String>,
}

impl Provenance {
    /// What `command` is now.
    pub fn of(command: &Command) -> Provenance {
        let hash = |word: &String| Some((word.clone(), hash(Path::new(word))?));
        let status = git(&["status", "--porcelain", "--untracked-files=no"]);
        Provenance {
            command: command.run.clone(),
            files: command.run.iter().filter_map(hash).collect(),
            commit: git(&["rev-parse", "HEAD"]),
            modified: status.map(|files| !files.is_empty()),
            host: std::fs::read_to_string("/proc/sys/kernel/hostname")
                .ok()
                .map(|name| name.trim().to_owned()),
            directory: std::env::current_dir().ok().map(|folder| folder.display().to_string()),
        }
    }

    /// The first file that is no longer what it was.
    pub fn changed(&self, now: &Provenance) -> Option<&str> {
        let differs = |(name, hash): &(&String, &String)| now.files.get(*name) != Some(*hash);
        self.files.iter().find(differs).map(|(name, _)| name.as_str())
    }
}

fn hash(path: &Path) -> Option<String> {
    let about = path.metadata().ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let digest = Sha256::digest(std::fs::read(path).ok()?);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What git answers here; `None` without git or outside a repository.
fn git(words: &[&str]) -> Option<String> {
    let output = std::process::Command::new("git").args(words).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::Style;

    #[test]
    fn a_changed_script_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("train.sh");
        std::fs::write(&script, "echo 1").unwrap();
        let run = vec!["sh".to_owned(), script.display().to_string(), "--lr={lr}".to_owned()];
        let command = Command {
            run,
            style: Style::Flags,
            map: BTreeMap::new(),
            read: Vec::new(),
            batch_is: false,
            wandb: None,
        };
        let before = Provenance::of(&command);
        assert_eq!((before.files.len(), before.changed(&Provenance::of(&command))), (1, None));
        std::fs::write(&script, "echo 2").unwrap();
        assert_eq!(before.changed(&Provenance::of(&command)), script.to_str());
        std::fs::remove_file(&script).unwrap();
        assert_eq!(before.changed(&Provenance::of(&command)), script.to_str());
    }
}
