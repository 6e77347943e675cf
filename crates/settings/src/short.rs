//! Long words in messages and tables.

/// The most letters of a value that a line of text shows.
const MOST: usize = 60;

/// `word` as a line of text shows it: the beginning and the end of a long one.
pub fn short(word: &str) -> String {
    let letters = word.chars().count();
    if letters <= MOST {
        return word.to_owned();
    }
    let (head, tail) = (MOST * 2 / 3, MOST / 3 - 1);
    let head: String = word.chars().take(head).collect();
    let tail: String = word.chars().skip(letters - tail).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_keep_both_ends() {
        assert_eq!(short("cosine"), "cosine");
        let long = short(&format!("begin{}end", "é".repeat(70_000)));
        assert!(long.starts_with("begin") && long.ends_with("end"), "{long}");
        assert_eq!(long.chars().count(), MOST);
    }
}
