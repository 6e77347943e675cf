//! Where studies are stored: a folder with one folder per study.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use crate::files::stem;
use crate::refusal::refuse;
use crate::store;

/// The folder of the study `name`, or of the most recently changed study if no name is given. A path to a study's
/// folder is accepted too.
///
/// # Errors
/// There is no such study; the message lists those there are.
pub fn find(results: &Path, name: Option<&str>) -> Result<PathBuf> {
    let Some(name) = name else {
        let latest = all(results).into_iter().next();
        return latest.map_or_else(
            || refuse(format!("there is no study in {}; start one with `sweep grid`", results.display())),
            Ok,
        );
    };
    for folder in [results.join(name), PathBuf::from(name)] {
        if folder.join(store::FILE).is_file() {
            return Ok(folder);
        }
    }
    let known: Vec<String> = all(results).iter().filter_map(|folder| stem(folder)).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    refuse(format!("there is no study `{name}` in {}; studies: {known}", results.display()))
}

/// The folders of all studies, the one that last changed first.
pub fn all(results: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(results).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut dated: Vec<(SystemTime, PathBuf)> =
        folders.filter_map(|folder| Some((changed(&folder)?, folder))).collect();
    dated.sort_by(|a, b| b.cmp(a));
    dated.into_iter().map(|(_, folder)| folder).collect()
}

/// When the store last changed; with a write-ahead log that may be the log.
fn changed(folder: &Path) -> Option<SystemTime> {
    let time = |name: &str| folder.join(name).metadata().and_then(|meta| meta.modified()).ok();
    let own = time(store::FILE)?;
    Some(time(&format!("{}-wal", store::FILE)).map_or(own, |log| log.max(own)))
}

/// `name`, or with the first of -2, -3, … that is free.
pub fn free(results: &Path, name: &str) -> String {
    let taken = |name: &str| results.join(name).exists();
    if !taken(name) {
        return name.to_owned();
    }
    (2u32..)
        .map(|count| format!("{name}-{count}"))
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
}
