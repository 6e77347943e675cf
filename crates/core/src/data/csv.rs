//! Tables of numbers with a column of labels, separated by commas (or tabs, where the file is called `.tsv`).
//!
//! The first line names the columns. Whole numbers and words as labels are classes. Features are standardised on the
//! training part.

use std::path::Path;

use super::error::content;
use super::table::{Labels, drawn, standardise};
use super::{DataError, Dataset, Inputs, Part, Split};

/// Reads the table `path`, whose column `label` is to be predicted from all others.
///
/// # Errors
/// No label, or one that is no column; a field that is missing, empty or no finite number (line and column named);
/// fractional labels; too few lines for every part to have one.
pub(super) fn open(path: &Path, name: &str, label: Option<&str>, split: Split) -> Result<Dataset, DataError> {
    let delimiter = if path.extension().is_some_and(|ending| ending == "tsv") { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_path(path)
        .map_err(|error| content(path, error.to_string()))?;
    let columns = header(path, &mut reader)?;
    let target = label_column(&columns, label).map_err(|why| content(path, why))?;

    let (mut floats, mut labels) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| content(path, error.to_string()))? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != columns.len() {
            let why =
                format!("line {line} has {} fields, the first line names {}", record.len(), columns.len());
            return Err(content(path, why));
        }
        for (place, field) in record.iter().enumerate() {
            if field.is_empty() {
                return Err(content(path, format!("line {line}, column {:?} is empty", columns[place])));
            }
            if place == target {
                labels.push((line, field.to_owned()));
                continue;
            }
            match field.parse::<f32>() {
                Ok(number) if number.is_finite() => floats.push(number),
                _ => {
                    let why = format!("line {line}, column {:?}: {field:?} is no number", columns[place]);
                    return Err(content(path, why));
                }
            }
        }
    }
    let labels = read_labels(labels, &columns[target]).map_err(|why| content(path, why))?;
    let width = columns.len() - 1;
    let mut dataset =
        drawn(name, &[width], Inputs::Floats(floats), &labels, split).map_err(|why| content(path, why))?;
    let rows = dataset.rows(Part::Train).to_vec();
    if let Inputs::Floats(floats) = &mut dataset.inputs {
        standardise(floats, width, &rows);
    }
    Ok(dataset)
}

/// The names of the columns.
fn header(path: &Path, reader: &mut csv::Reader<std::fs::File>) -> Result<Vec<String>, DataError> {
    let header = reader.headers().map_err(|error| content(path, error.to_string()))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if columns.len() < 2 {
        return Err(content(path, "needs a first line that names at least two columns"));
    }
    if columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Err(content(path, "has numbers in its first line, which should name the columns"));
    }
    Ok(columns)
}

/// Where the column `label` stands.
fn label_column(columns: &[String], label: Option<&str>) -> Result<usize, String> {
    let names = columns.join(", ");
    let label = label.ok_or_else(|| format!("needs --label COLUMN, one of: {names}"))?;
    columns
        .iter()
        .position(|name| name == label)
        .ok_or_else(|| format!("has no column {label:?}, only: {names}"))
}

/// Labels as numbers where all are numbers, else as words.
fn read_labels(fields: Vec<(u64, String)>, column: &str) -> Result<Labels, String> {
    let numbers: Option<Vec<f64>> = fields.iter().map(|(_, field)| field.parse().ok()).collect();
    let Some(numbers) = numbers else {
        return Ok(Labels::Words(fields.into_iter().map(|(_, field)| field).collect()));
    };
    if let Some(place) = numbers.iter().position(|number| number.fract() != 0.0 || number.abs() > 1e15) {
        let (line, field) = &fields[place];
        return Err(format!(
            "line {line}, column {column:?}: the label {field} is neither a whole number nor a word"
        ));
    }
    Ok(Labels::Numbers(numbers.into_iter().map(|number| number as i64).collect()))
}
