//! The files of a folder, and of the folders in it, with what tells whether they have changed. A look costs little: it is
//! not taken at what is large.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most entries of the folder; one with more is not looked at.
const ENTRIES: usize = 1000;

/// The most entries of a folder in it, which is left out if it has more.
const WITHIN: usize = 200;

/// Folders in which programs number what they write, or that hold no results.
const LEFT_OUT: [&str; 8] =
    ["__pycache__", "wandb", "mlruns", "lightning_logs", "node_modules", "site-packages", "venv", "env"];

/// The ends of names of files that people write, or that only lock others.
const NO_RESULTS: [&str; 9] = ["py", "pyc", "ipynb", "sh", "md", "rs", "c", "cpp", "lock"];

/// A folder that is looked at.
pub struct Look {
    folder: PathBuf,
    /// Folders in it that are left out.
    left_out: HashSet<OsString>,
}

/// What changes with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    id: u64,
}

impl Stamp {
    fn of(about: &Metadata) -> Stamp {
        #[cfg(unix)]
        let id = std::os::unix::fs::MetadataExt::ino(about);
        #[cfg(not(unix))]
        let id = 0;
        Stamp { modified: about.modified().ok(), length: about.len(), id }
    }

    /// Whether it is the same file, only longer.
    pub fn continues(&self, before: &Stamp) -> bool {
        self.id == before.id && self.length > before.length
    }
}

impl Look {
    /// Looks at `folder`, but not at that of the `study` or the one around it.
    pub fn new(folder: &Path, study: &Path) -> Look {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let study = study.canonicalize().unwrap_or_else(|_| study.to_owned());
        let own = study.strip_prefix(&folder).ok().and_then(|within| within.components().next());
        let own = own.map(|first| first.as_os_str().to_owned());
        Look { folder, left_out: LEFT_OUT.iter().map(OsString::from).chain(own).collect() }
    }

    /// Where a file of it is.
    pub fn path(&self, file: &Path) -> PathBuf {
        self.folder.join(file)
    }

    /// The files by their paths in the folder; `None` where there are too many, or it cannot be read.
    pub fn files(&mut self) -> Option<BTreeMap<PathBuf, Stamp>> {
        let mut files = BTreeMap::new();
        for folder in Look::read(&self.folder, Path::new(""), ENTRIES, &mut files)? {
            if self.left_out.contains(&folder) {
                continue;
            }
            let mut within = BTreeMap::new();
            match Look::read(&self.folder.join(&folder), Path::new(&folder), WITHIN, &mut within) {
                Some(_) => files.extend(within),
                None => {
                    self.left_out.insert(folder);
                }
            }
        }
        Some(files)
    }

    /// Adds the files in `folder`, with `prefix` before their names; gives the folders in it. `None` where it has more
    /// than `most` entries.
    fn read(
        folder: &Path,
        prefix: &Path,
        most: usize,
        files: &mut BTreeMap<PathBuf, Stamp>,
    ) -> Option<Vec<OsString>> {
        let mut folders = Vec::new();
        for (index, entry) in std::fs::read_dir(folder).ok()?.flatten().enumerate() {
            if index >= most {
                return None;
            }
            let name = entry.file_name();
            let ending = Path::new(&name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            // A link is neither.
            let Ok(kind) = entry.file_type() else { continue };
            if name.as_encoded_bytes().starts_with(b".") || NO_RESULTS.contains(&ending) {
                continue;
            }
            if kind.is_dir() {
                folders.push(name);
            } else if let (true, Ok(about)) = (kind.is_file(), entry.metadata()) {
                files.insert(prefix.join(name), Stamp::of(&about));
            }
        }
        Some(folders)
    }
}
