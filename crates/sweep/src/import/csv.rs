//! Tables as CSV, those that Weights & Biases exports among them.

use std::borrow::Cow;

use anyhow::Result;
use sweep_core::data::Lines;

use super::rows;
use super::source::Format;
use super::table::{self, Table};
use crate::refusal::refuse;

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a CSV table (a Weights & Biases export too)",
    mark: None,
    recognizes: |_| Ok(true),
    read: |source, options| rows::runs(table(&source.shown(), source.text()?)?, options),
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
    let wide = columns.len();
    let (mut table, mut lines) = (Table::new(path, columns), Lines::new(text.as_bytes()));
    let whole = text.ends_with(['\n', '\r']);
    let mut record = csv::StringRecord::new();
    let mut read = move |record: &mut csv::StringRecord| {
        reader.read_record(record).or_else(|why| refuse(format!("{path}: {why}")))
    };
    let mut more = read(&mut record)?;
    while more {
        let line = lines.of(record.position().map_or(0, csv::Position::byte) as usize);
        if record.len() != wide {
            let found = record.len();
            more = read(&mut record)?;
            if found < wide && !whole && table.len() > 0 && !more {
                table.cut = Some(table::CUT_LINE.to_owned());
                break;
            }
            return refuse(format!(
                "{path}, line {line}: {found} cells under {wide} columns; quote cells that contain a comma"
            ));
        }
        table.push(line, record.iter().map(|cell| decimal(filled(cell), delimiter)))?;
        more = read(&mut record)?;
    }
    table.checked()
}

/// A cell; where semicolons part the cells, a comma in a number is its decimal mark.
fn decimal(cell: &str, delimiter: u8) -> Cow<'_, str> {
    let number = || Some(cell.replacen(',', ".", 1)).filter(|text| text.parse::<f64>().is_ok());
    let number = (delimiter == b';' && cell.contains(',')).then(number).flatten();
    number.map_or(Cow::Borrowed(cell), Cow::Owned)
}

/// A cell, empty where it says that there is nothing in the words of R, pandas or a database.
fn filled(cell: &str) -> &str {
    if matches!(cell, "NA" | "N/A" | "null" | "NULL") { "" } else { cell }
}
