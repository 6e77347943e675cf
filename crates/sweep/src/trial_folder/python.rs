//! Values as Python prints them, for command lines that Python programs were written against.

use serde_json::Value as Json;

/// What Python's `str` makes of a value: `True`, `None`, `1e-05`, `[1, 'a']`; a word is itself.
pub fn text(value: &Json) -> String {
    match value {
        Json::String(word) => word.clone(),
        value => repr(value),
    }
}

/// What Python's `repr` makes of a value.
fn repr(value: &Json) -> String {
    match value {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => self::float(float),
            _ => number.to_string(),
        },
        Json::String(word) => quoted(word),
        Json::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let field = |(name, value): (&String, &Json)| format!("{}: {}", quoted(name), repr(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}

/// The fewest digits that read back the same; an exponent of two digits or more below 10⁻⁴ and from 10¹⁶ on.
fn float(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) =
                exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

/// A word in quotes: single ones, unless it has some and no double ones.
fn quoted(word: &str) -> String {
    let quote = if word.contains('\'') && !word.contains('"') { '"' } else { '\'' };
    let mut text = String::from(quote);
    for letter in word.chars() {
        match letter {
            '\\' => text += "\\\\",
            '\n' => text += "\\n",
            '\r' => text += "\\r",
            '\t' => text += "\\t",
            letter if letter == quote => text.extend(['\\', letter]),
            letter => text.push(letter),
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Each text is what CPython 3.11 prints for `str` of the value.
    #[test]
    fn values_are_printed_as_python_does() {
        for (value, printed) in [
            (json!(true), "True"),
            (json!(null), "None"),
            (json!(16), "16"),
            (json!(1.0), "1.0"),
            (json!(0.0001), "0.0001"),
            (json!(0.00001), "1e-05"),
            (json!(-2.5e-7), "-2.5e-07"),
            (json!(1e16), "1e+16"),
            (json!(123456789012345.0), "123456789012345.0"),
            (json!(1.5e300), "1.5e+300"),
            (json!("it's"), "it's"),
            (json!(["it's", "a", 1, [null]]), r#"["it's", 'a', 1, [None]]"#),
            (json!({ "lr": 0.001, "nadam": { "beta": 0.9 } }), "{'lr': 0.001, 'nadam': {'beta': 0.9}}"),
        ] {
            assert_eq!(text(&value), printed);
        }
    }
}
