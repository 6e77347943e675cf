//! Words as a shell takes them.

/// A word as a shell takes it; those that no shell changes stay as they are.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "=,.:/_-+%@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    // Only a zero byte cannot be quoted, and none comes from a command line.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), String::from)
}
