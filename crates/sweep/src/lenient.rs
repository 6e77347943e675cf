//! JSON as other programs write it: with NaN and Infinity, which JSON does not have.

/// `line` with the bare words NaN and Infinity, which many programs write, as null.
pub fn plain(line: &str) -> String {
    let (mut out, mut rest, mut quoted) = (String::with_capacity(line.len()), line, false);
    while let Some(letter) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word));
        let (piece, length) = match word.filter(|_| !quoted) {
            Some(word) => ("null", word.len()),
            None if quoted && letter == '\\' => {
                let length = rest.chars().take(2).map(char::len_utf8).sum();
                (&rest[..length], length)
            }
            None => {
                quoted ^= letter == '"';
                (&rest[..letter.len_utf8()], letter.len_utf8())
            }
        };
        out.push_str(piece);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_inside_strings_stay() {
        assert_eq!(plain(r#"{"a\"NaN":NaN,"é":"Infinity"}"#), r#"{"a\"NaN":null,"é":"Infinity"}"#);
    }
}
