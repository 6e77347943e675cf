//! The figures that a run left in its folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::runs::{Readings, Run};
use super::{csv, json, table, words};
use crate::refusal::refuse;

/// Files that hold the figures of a run, the first that is there is read.
const FIGURES: [&str; 10] = [
    "metrics.jsonl",
    "metrics.json",
    "metrics.csv",
    "results.jsonl",
    "results.json",
    "results.csv",
    "result.json",
    "progress.csv",
    "log.jsonl",
    "log.csv",
];

/// The file in a run's folder that holds its figures.
pub fn figures(folder: &Path) -> Option<PathBuf> {
    FIGURES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The only table in a folder, whatever its name.
pub fn table_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let mut tables = entries.filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    tables.next().filter(|_| tables.next().is_none())
}

/// Names of columns that count readings, the first that is there does.
const COUNTS: [&str; 7] =
    ["step", "global_step", "steps", "epoch", "iteration", "training_iteration", "_step"];

/// Adds to `run` the figures in a file but for those `without`: a row a reading. Gives whether readings are counted in epochs.
///
/// # Errors
/// A file that is neither a CSV table nor JSON.
pub fn add(run: &mut Run, path: &Path, steps: Option<&str>, without: &[&str]) -> Result<bool> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    if text.trim().is_empty() {
        return Ok(false);
    }
    let table = if json::is_json(&text) { json::table(&shown, &text)? } else { csv::table(&shown, &text)? };
    let column = |name: &str| table.columns.iter().position(|column| column == name);
    let counts = match steps {
        Some(name) => {
            Some(column(name).map_or_else(|| refuse(format!("{shown} has no column `{name}`")), Ok)?)
        }
        None => COUNTS.into_iter().find_map(column),
    };
    for (index, row) in table.rows().enumerate() {
        let at = counts.and_then(|column| table::number(row.cell(column)));
        let figures = table.columns.iter().zip(row.cells()).enumerate();
        let figures =
            figures.filter(|(column, _)| Some(*column) != counts).filter_map(|(_, (name, cell))| {
                let name = if words::seconds(name) { sweep_study::SECONDS } else { name.as_str() };
                let wanted = !name.starts_with("config.") && !without.contains(&name);
                Some((name, table::number(cell).filter(|_| wanted)?))
            });
        run.readings.push(at.unwrap_or((index + 1) as f64), figures);
    }
    run.close();
    if counts.is_none() && run.readings.at.len() == 1 {
        run.readings = Readings::default();
    }
    Ok(counts.is_some_and(|column| table.columns[column].contains("epoch")))
}
