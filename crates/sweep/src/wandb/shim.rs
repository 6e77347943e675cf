//! The module `wandb` that programs of a W&B sweep find, which reports to the study and to nobody else.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::files;

/// The module.
const MODULE: &str = include_str!("../../../../python/stand_in/wandb.py");

/// Where Python looks for modules first.
const PYTHONPATH: &str = "PYTHONPATH";

/// Writes the module into the study's `folder`; gives the variables by which programs find it and know the `metric` of
/// the study, and how many reports of it are a whole run.
///
/// # Errors
/// The folder cannot be written.
pub fn environment(folder: &Path, metric: &str, iterations: Option<u64>) -> Result<BTreeMap<String, String>> {
    let cannot = || format!("cannot create a folder for the module wandb in {}", folder.display());
    let modules = std::path::absolute(folder.join("python")).with_context(cannot)?;
    std::fs::create_dir_all(&modules).with_context(cannot)?;
    files::write(&modules.join("wandb.py"), MODULE.as_bytes())?;
    let others = std::env::var_os(PYTHONPATH).unwrap_or_default();
    let paths = std::iter::once(modules).chain(std::env::split_paths(&others));
    let paths =
        std::env::join_paths(paths.filter(|path| !path.as_os_str().is_empty())).with_context(cannot)?;
    let mut environment = BTreeMap::from([
        (PYTHONPATH.to_owned(), paths.to_string_lossy().into_owned()),
        ("SWEEP_METRIC".to_owned(), metric.to_owned()),
    ]);
    environment.extend(iterations.map(|count| ("SWEEP_ITERATIONS".to_owned(), count.to_string())));
    Ok(environment)
}
