//! YAML as Python reads it: with the words of YAML 1.1, by which the files of W&B and Hydra are written.
//!
//! Plain `yes`, `no`, `on` and `off` are flags, `010` is octal and `1_000` a number, and `<<` merges mappings
//! (<https://yaml.org/type/>, PyYAML's resolver). A number with an exponent needs no point, although PyYAML wants one:
//! whoever writes `1e-3` means a number. Infinities and NaN, which JSON lacks, are the words that Python prints for them.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value as Json};

/// How deep collections may lie in each other.
const DEPTH: usize = 100;

/// The most values that a document may hold once its aliases are replaced by what they stand for.
const VALUES: usize = 1_000_000;

/// The document in `text`.
///
/// # Errors
/// Text that is not YAML, with the line; several documents.
pub fn read(text: &str) -> Result<Json, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), values: 0 };
    let mut document = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(document.unwrap_or(Json::Null)),
            Event::DocumentStart(_) if document.is_some() => {
                return Err("the file holds several YAML documents; leave one of them".to_owned());
            }
            Event::DocumentStart(_) => {
                let first = reader.next()?;
                document = Some(reader.value(first, 0)?);
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, Json>,
    values: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    /// The value that begins with `event`.
    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Json, String> {
        if depth > DEPTH {
            return Err(format!("its lists and mappings lie more than {DEPTH} deep in each other"));
        }
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref())),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.value(event, depth + 1)?),
                    }
                }
                (anchor, Json::Array(items))
            }
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let value = known.ok_or("an alias stands within what it stands for")?;
                self.count(size(&value))?;
                return Ok(value);
            }
            _ => return Err("the file ends where a value should stand".to_owned()),
        };
        self.count(1)?;
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn mapping(&mut self, depth: usize) -> Result<Json, String> {
        let (mut fields, mut merged) = (Map::new(), Vec::new());
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(text, style, _, _) => (text.into_owned(), style),
                event => (self.value(event, depth + 1)?.to_string(), ScalarStyle::Plain),
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            match (key, value) {
                ((key, ScalarStyle::Plain), Json::Object(other)) if key == "<<" => merged.push(other),
                ((key, ScalarStyle::Plain), Json::Array(others)) if key == "<<" => {
                    merged.extend(others.into_iter().filter_map(|other| match other {
                        Json::Object(other) => Some(other),
                        _ => None,
                    }));
                }
                ((key, _), value) => drop(fields.insert(key, value)),
            }
        }
        // A key of its own comes before one that is merged, and an earlier mapping before a later one.
        for (key, value) in merged.into_iter().flatten() {
            fields.entry(key).or_insert(value);
        }
        Ok(Json::Object(fields))
    }

    fn count(&mut self, more: usize) -> Result<(), String> {
        self.values += more;
        if self.values > VALUES {
            return Err(format!("its aliases stand for more than {VALUES} values"));
        }
        Ok(())
    }
}

/// How many values `json` holds.
fn size(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Json::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The value of a word, by its tag, or by its spelling where it stands without quotes.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Json {
    let core = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_str());
    let word = || Json::String(text.to_owned());
    match (core, style) {
        (Some("float"), _) => number(text).or_else(|| float(text)).unwrap_or_else(word),
        (Some("int" | "bool" | "null"), _) | (None, ScalarStyle::Plain) => plain(text),
        _ => word(),
    }
}

/// The value of a word without quotes.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Json::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Json::Bool(false),
        _ => whole(text).or_else(|| number(text)).unwrap_or_else(|| Json::String(text.to_owned())),
    }
}

/// A whole number: decimal, `0b1`, `017`, `0x1f`, or in sixties `1:30`, with `_` between its digits.
fn whole(text: &str) -> Option<Json> {
    let (negative, digits) = signed(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let plain = digits.replace('_', "");
    let size: i64 = if let Some(bits) = plain.strip_prefix("0b") {
        i64::from_str_radix(bits, 2).ok()?
    } else if let Some(hexadecimal) = plain.strip_prefix("0x") {
        i64::from_str_radix(hexadecimal, 16).ok()?
    } else if plain.contains(':') {
        sixties(&plain)?
    } else if plain.len() > 1 && plain.starts_with('0') {
        i64::from_str_radix(&plain, 8).ok()?
    } else {
        plain.parse().ok()?
    };
    Some(Json::from(if negative { -size } else { size }))
}

/// `1:30` is 90.
fn sixties(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let first: i64 = parts.next().filter(|part| !part.starts_with('0'))?.parse().ok()?;
    parts.try_fold(first, |sum, part| {
        let part: i64 = part.parse().ok().filter(|part| (0..60).contains(part))?;
        sum.checked_mul(60)?.checked_add(part)
    })
}

/// A number that is not whole, or none at all.
fn number(text: &str) -> Option<Json> {
    let (negative, size) = signed(text);
    match size {
        ".inf" | ".Inf" | ".INF" => return Some(Json::from(if negative { "-inf" } else { "inf" })),
        ".nan" | ".NaN" | ".NAN" => return Some(Json::from("nan")),
        _ => {}
    }
    size.contains(['.', 'e', 'E']).then(|| float(text)).flatten()
}

/// A number; `inf` and `infinity` are numbers to Rust alone.
fn float(text: &str) -> Option<Json> {
    let number: f64 = text.replace('_', "").parse().ok()?;
    let digits = signed(text).1.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    serde_json::Number::from_f64(number).filter(|_| digits).map(Json::Number)
}

/// Whether `text` begins with a minus, and what follows its sign.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What CPython's `yaml.safe_load` gives, but for the exponents.
    #[test]
    fn words_are_those_of_python() {
        for (text, value) in [
            ("[yes, No, ON, off, true, y]", json!([true, false, true, false, true, "y"])),
            ("['yes', \"no\", !!str on]", json!(["yes", "no", "on"])),
            ("[010, 0x1f, 0b11, 1_000, 0o17, 08, 1:30]", json!([8, 31, 3, 1000, "0o17", "08", 90])),
            ("[.inf, -.INF, .NaN, inf, nan]", json!(["inf", "-inf", "nan", "inf", "nan"])),
            ("[1.5, 1e-3, 2.5e+3, .5, !!float 3, -4]", json!([1.5, 1e-3, 2500.0, 0.5, 3.0, -4])),
            ("[~, null, 'null', None]", json!([null, null, "null", "None"])),
            ("[2020-01-01, a:b, 99999999999999999999]", json!(["2020-01-01", "a:b", "99999999999999999999"])),
        ] {
            let read = read(text);
            assert_eq!(read, Ok(value), "{text}");
        }
    }

    #[test]
    fn mappings_merge_and_a_mark_of_byte_order_is_skipped() {
        let text =
            "\u{feff}a: &x {values: [1, 2], q: 1}\nb:\n  q: 2\n  <<: *x\nc: {<<: [*x, {r: 3}]}\nd: *x\n";
        let read = read(text).unwrap();
        assert_eq!(read["b"], json!({ "values": [1, 2], "q": 2 }));
        assert_eq!(read["c"], json!({ "values": [1, 2], "q": 1, "r": 3 }));
        assert_eq!(read["d"], read["a"]);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for (text, why) in [
            ("a: [1, 2", "line"),
            ("a: 1\n---\nb: 2\n", "several"),
            ("a: *b", ""),
            (&"[".repeat(5000), ""),
            ("a: &a [1]\nb: *a\nc: &c [*a, *c]\n", ""),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let laughs: String =
            (1..30).map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1)).collect();
        assert!(read(&format!("a0: &a0 1\n{laughs}")).unwrap_err().contains("stand for"));
    }
}
