//! Tables as JSON: one object a line, or one array of objects; objects within objects have dotted names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value as Json;
use sweep_study::Value;

use super::rows;
use super::source::Format;
use super::table::{self, Table};
use crate::lenient;
use crate::refusal::refuse;

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "JSON lines",
    mark: None,
    recognizes: |source| Ok(is_json(source.text()?)),
    read: |source, options| rows::runs(table(&source.shown(), source.text()?)?, options),
};

/// Whether `text` is JSON rather than CSV.
pub fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The value in a file; NaN and infinities may stand in it.
///
/// # Errors
/// It cannot be read, or is no JSON.
pub fn file(path: &Path) -> Result<Json> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&lenient::plain(&text)).or_else(|why| refuse(format!("{shown}: {why}")))
}

/// The objects in a text.
pub struct Objects {
    /// Each with the line on which it begins (its number, in an array).
    pub items: Vec<(u64, Json)>,
    /// That the text is cut off, and what is left out for it, as a sentence.
    pub cut: Option<String>,
}

/// The objects in `text`. A last line without an end that cannot be read is cut off, as is an array without an end: its
/// writer was killed or is still at work.
///
/// # Errors
/// A line that is not an object.
pub fn objects(path: &str, text: &str) -> Result<Objects> {
    let text = text.trim_start_matches('\u{feff}');
    let parse = |line: u64, text: &str| -> Result<Json> {
        serde_json::from_str(&lenient::plain(text))
            .or_else(|why| refuse(format!("{path}, line {line}: {why}")))
    };
    if text.trim_start().starts_with('[') {
        return match parse(1, text) {
            Ok(Json::Array(items)) => Ok(Objects { items: (1..).zip(items).collect(), cut: None }),
            Ok(_) => refuse(format!("{path} is not an array of objects")),
            Err(why) => cut_array(&lenient::plain(text)).ok_or(why),
        };
    }
    // One object over many lines is a table of one row.
    if let Ok(whole @ Json::Object(_)) = serde_json::from_str(&lenient::plain(text)) {
        return Ok(Objects { items: vec![(1, whole)], cut: None });
    }
    let mut lines: Vec<(u64, &str)> =
        (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()).collect();
    let last = lines.last().filter(|_| lines.len() > 1 && !text.ends_with('\n'));
    let cut = last.is_some_and(|(line, text)| parse(*line, text).is_err());
    lines.truncate(lines.len() - usize::from(cut));
    let items = lines.into_iter().map(|(line, text)| Ok((line, parse(line, text)?)));
    let cut = cut.then(|| table::CUT_LINE.to_owned());
    Ok(Objects { items: items.collect::<Result<_>>()?, cut })
}

/// The whole objects of an array that has no end; `None` where it does not end within or after an object.
fn cut_array(text: &str) -> Option<Objects> {
    let mut rest = text.trim_start().strip_prefix('[')?;
    let mut items: Vec<(u64, Json)> = Vec::new();
    let within = loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break false;
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
        match stream.next()? {
            Ok(item) => items.push((items.len() as u64 + 1, item)),
            Err(why) if why.is_eof() || is_cut(rest) => break true,
            Err(_) => return None,
        }
        rest = rest.get(stream.byte_offset()..)?.trim_start();
        if rest.is_empty() {
            break false;
        }
        rest = rest.strip_prefix(',')?;
    };
    let (last, _) = items.last()?;
    let left_out = if within { ", and the next one has been left out" } else { "" };
    let cut = Some(format!("The array is cut off after object {last}{left_out}."));
    Some(Objects { items, cut })
}

/// Whether a value ends within a bare word, such as NaN.
fn is_cut(text: &str) -> bool {
    let before = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '-');
    serde_json::from_str::<Json>(before).is_err_and(|why| why.is_eof())
}

/// The table of the objects in `text`; a key that an object lacks is an empty cell, null is not a number.
///
/// # Errors
/// A line that is not an object.
pub fn table(path: &str, text: &str) -> Result<Table> {
    let mut columns: Vec<String> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    let objects = objects(path, text)?;
    for (line, object) in objects.items {
        if !object.is_object() {
            return refuse(format!(
                "{path}, line {line}: expected an object per run, such as {{\"lr\": 0.1, \"val_loss\": 0.3}}"
            ));
        }
        let mut cells = vec![String::new(); columns.len()];
        for (name, cell) in flat(&object) {
            let index = *known.entry(name.clone()).or_insert_with(|| {
                columns.push(name);
                cells.push(String::new());
                columns.len() - 1
            });
            cells[index] = cell.map_or_else(|| "nan".to_owned(), |value| value.to_string());
        }
        rows.push((line, cells));
    }
    let mut table = Table::new(path, columns);
    table.cut = objects.cut;
    rows.into_iter().try_for_each(|(line, cells)| table.push(line, cells.into_iter().map(Cow::Owned)))?;
    table.checked()
}

/// The values in an object by their dotted names; `None` is null.
pub fn flat(object: &Json) -> Vec<(String, Option<Value>)> {
    let mut found = Vec::new();
    descend("", object, &mut found);
    found
}

fn descend(name: &str, json: &Json, found: &mut Vec<(String, Option<Value>)>) {
    match json {
        Json::Object(object) => {
            for (key, json) in object {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                descend(&name, json, found);
            }
        }
        json => found.push((name.to_owned(), value(json))),
    }
}

/// A value as parameters have them; `None` for null. What has no place in a value is kept as its text.
pub fn value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string()),
        },
        Json::String(text) => Value::read(text),
        Json::Array(items) => Value::List(items.iter().filter_map(value).collect()),
        object @ Json::Object(_) => Value::Text(object.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_arrays_and_nested_objects_are_tables() {
        let lines =
            "{\"lr\":0.1,\"net\":{\"width\":8},\"loss\":NaN}\n\n{\"lr\":1,\"loss\":0.5,\"note\":\"x\"}\n";
        let read = table("runs.jsonl", lines).unwrap();
        assert_eq!(read.columns, ["lr", "net.width", "loss", "note"]);
        assert_eq!(read.rows().next().unwrap().cells().collect::<Vec<_>>(), ["0.1", "8", "NaN", ""]);
        assert_eq!(
            read.rows().last().map(|row| (row.line(), row.cells().collect::<Vec<_>>())),
            Some((3, vec!["1", "", "0.5", "x"]))
        );
        assert_eq!(table("runs.json", "[{\"lr\":1},{\"lr\":2}]").unwrap().len(), 2);
        let cut = table("runs.jsonl", "{\"lr\":1}\n{\"lr\":2, \"lo").unwrap();
        assert_eq!((cut.len(), cut.cut.is_some()), (1, true));
        for text in [
            "[{\"lr\":1},{\"lr\":2},{\"lr\":3, \"no",
            "[{\"lr\":1},\n {\"lr\":2}, ",
            "[{\"lr\":1},{\"lr\":2}",
            "[{\"lr\":1},{\"lr\":2},{\"lr\":3,\"loss\":Na",
            "[{\"lr\":1},{\"lr\":2},{\"lr\":3,\"loss\":-",
        ] {
            let read = table("runs.json", text).unwrap();
            assert_eq!((read.len(), read.cut.is_some()), (2, true), "{text}");
        }
        for text in ["[{\"lr\":1},{\"lr\"", "[{\"lr\":1},{\"lr\":2},{\"lr\":3,"] {
            assert!(table("runs.json", text).unwrap().cut.unwrap().contains("left out"), "{text}");
        }
        for text in ["[{\"lr\":1", "[{\"lr\":1} {\"lr\":2}", "[{\"lr\":1},{lr},{\"lr\":2", "[{\"lr\":1}] x"] {
            assert!(table("runs.json", text).is_err(), "{text}");
        }
        let error = table("runs.jsonl", "{\"lr\":1}\n{lr}\n").unwrap_err().to_string();
        assert!(error.contains("runs.jsonl, line 2"), "{error}");
    }
}
