//! Finding out what a source of data is, and reading it.

use std::path::Path;
use std::sync::Arc;

use super::error::unreadable;
use super::{DataError, Dataset, Split, embedded, idx};

/// The data sets that the program carries with it.
const EMBEDDED: &[&str] = &["mnist"];

/// The data set that `source` names: `mnist`, or a folder of IDX files.
///
/// # Errors
/// A source that does not exist, cannot be read, or holds something else than its format allows.
pub fn open(source: &str, _label: Option<&str>, split: Split) -> Result<Arc<Dataset>, DataError> {
    if source == "mnist" {
        return embedded::mnist(split);
    }
    let path = Path::new(source);
    let kind = path.metadata().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => DataError::Request(format!(
            "data={source} is neither a file or folder nor one of the embedded data sets ({})",
            EMBEDDED.join(", ")
        )),
        _ => unreadable(path, error),
    })?;
    let name = path.file_stem().map_or(source.into(), |stem| stem.to_string_lossy());
    if kind.is_dir() {
        return idx::open(path, &name, split).map(Arc::new);
    }
    Err(DataError::Request(format!("data={source} is a file of unknown kind: give a folder of IDX files")))
}
