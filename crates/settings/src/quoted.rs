//! Values in quotes: an item of a list that is taken as it stands, whatever it holds.
//!
//! `tag='a,b',"c d"` lists two words. A quote within stands twice. Quotes count only around a whole item, so that
//! `it's` is a word as before.

use std::ops::Range;

use crate::Value;

/// The word that `item` holds in quotes; `None` if it is not quoted as a whole.
pub fn unquoted(item: &str) -> Option<String> {
    let quote = opening(item)?;
    let (inner, end) = closed(item, quote)?;
    (end == item.len()).then_some(inner)
}

/// `word` in quotes.
pub fn in_quotes(word: &str) -> String {
    let quote = if word.contains('"') && !word.contains('\'') { '\'' } else { '"' };
    let mut text = String::from(quote);
    for letter in word.chars() {
        text.push(letter);
        if letter == quote {
            text.push(quote);
        }
    }
    text.push(quote);
    text
}

/// The value that `item` spells: a word in quotes as it stands, anything else as [`Value::read`] has it.
pub fn read_item(item: &str) -> Value {
    unquoted(item).map_or_else(|| Value::read(item), Value::Text)
}

/// `value` as an item of a list that reads back the same.
pub fn item(value: &Value) -> String {
    match value {
        Value::Text(word) if !plain(word) || !same(word) => in_quotes(word),
        value => value.to_string(),
    }
}

/// A string of a study file as an item of a list: in quotes unless it is a number with an exponent, or reads back as it
/// stands.
pub fn string_item(word: &str) -> String {
    let exponent = word.contains(['e', 'E']) && word.parse::<f64>().is_ok_and(f64::is_finite);
    if plain(word) && (exponent || Value::read(word).to_string() == word) {
        word.to_owned()
    } else {
        in_quotes(word)
    }
}

/// Whether `word` is one item of a list of values, and neither a range nor a rule.
fn plain(word: &str) -> bool {
    !word.is_empty()
        && word.trim() == word
        && opening(word).is_none()
        && !word.starts_with(['@', '[', '{'])
        && !word.contains([',', '*', '^', '(', ')', '+'])
        && !word.contains("..")
}

/// Whether `word` reads as a word, or as items that print as it does.
fn same(word: &str) -> bool {
    match Value::read(word) {
        Value::Text(_) => true,
        list @ Value::List(_) => list.to_string() == word,
        _ => false,
    }
}

/// The spans of the items of `text` from `start` on, which `separator` parts outside quotes.
pub fn items(text: &str, start: usize, separator: char) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut from, mut at) = (start, start);
    let mut fresh = true;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if fresh && let Some(quote) = opening(&text[at..]) {
            fresh = false;
            let end = closed(&text[at..], quote).map(|(_, length)| at + length);
            let parts = |end: &usize| {
                let rest = text[*end..].trim_start();
                rest.is_empty() || rest.starts_with(separator)
            };
            if let Some(end) = end.filter(parts) {
                at = end;
                continue;
            }
        }
        let next = at + letter.len_utf8();
        if letter == separator {
            spans.push(from..at);
            (from, fresh) = (next, true);
        } else if !letter.is_whitespace() {
            fresh = false;
        }
        at = next;
    }
    spans.push(from..text.len());
    spans
}

/// The quote that `item` opens with.
fn opening(item: &str) -> Option<char> {
    item.chars().next().filter(|letter| matches!(letter, '"' | '\''))
}

/// What `text`, which opens with `quote`, holds up to the quote that closes it, and the length up to there.
fn closed(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != quote {
            inner.push(letter);
        } else if letters.next_if(|(_, next)| *next == quote).is_some() {
            inner.push(quote);
        } else {
            return Some((inner, at + quote.len_utf8()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_item_is_taken_as_it_stands() {
        let text = r#"x='a,b', "c ""d""" ,plain,it's,'half'x,y"#;
        let read: Vec<String> =
            items(text, 2, ',').into_iter().map(|span| read_item(text[span].trim()).to_string()).collect();
        assert_eq!(read, ["a,b", "c \"d\"", "plain", "it's", "'half'x", "y"]);
        assert_eq!(read_item("'010'"), Value::Text("010".into()));
        assert_eq!(read_item("''"), Value::Text(String::new()));
        assert_eq!(read_item("'"), Value::Text("'".into()));
    }

    #[test]
    fn every_word_reads_back_as_an_item() {
        for word in
            ["a,b", " x ", "", "1..3", "010", "true", "'", "\"'", "a*b", "[1, 2]", "../a", "1e-3/x", "é,"]
        {
            let value = Value::Text(word.to_owned());
            assert_eq!(read_item(&item(&value)), value, "{word}");
            assert_eq!(items(&item(&value), 0, ',').len(), 1, "{word}");
        }
        for value in [Value::Int(16), Value::Float(1e-5), Value::Flag(true), Value::Text("cosine".into())] {
            assert_eq!(read_item(&item(&value)), value);
        }
    }

    #[test]
    fn strings_of_a_file_keep_their_spelling() {
        let kept = |word: &str| read_item(&string_item(word));
        assert_eq!(kept("3.10"), Value::Text("3.10".into()));
        assert_eq!(kept("1e-3"), Value::Float(1e-3));
        assert_eq!(kept("16"), Value::Int(16));
        assert_eq!(kept("256/128"), Value::List(vec![Value::Int(256), Value::Int(128)]));
    }
}
