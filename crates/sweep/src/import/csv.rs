//! Tables as CSV, those that Weights & Biases exports among them.

use anyhow::Result;
use sweep_core::data::Lines;

use super::source::Format;
use super::table::{self, Row, Table};
use crate::refusal::refuse;

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a CSV table (a Weights & Biases export too)",
    mark: None,
    recognizes: |_| Ok(true),
    read: |source, options| table::runs(&table(&source.shown(), source.text()?)?, options),
};

/// The table in `text`, whose cells are separated by commas, semicolons or tabs, whichever the header has most of.
///
/// # Errors
/// A header that names a column twice or not at all, a row of another length than the header.
pub fn table(path: &str, text: &str) -> Result<Table> {
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let count = |letter: u8| header.bytes().filter(|byte| *byte == letter).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|letter| count(*letter)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(why) => return refuse(format!("{path}: {why}")),
    };
    let (mut rows, mut cut, mut lines) = (Vec::new(), None, Lines::new(text.as_bytes()));
    let whole = text.ends_with(['\n', '\r']);
    let mut records = reader.records().peekable();
    while let Some(record) = records.next() {
        let record = record.or_else(|why| refuse(format!("{path}: {why}")))?;
        let line = lines.of(record.position().map_or(0, csv::Position::byte) as usize);
        if record.len() < columns.len() && !whole && !rows.is_empty() && records.peek().is_none() {
            cut = Some(table::CUT_LINE.to_owned());
            break;
        }
        if record.len() != columns.len() {
            return refuse(format!(
                "{path}, line {line}: {} cells under {} columns; quote cells that contain a comma",
                record.len(),
                columns.len()
            ));
        }
        rows.push(Row { line, cells: record.iter().map(|cell| decimal(filled(cell), delimiter)).collect() });
    }
    Table { path: path.to_owned(), columns, rows, cut }.checked()
}

/// A cell; where semicolons part the cells, a comma in a number is its decimal mark.
fn decimal(cell: &str, delimiter: u8) -> String {
    let number = || Some(cell.replacen(',', ".", 1)).filter(|text| text.parse::<f64>().is_ok());
    let number = (delimiter == b';' && cell.contains(',')).then(number).flatten();
    number.unwrap_or_else(|| cell.to_owned())
}

/// A cell, empty where it says that there is nothing in the words of R, pandas or a database.
fn filled(cell: &str) -> &str {
    if matches!(cell, "NA" | "N/A" | "null" | "NULL") { "" } else { cell }
}
