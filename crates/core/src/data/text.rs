//! Text: what its tokens are, and how it becomes a data set.
//!
//! A text alone trains a language model: each example is a window of the text, in which every token is to predict the
//! next. Texts with labels are sequences to classify, cut or padded to one length.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::table::{Labels, split_rows};
use super::{Answers, Dataset, Inputs, Part, Split, Task};

/// What a text is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Characters, as they are.
    Char,
    /// Words: runs of letters, digits and apostrophes, in lower case.
    Word,
}

impl FromStr for Tokens {
    type Err = String;

    fn from_str(text: &str) -> Result<Tokens, String> {
        match text {
            "char" => Ok(Tokens::Char),
            "word" => Ok(Tokens::Word),
            _ => Err(format!("tokens={text} is neither char nor word")),
        }
    }
}

/// The token that pads short sequences.
pub const PADDING: u16 = 0;

/// The token of a word that was not seen in training, or too rarely.
const UNKNOWN: u16 = 1;

/// How often a word must stand in the training part to be learned.
const OFTEN: usize = 2;

/// The largest vocabulary: the most frequent words.
const LARGEST: usize = 20_000;

/// The largest share of unknown tokens in a validation part that still measures what was learned.
const MOST_UNKNOWN: f64 = 0.5;

/// Default sequence length in tokens: of a text, of words, of characters with labels.
const LENGTHS: (usize, usize, usize) = (64, 64, 256);

/// The tokens that a data set knows, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary(Vec<String>);

impl Vocabulary {
    /// The vocabulary of `tokens`, each numbered by its place.
    pub(super) fn new(tokens: Vec<String>) -> Vocabulary {
        Vocabulary(tokens)
    }

    /// The number of `token`, if it is known.
    pub fn number(&self, token: &str) -> Option<u16> {
        self.0.iter().position(|other| other == token).map(|place| place as u16)
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The token with the number `token`.
    pub fn token(&self, token: u16) -> &str {
        self.0.get(usize::from(token)).map_or("", String::as_str)
    }
}

/// The language data set of a text of characters, in windows of `length` (64): the first 80 % train, then 10 %
/// validate, then 10 % test.
///
/// # Errors
/// A text too short for its windows, of one character only, or whose validation part holds other characters than its
/// training part; a textbook split; words.
pub(super) fn language(
    name: &str,
    text: &str,
    (tokens, length): (Option<Tokens>, Option<usize>),
    split: Split,
) -> Result<Dataset, String> {
    if split == Split::Textbook {
        return Err("has no test set of its own, which split=textbook validates on".into());
    }
    if tokens == Some(Tokens::Word) {
        return Err("is a text without labels, which is read by characters: leave tokens=word out".into());
    }
    let length = length.unwrap_or(LENGTHS.0);
    let characters: BTreeSet<char> = text.chars().collect();
    if characters.len() < 2 {
        return Err(match characters.first() {
            None => "is empty: there is nothing to learn from".into(),
            Some(only) => format!("holds the one character {only:?}: there is nothing to predict"),
        });
    }
    if characters.len() > usize::from(u16::MAX) {
        return Err(format!("holds {} different characters; at most 65535 are supported", characters.len()));
    }
    let number: BTreeMap<char, u16> = characters.iter().copied().zip(0..).collect();
    let ids: Vec<u16> = text.chars().map(|character| number[&character]).collect();
    let windows = ids.len().saturating_sub(1) / length;
    if windows < 10 {
        return Err(format!(
            "has {} characters, too few for ten windows of length={length} and one more; give a smaller --length",
            ids.len()
        ));
    }
    let (first, second) = (windows * 8 / 10, windows * 9 / 10);
    let rows = [(0, first), (first, second), (second, windows)].map(|(a, b)| (a as u32..b as u32).collect());
    let known: BTreeSet<u16> = ids[..first * length].iter().copied().collect();
    familiar(&ids[first * length..second * length], |token| known.contains(token))?;
    let task = Task::Language { vocabulary: characters.len() };
    let mut data = Dataset::new(name, task, Inputs::from_tokens(length, ids), Answers::Following, rows)?;
    data.set_vocabulary(characters.iter().map(char::to_string).collect());
    Ok(data)
}

/// The data set of labelled texts, drawn apart 80/10/10: `tokens` (words), the first `length` of each text (64 words,
/// 256 characters).
///
/// # Errors
/// No texts, labels of one class, a validation part of other words than the training part; a textbook split.
pub(super) fn classified(
    name: &str,
    texts: &[String],
    labels: &Labels,
    (tokens, length): (Option<Tokens>, Option<usize>),
    split: Split,
) -> Result<Dataset, String> {
    let (answers, task) = labels.answers()?;
    let rows = split_rows(texts.len(), split)?;
    let tokens = tokens.unwrap_or(Tokens::Word);
    let cut: Vec<Vec<String>> = texts.iter().map(|text| pieces(text, tokens)).collect();
    let vocabulary = vocabulary(rows[0].iter().map(|&row| &cut[row as usize]));
    let number: BTreeMap<&str, u16> = vocabulary.0.iter().map(String::as_str).zip(0..).collect();

    let default = if tokens == Tokens::Word { LENGTHS.1 } else { LENGTHS.2 };
    let longest = cut.iter().map(Vec::len).max().unwrap_or(0);
    let length = length.unwrap_or(default).min(longest);
    if length == 0 {
        return Err("has no text: every line of the column is empty".into());
    }
    let mut ids = Vec::with_capacity(texts.len() * length);
    for text in &cut {
        // A text of no tokens is one unknown token, so that every sequence has a last step.
        let known = text.iter().map(|token| number.get(token.as_str()).copied().unwrap_or(UNKNOWN));
        let start = ids.len();
        ids.extend(known.take(length));
        if ids.len() == start {
            ids.push(UNKNOWN);
        }
        ids.resize(start + length, PADDING);
    }
    let validation: Vec<u16> = rows[Part::Validation as usize]
        .iter()
        .flat_map(|&row| &ids[row as usize * length..][..length])
        .copied()
        .filter(|&token| token != PADDING)
        .collect();
    familiar(&validation, |&token| token != UNKNOWN)?;
    let mut data = Dataset::new(name, task, Inputs::from_tokens(length, ids), answers, rows)?;
    data.set_vocabulary(vocabulary.0);
    Ok(data)
}

fn pieces(text: &str, tokens: Tokens) -> Vec<String> {
    match tokens {
        Tokens::Char => text.chars().map(String::from).collect(),
        Tokens::Word => text
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
            .map(|word| word.trim_matches('\'').to_lowercase())
            .filter(|word| !word.is_empty())
            .collect(),
    }
}

/// Padding, the unknown token, then what stands often enough in `texts`, most frequent first.
fn vocabulary<'a>(texts: impl Iterator<Item = &'a Vec<String>>) -> Vocabulary {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.flatten().for_each(|token| *counts.entry(token).or_default() += 1);
    let mut often: Vec<(&str, usize)> = counts.into_iter().filter(|(_, count)| *count >= OFTEN).collect();
    often.sort_by_key(|&(token, count)| (std::cmp::Reverse(count), token));
    let words = often.into_iter().take(LARGEST).map(|(token, _)| token);
    Vocabulary(["", "?"].into_iter().chain(words).map(str::to_owned).collect())
}

/// Refuses a validation part most of whose tokens were never seen in training.
fn familiar(tokens: &[u16], known: impl Fn(&u16) -> bool) -> Result<(), String> {
    let strange = tokens.iter().filter(|token| !known(token)).count();
    if strange as f64 > MOST_UNKNOWN * tokens.len() as f64 {
        return Err(format!(
            "has a validation part of which {strange} of {} tokens never occur in training: the parts are not alike",
            tokens.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: (Option<Tokens>, Option<usize>) = (None, None);

    #[test]
    fn a_text_is_cut_into_windows_that_follow_each_other() {
        let text = "abcde".repeat(41);
        let data = language("t", &text, (None, Some(10)), Split::Holdout).unwrap();
        assert_eq!((data.examples(), data.count(Part::Train), data.count(Part::Test)), (20, 16, 2));
        assert_eq!(data.task(), Task::Language { vocabulary: 5 });
        assert!((data.chance_loss() - 5f64.ln()).abs() < 1e-3);
        assert_eq!(data.vocabulary().token(2), "c");
    }

    #[test]
    fn texts_that_teach_nothing_are_refused() {
        let why = |text: &str| language("t", text, NONE, Split::Holdout).unwrap_err();
        assert!(why("").contains("empty"));
        assert!(why(&"a".repeat(1000)).contains("one character"));
        assert!(why("abc").contains("too few"));
        let strange = format!("{}{}", "ab".repeat(800), "xy".repeat(200));
        assert!(why(&strange).contains("never occur in training"));
    }

    #[test]
    fn labelled_texts_are_filled_up_and_rare_words_unknown() {
        let texts: Vec<String> = (0..40)
            .map(|i| format!("The film's {} odd{i}", if i % 2 == 0 { "good" } else { "bad" }))
            .collect();
        let labels = Labels::Numbers((0..40).map(|i| f64::from(i % 2)).collect());
        let data = classified("t", &texts, &labels, NONE, Split::Holdout).unwrap();
        let tokens = data.inputs().tokens().unwrap();
        assert_eq!(data.shape(), [4]);
        assert_eq!(tokens[3], UNKNOWN);
        assert_eq!(data.vocabulary().token(tokens[1]), "film's");
    }
}
