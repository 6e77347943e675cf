//! Finding out what a source of data is, and reading it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use super::error::unreadable;
use super::{DataError, Dataset, Split, csv, embedded, idx, npz};

/// The data sets that the program carries with it.
const EMBEDDED: &[&str] = &["mnist"];

/// The data set that `source` names: `mnist`, a folder of IDX files, an .npz archive, or a .csv or .tsv table whose
/// column `label` is to be predicted.
///
/// # Errors
/// A source that does not exist, cannot be read, or holds something else than its format allows; a label where the
/// source says itself what is predicted.
pub fn open(source: &str, label: Option<&str>, split: Split) -> Result<Arc<Dataset>, DataError> {
    let path = Path::new(source);
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if let (Some(label), false) = (label, matches!(ending.as_str(), "csv" | "tsv")) {
        let why = format!("label={label} goes with tables (.csv, .tsv); data={source} has its own labels");
        return Err(DataError::Request(why));
    }
    if EMBEDDED.contains(&source) {
        return embedded::mnist(split);
    }
    let kind = path.metadata().map_err(|error| match error.kind() {
        ErrorKind::NotFound => DataError::Request(format!(
            "data={source} is neither a file or folder nor a data set that comes with the program ({})",
            EMBEDDED.join(", ")
        )),
        _ => unreadable(path, error),
    })?;
    let name = path.file_stem().map_or(source.into(), |stem| stem.to_string_lossy());
    let dataset = match ending.as_str() {
        _ if kind.is_dir() => idx::open(path, &name, split),
        "npz" => npz::open(path, &name, split),
        "csv" | "tsv" => csv::open(path, &name, label, split),
        _ => Err(DataError::Request(format!(
            "data={source} is of no known kind: give a folder of IDX files, an .npz, a .csv or a .tsv"
        ))),
    };
    dataset.map(Arc::new)
}
