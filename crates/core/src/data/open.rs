//! Finding out what a source of data is, and reading it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use super::error::{content, unreadable};
use super::{DataError, Dataset, Predict, Split, Tokens, control, csv, embedded, idx, npz, text};

/// How the names of tables end.
const TABLES: [&str; 2] = ["csv", "tsv"];

/// How a source is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The column of a table that is to be predicted.
    pub label: Option<String>,
    /// Whether the labels of a table are classes or numbers to be predicted; by default they show which.
    pub predict: Option<Predict>,
    /// The column of a table that holds texts.
    pub text: Option<String>,
    /// What texts are cut into.
    pub tokens: Option<Tokens>,
    /// Tokens of a window of a text, or the most of a sequence.
    pub length: Option<usize>,
    /// How the parts are cut.
    pub split: Split,
}

/// The data set that `source` names: `mnist`, `moby-dick`, `movie-reviews`, the environment `cartpole`, a folder of IDX
/// files, an .npz archive, a .csv or .tsv table, or a .txt text.
///
/// # Errors
/// A source that does not exist, cannot be read, or holds something else than its format allows; options that it has
/// no use for.
pub fn open(source: &str, options: &Options) -> Result<Arc<Dataset>, DataError> {
    if let Some(environment) = control::open(source, options) {
        return environment;
    }
    let path = Path::new(source);
    let ending = |path: &Path| {
        path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
    };
    // A table may be packed.
    let unpacked = path.file_stem().map(Path::new).filter(|_| ending(path) == "gz");
    let ending =
        unpacked.map(ending).filter(|inner| TABLES.contains(&inner.as_str())).unwrap_or(ending(path));
    refuse_idle(source, &ending, options)?;
    if let Some(embedded) = embedded::open(source, options) {
        return embedded;
    }
    let kind = path.metadata().map_err(|error| match error.kind() {
        ErrorKind::NotFound => DataError::Request(format!(
            "data={source} is neither a file or folder nor a data set that comes with the program ({}, {})",
            embedded::NAMES.join(", "),
            control::NAMES.join(", ")
        )),
        _ => unreadable(path, error),
    })?;
    let name = unpacked.unwrap_or(path).file_stem().map_or(source.into(), |stem| stem.to_string_lossy());
    let dataset = match ending.as_str() {
        _ if kind.is_dir() => idx::open(path, &name, options.split),
        "npz" => npz::open(path, &name, options.split),
        "csv" | "tsv" => csv::open(path, &name, options),
        "txt" => {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            text::language(&name, &text, (options.tokens, options.length), options.split)
                .map_err(|why| content(path, why))
        }
        _ => Err(DataError::Request(format!(
            "data={source} is of no known kind: give a folder of IDX files, an .npz, a .csv or .tsv (or .csv.gz), or a .txt"
        ))),
    };
    dataset.map(Arc::new)
}

/// Refuses options that go with another kind of source.
fn refuse_idle(source: &str, ending: &str, options: &Options) -> Result<(), DataError> {
    let table = TABLES.contains(&ending);
    let text = ending == "txt" || options.text.is_some() || embedded::TEXTS.contains(&source);
    if let (Some(label), false) = (&options.label, table) {
        let why = format!("label={label} goes with tables (.csv, .tsv); data={source} has its own labels");
        return Err(DataError::Request(why));
    }
    if let (Some(_), false) = (options.predict, table) {
        let why = format!("task goes with tables (.csv, .tsv), not with {source}");
        return Err(DataError::Request(why));
    }
    if let (Some(column), false) = (&options.text, table) {
        return Err(DataError::Request(format!(
            "text={column} goes with tables (.csv, .tsv), not with {source}"
        )));
    }
    if options.length == Some(0) {
        return Err(DataError::Request("length=0 leaves no text; give at least 1".into()));
    }
    if (options.tokens.is_some() || options.length.is_some()) && !text {
        let why = format!("tokens and length go with texts; data={source} is none (or needs --text COLUMN)");
        return Err(DataError::Request(why));
    }
    Ok(())
}
