//! JSON as other programs write it: with NaN and Infinity, which JSON does not have.

/// `line` with the bare words NaN and Infinity, which many programs write, as words in quotes.
pub fn plain(line: &str) -> String {
    let (mut out, mut rest, mut quoted) = (String::with_capacity(line.len()), line, false);
    while let Some(letter) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word));
        if let Some(word) = word.filter(|_| !quoted) {
            out.extend(["\"", word, "\""]);
            rest = &rest[word.len()..];
            continue;
        }
        let length = if quoted && letter == '\\' {
            rest.chars().take(2).map(char::len_utf8).sum()
        } else {
            quoted ^= letter == '"';
            letter.len_utf8()
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_inside_strings_stay() {
        assert_eq!(plain(r#"{"a\"NaN":NaN,"é":"Infinity"}"#), r#"{"a\"NaN":"NaN","é":"Infinity"}"#);
    }
}
