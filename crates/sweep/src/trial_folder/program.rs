//! Finding the program that a command names, before anything is started.

use std::path::{Path, PathBuf};

use anyhow::Result;

use sweep_settings::short;

use crate::refusal::refuse;

/// The file of `program`: a path if it has a slash, else the first of that name in `PATH`.
///
/// # Errors
/// There is none, or it may not be run.
pub fn find(program: &str) -> Result<PathBuf> {
    // The whole command in one word, quoted as for a shell.
    if let Some(words) = shlex::split(program).filter(|words| words.len() > 1 && !Path::new(program).exists())
    {
        let separate = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
        return refuse(format!(
            "there is no program `{}`; its words stand one by one after --, without quotes around them all: -- {}",
            short(program),
            short(&separate)
        ));
    }
    if program.contains('/') {
        let path = PathBuf::from(program);
        return match runs(&path) {
            true => Ok(path),
            false if path.exists() => refuse(format!("{program} is not executable; run chmod +x {program}")),
            false => refuse(format!("there is no program {program}")),
        };
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| runs(path));
    match found {
        Some(path) => Ok(path),
        None if Path::new(program).is_file() => refuse(format!(
            "there is no program `{program}` in PATH; to run the file in this folder, write ./{program}"
        )),
        None => refuse(format!("there is no program `{program}` in PATH")),
    }
}

#[cfg(unix)]
fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(path: &Path) -> bool {
    path.is_file()
}
