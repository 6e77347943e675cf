//! Walks over the reference files in `tests/fixtures` and compares sequences with them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One reference file.
pub struct Case {
    /// The file's name without `.json`; messages name it.
    pub name: String,
    pub config: Value,
    pub inputs: Value,
    pub expected: Value,
}

/// The names, without `.json`, of all files in a folder of fixtures.
pub fn names(folder: &str) -> Vec<String> {
    let folder = root().join(folder);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every case in `folder` whose file's name begins with `prefix`; at least one.
pub fn cases(folder: &str, prefix: &str) -> Vec<Case> {
    let cases: Vec<Case> = names(folder)
        .into_iter()
        .filter(|name| name.starts_with(prefix))
        .map(|name| {
            let path = root().join(folder).join(format!("{name}.json"));
            let text = fs::read_to_string(&path).unwrap();
            let mut file: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
            let mut part = |part: &str| file[part].take();
            Case { config: part("config"), inputs: part("inputs"), expected: part("expected"), name }
        })
        .collect();
    assert!(!cases.is_empty(), "no {prefix}*.json in {folder}");
    cases
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The longest of `known` that `name` is, or begins with before an underscore.
pub fn family<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let begins = |known: &&&str| {
        name.strip_prefix(**known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    known.iter().filter(begins).max_by_key(|known| known.len()).copied()
}

/// The numbers of a tensor of any shape, in order; non-finite ones are words.
pub fn numbers(tensor: &Value) -> Vec<f64> {
    match tensor {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::String(word) => vec![word.parse().unwrap()],
        number => vec![number.as_f64().unwrap_or_else(|| panic!("{number} is not a number"))],
    }
}

/// Compares two sequences within `tolerance` of the largest magnitude expected; the error gives the first place that
/// differs, as a number after `what`, and both values.
pub fn compare(what: &str, found: &[f64], expected: &[f64], tolerance: f64) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("{what}: {} values, expected {}", found.len(), expected.len()));
    }
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let near = (found - expected).abs() <= tolerance * largest;
        if !near {
            return Err(format!("{what} {place}: {found} where {expected} is expected"));
        }
    }
    Ok(())
}

/// Fails with every message at once.
pub fn all_pass(results: impl IntoIterator<Item = Result<(), String>>) {
    let failures: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
