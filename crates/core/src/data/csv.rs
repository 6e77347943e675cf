//! Tables of numbers with a column of labels, separated by commas, semicolons or tabs, whichever the first line has most
//! of (always by tabs where the file is called `.tsv`); where semicolons part the cells, a comma may be the decimal mark.
//!
//! The first line names the columns. Words and few whole numbers as labels are classes, other numbers are to be predicted
//! themselves, unless it is said which. Features, and numbers to be predicted, are standardised on the training part.

use std::num::ParseFloatError;
use std::path::Path;

use super::error::content;
use super::idx::plain_bytes;
use super::table::{Labels, drawn, standardise};
use super::{DataError, Dataset, Inputs, Lines, Options, Part};

/// Reads the table `path`: the column `label` is to be predicted from the column `text`, or without such from all
/// others, which are numbers.
///
/// # Errors
/// No label, or one that is not a column; a field that is missing, empty or not a finite number (line and column
/// named); too few lines for every part to have one.
pub(super) fn open(path: &Path, name: &str, options: &Options) -> Result<Dataset, DataError> {
    let bytes = plain_bytes(path)?;
    let table = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let delimiter = delimiter(path, table);
    let tabs = delimiter == b'\t';
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        // Quotes in a text between tabs are the text's own.
        .quoting(!(tabs && options.text.is_some()))
        .from_reader(table);
    let columns = header(path, &mut reader)?;
    let column = |option: &str, wanted: Option<&str>| {
        find_column(&columns, option, wanted).map_err(|why| content(path, why))
    };
    let target = column("label", options.label.as_deref())?;
    let text = options.text.as_deref().map(|text| column("text", Some(text))).transpose()?;

    let (mut floats, mut texts, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = Lines::new(table);
    let number = |field: &str| match delimiter {
        b';' => field.replace(',', ".").parse::<f64>(),
        _ => field.parse::<f64>(),
    };
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| content(path, error.to_string()))? {
        let line = lines.of(record.position().map_or(0, csv::Position::byte) as usize);
        if record.len() != columns.len() {
            let why =
                format!("line {line} has {} fields, the first line names {}", record.len(), columns.len());
            return Err(content(path, why));
        }
        for (place, field) in record.iter().enumerate() {
            let why = |what: &str| content(path, format!("line {line}, column {:?}{what}", columns[place]));
            match (place == target, text) {
                (true, _) if field.is_empty() => return Err(why(" is empty")),
                (true, _) => labels.push((line, field.to_owned())),
                (false, Some(text)) if place == text => texts.push(field.to_owned()),
                (false, Some(_)) => {}
                (false, None) if field.is_empty() => return Err(why(" is empty")),
                (false, None) => match number(field).map(|number| number as f32) {
                    Ok(number) if number.is_finite() => floats.push(number),
                    _ => return Err(why(&format!(": {field:?} is not a number"))),
                },
            }
        }
    }
    let labels = read_labels(labels, &columns[target], &number)
        .and_then(|labels| labels.meant(&columns[target], options.predict))
        .map_err(|why| content(path, why))?;
    let split = options.split;
    let dataset = if text.is_some() {
        super::text::classified(name, &texts, &labels, (options.tokens, options.length), split)
    } else {
        Inputs::from_floats(&[columns.len() - 1], floats)
            .and_then(|inputs| drawn(name, inputs, &labels, split))
    };
    let mut dataset = dataset.map_err(|why| content(path, why))?;
    standardised(&mut dataset, columns.len() - 1);
    Ok(dataset)
}

/// Standardises the `columns` numbers of each example.
fn standardised(dataset: &mut Dataset, columns: usize) {
    let rows = dataset.rows(Part::Train).to_vec();
    if let Inputs::Floats(floats) = &mut dataset.inputs
        && let Some(floats) = floats.as_slice_mut()
    {
        standardise(floats, columns, &rows);
    }
}

/// What parts the cells: of commas, semicolons and tabs the most frequent in the first line.
fn delimiter(path: &Path, text: &[u8]) -> u8 {
    if path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains(".tsv")) {
        return b'\t';
    }
    let header = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |letter: u8| header.iter().filter(|byte| **byte == letter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|letter| count(*letter)).unwrap_or(b',')
}

/// The names of the columns.
fn header(path: &Path, reader: &mut csv::Reader<&[u8]>) -> Result<Vec<String>, DataError> {
    let header = reader.headers().map_err(|error| content(path, error.to_string()))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if columns.len() < 2 {
        return Err(content(
            path,
            "needs a first line that names at least two columns, with commas, semicolons or tabs between them",
        ));
    }
    if columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Err(content(path, "has numbers in its first line, which should name the columns"));
    }
    Ok(columns)
}

/// Where the column that the `option` names stands.
fn find_column(columns: &[String], option: &str, wanted: Option<&str>) -> Result<usize, String> {
    let names = columns.join(", ");
    let wanted = wanted.ok_or_else(|| format!("needs --{option} COLUMN, one of: {names}"))?;
    columns
        .iter()
        .position(|name| name == wanted)
        .ok_or_else(|| format!("has no column {wanted:?}, only: {names}"))
}

/// Labels as numbers where all are numbers, else as words.
fn read_labels(
    fields: Vec<(u64, String)>,
    column: &str,
    number: &dyn Fn(&str) -> Result<f64, ParseFloatError>,
) -> Result<Labels, String> {
    let numbers: Option<Vec<f64>> = fields.iter().map(|(_, field)| number(field).ok()).collect();
    let Some(numbers) = numbers else {
        return Ok(Labels::Words(fields.into_iter().map(|(_, field)| field).collect()));
    };
    if let Some(place) = numbers.iter().position(|number| !number.is_finite() || number.abs() > 1e15) {
        let (line, field) = &fields[place];
        return Err(format!("line {line}, column {column:?}: the label {field} is too large or no number"));
    }
    Ok(Labels::Numbers(numbers))
}
