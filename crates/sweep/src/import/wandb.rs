//! Records of runs as Weights & Biases gives them: JSON files with the configuration and the summary of a run each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value as Json;

use super::source::{Format, Source};
use super::table::Table;
use super::{json, rows, words};

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a folder of Weights & Biases run records",
    mark: Some("JSON files with config and summary (Weights & Biases)"),
    recognizes: |source| {
        Ok(files(source).first().is_some_and(|file| record(file).is_ok_and(|it| it.is_some())))
    },
    read: |source, options| rows::runs(table(source)?, options),
};

/// The JSON files of a folder and of those below it.
fn files(source: &Source) -> Vec<PathBuf> {
    let inside = |folder: &PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut found: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
        found.sort();
        found
    };
    source.folders.iter().flat_map(inside).collect()
}

/// The record in a file; `None` where it holds something else.
fn record(path: &Path) -> Result<Option<Json>> {
    let json = json::file(path)?;
    let both = ["config", "summary"].iter().all(|part| json.get(part).is_some_and(Json::is_object));
    Ok(both.then_some(json))
}

/// A row a run: its configuration, then the metrics and the time of its summary.
fn table(source: &Source) -> Result<Table> {
    let mut columns: Vec<String> = vec!["name".to_owned()];
    let mut runs: Vec<BTreeMap<String, String>> = Vec::new();
    for file in files(source) {
        let Some(found) = record(&file)? else { continue };
        let name = found.get("name").and_then(Json::as_str).map(str::to_owned);
        let stem = || file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut cells = BTreeMap::from([("name".to_owned(), name.or_else(stem).unwrap_or_default())]);
        let config = json::flat(&found["config"]).into_iter().filter(|(name, _)| !name.starts_with('_'));
        let plain = |(name, value): (String, Option<sweep_study::Value>)| Some((name, value?.to_string()));
        cells.extend(config.filter_map(plain));
        let measured = json::flat(&found["summary"]).into_iter();
        let wanted = |name: &str| words::metric(name) || words::seconds(name);
        for (name, value) in measured.filter(|(name, _)| wanted(name)) {
            cells
                .entry(name)
                .or_insert_with(|| value.map_or_else(|| "nan".to_owned(), |value| value.to_string()));
        }
        for name in cells.keys() {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        runs.push(cells);
    }
    let mut table = Table::new(&source.shown(), columns.clone());
    for (index, mut cells) in runs.into_iter().enumerate() {
        let row = columns.iter().map(|name| Cow::Owned(cells.remove(name).unwrap_or_default()));
        table.push(index as u64 + 1, row)?;
    }
    table.checked()
}
