//! What a study's command was when it ran: its files, their state under version control, and where.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sweep_study::Command;

use super::{imports, macros};

/// The largest file among a command's words that is taken for a script.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Where a command's trials come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The words of the command.
    pub command: Vec<String>,
    /// The SHA-256 of each file that the words name, and of the modules beside a Python script that it imports.
    pub files: BTreeMap<String, String>,
    /// The commit of the folder's git repository, where it is one.
    pub commit: Option<String>,
    /// Whether files under version control differ from that commit.
    pub modified: Option<bool>,
    /// The machine's name.
    pub host: Option<String>,
    /// The folder in which the command runs.
    pub directory: Option<String>,
    /// How files under version control differ from that commit, as a patch; only its beginning where it is long.
    #[serde(default)]
    pub diff: Option<String>,
    /// The versions of the packages that the command's Python has, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, String>,
    /// The devices as `nvidia-smi -L` lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
}

/// Prints the packages of a Python as an object of names and versions.
const PACKAGES: &str = "import importlib.metadata as m, json; \
    print(json.dumps({d.metadata['Name']: d.version for d in m.distributions() if d.metadata['Name']}))";

/// How long git, Python or the driver of the devices may take to answer; what do not answer is not stored.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest patch that is kept, in bytes.
const LONGEST_DIFF: usize = 256 * 1024;

impl Provenance {
    /// What `command` is now.
    pub fn current(command: &Command) -> Provenance {
        let hash = |name: String| Some((name.clone(), hash(Path::new(&name))?));
        let modules = |word: &String| imports::local(Path::new(word)).into_iter();
        // A word of a W&B sweep may name its file by a variable of the environment.
        let plain = |word: &String| match command.wandb {
            Some(_) => macros::with_environment(word),
            None => word.clone(),
        };
        let run: Vec<String> = command.run.iter().map(plain).collect();
        let modules = run.iter().flat_map(modules).map(|file| file.display().to_string());
        let named = run.iter().cloned().chain(modules);
        let status = git(&["status", "--porcelain", "--untracked-files=no"]);
        Provenance {
            command: command.run.clone(),
            files: named.filter_map(hash).collect(),
            commit: git(&["rev-parse", "HEAD"]),
            modified: status.map(|files| !files.is_empty()),
            host: std::fs::read_to_string("/proc/sys/kernel/hostname")
                .ok()
                .map(|name| name.trim().to_owned()),
            directory: std::env::current_dir().ok().map(|folder| folder.display().to_string()),
            diff: None,
            packages: BTreeMap::new(),
            gpus: Vec::new(),
        }
    }

    /// The same with what takes a moment to find out: the patch, the packages and the devices.
    pub fn with_machine(self) -> Provenance {
        let diff = git(&["diff", "HEAD"]).filter(|diff| !diff.is_empty()).map(|mut diff| {
            if diff.len() > LONGEST_DIFF {
                diff.truncate(diff.floor_char_boundary(LONGEST_DIFF));
            }
            diff
        });
        let name = |program: &&String| {
            Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned())
        };
        let python = self
            .command
            .first()
            .filter(|program| name(program).is_some_and(|name| name.starts_with("python")));
        let packages = python.and_then(|python| printed(python, &["-c", PACKAGES]));
        let packages = packages.and_then(|packages| serde_json::from_str(&packages).ok()).unwrap_or_default();
        let gpus = printed("nvidia-smi", &["-L"]).unwrap_or_default().lines().map(str::to_owned).collect();
        Provenance { diff, packages, gpus, ..self }
    }

    /// Whether it is the same, as far as a quick comparison shows.
    pub fn same(&self, now: &Provenance) -> bool {
        let plain = |all: &Provenance| Provenance {
            diff: None,
            packages: BTreeMap::new(),
            gpus: Vec::new(),
            ..all.clone()
        };
        plain(self) == plain(now)
    }

    /// The first file by name that is no longer what it was.
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
    printed("git", words)
}

/// What a program prints, if it ends well and soon.
fn printed(program: &str, words: &[&str]) -> Option<String> {
    let mut command = std::process::Command::new(program);
    let mut child =
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut printed = child.stdout.take()?;
    let (sender, text) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // Whoever waited may have gone.
        drop(printed.read_to_end(&mut bytes).map(|_| sender.send(bytes)));
    });
    let text = text.recv_timeout(PATIENCE);
    if text.is_err() {
        child.kill().ok()?;
    }
    let well = child.wait().ok()?.success();
    let text = text.ok().filter(|_| well)?;
    Some(String::from_utf8_lossy(&text).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{Cwd, Style};

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
            diverged_if: None,
            steps_per_epoch: None,
            examples_per_epoch: None,
            batch_is: false,
            cwd: Cwd::Start,
            no_warm: false,
            seed: None,
            wandb: None,
        };
        let before = Provenance::current(&command);
        assert_eq!((before.files.len(), before.changed(&Provenance::current(&command))), (1, None));
        std::fs::write(&script, "echo 2").unwrap();
        assert_eq!(before.changed(&Provenance::current(&command)), script.to_str());
        assert!(before.same(&before.clone().with_machine()) && !before.same(&Provenance::current(&command)));
        std::fs::remove_file(&script).unwrap();
        assert_eq!(before.changed(&Provenance::current(&command)), script.to_str());
    }
}
