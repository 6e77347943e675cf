//! The axis syntax as typed: `batch=16,32,64`, `lr=1e-3..1e-1`, `x=0..5:6:lin`, `lr=0.01..2:x2`.
//!
//! This file parses the text and remembers the position of each word, so that an error can point at it. Its meaning for
//! a given setting is decided in [`super::levels`].

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use sweep_settings::{quoted, short};

use crate::Value;

/// An error in an axis, and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisError {
    /// The axis as typed.
    pub text: String,
    /// The byte at which the fault begins.
    pub at: usize,
    /// What is wrong and what to type instead.
    pub why: String,
}

/// The most letters of an axis that an error shows before and after its fault.
const SHOWN: usize = 60;

impl fmt::Display for AxisError {
    /// The reason, then the axis with a caret under the fault; of a long axis the part around it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before: Vec<char> = self.text.get(..self.at).unwrap_or(&self.text).chars().collect();
        let after: Vec<char> = self.text.get(self.at..).unwrap_or_default().chars().collect();
        let left = before.len().saturating_sub(SHOWN);
        let (dots, more) = (if left > 0 { "…" } else { "" }, if after.len() > SHOWN { "…" } else { "" });
        let before: String = dots.chars().chain(before[left..].iter().copied()).collect();
        let after: String = after.iter().take(SHOWN).collect();
        let blank = " ".repeat(before.chars().count());
        write!(f, "{}\n  {before}{after}{more}\n  {blank}^", self.why)
    }
}

impl std::error::Error for AxisError {}

/// An axis as typed, split into its parts but not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The whole text.
    pub text: String,
    /// The name before the `=`.
    pub name: String,
    /// The values after it.
    pub values: Values,
}

/// The values of an axis as typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// `a,b,c`: each value with the byte at which it begins; a value in quotes is a word as it stands.
    List(Vec<(Value, usize)>),
    /// `lo..hi` and its suffixes; an end may be left out where an axis is being extended.
    Range {
        /// The lower end and where it stands.
        low: Option<(f64, usize)>,
        /// The upper end and where it stands.
        high: Option<(f64, usize)>,
        /// The suffixes.
        suffixes: Suffixes,
    },
}

/// The suffixes of a range, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suffixes {
    /// `:9`, the number of grid points.
    pub points: Option<(usize, usize)>,
    /// `:log`, `:lin` or `:pow2`.
    pub scale: Option<(crate::Scale, usize)>,
    /// `:x2`, steps by a factor.
    pub factor: Option<(f64, usize)>,
    /// `:int`, whole numbers only.
    pub integer: bool,
}

/// The name of an axis as typed, before anything is checked.
pub fn typed_name(text: &str) -> &str {
    text.split('=').next().unwrap_or_default().trim()
}

impl Axis {
    /// Reads an axis. Ends may be missing from a range; the caller checks whether both are needed.
    ///
    /// # Errors
    /// A missing name, missing values, or an end or suffix that cannot be read.
    pub fn read(text: &str) -> Result<Axis, AxisError> {
        let fail = |at: usize, why: String| AxisError { text: text.to_owned(), at, why };
        let Some((name, rest)) = text.split_once('=') else {
            return Err(fail(
                text.len(),
                "an axis is name=values, such as lr=1e-3..1e-1 or batch=16,32".into(),
            ));
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(fail(0, "the axis has no name before the =".into()));
        }
        let start = text.len() - rest.len();
        if rest.trim().is_empty() {
            return Err(fail(start, format!("{name} has no values; write {}", example(name))));
        }
        let alone = quoted::items(text, start, ',').len() == 1;
        let values =
            if alone && is_range(rest) { range(text, start, name)? } else { list(text, start, name)? };
        Ok(Axis { text: text.to_owned(), name: name.to_owned(), values })
    }

    /// An error that points at byte `at` of this axis.
    pub fn fail(&self, at: usize, why: impl Into<String>) -> AxisError {
        AxisError { text: self.text.clone(), at, why: why.into() }
    }

    /// The byte at which the values begin.
    pub fn start(&self) -> usize {
        self.text.find('=').map_or(0, |at| at + 1)
    }
}

/// Values that `name` may well have, as they are typed.
pub fn example(name: &str) -> String {
    match crate::Role::likely(name) {
        Some(crate::Role::Batch) => format!("{name}=16,32,64"),
        Some(crate::Role::LearningRate) => format!("{name}=1e-3..1e-1"),
        None => format!("{name}=a,b,c or {name}=lo..hi"),
    }
}

fn list(text: &str, start: usize, name: &str) -> Result<Values, AxisError> {
    let fail = |at: usize, why: String| AxisError { text: text.to_owned(), at, why };
    let mut values: Vec<(Value, usize)> = Vec::new();
    let mut printed = HashSet::new();
    for span in quoted::items(text, start, ',') {
        let word = text[span.clone()].trim();
        let at = span.start + (text[span.clone()].len() - text[span.clone()].trim_start().len());
        if word.is_empty() {
            return Err(fail(at, format!("{name} has an empty value here; an empty text is {name}=''")));
        }
        if is_range(word) {
            let why =
                format!("{name} is either a list or one range; write {name}=a,b,c or {}", example(name));
            return Err(fail(at, why));
        }
        let value = quoted::read_item(word);
        // What prints the same is the same to whoever receives it.
        if !printed.insert(value.to_string()) {
            return Err(fail(at, format!("{name} lists {} twice", short(&value.to_string()))));
        }
        values.push((value, at));
    }
    Ok(Values::List(values))
}

/// Whether `values` is one range: two dots between ends, of which one is a number, or neither is there. A path is none.
fn is_range(values: &str) -> bool {
    if quoted::unquoted(values.trim()).is_some() {
        return false;
    }
    let Some((low, rest)) = values.split_once("..") else { return false };
    let high = rest.split(':').next().unwrap_or_default();
    let (low, high) = (low.trim(), high.trim());
    let number = |word: &str| word.parse::<f64>().is_ok();
    number(low) || number(high) || !values.contains(['/', '\\'])
}

fn range(text: &str, start: usize, name: &str) -> Result<Values, AxisError> {
    let fail = |at: usize, why: String| AxisError { text: text.to_owned(), at, why };
    let dots = start + text[start..].find("..").unwrap_or_default();
    let mut parts = quoted::items(text, (dots + 2).min(text.len()), ':').into_iter();
    let upper = parts.next().unwrap_or(text.len()..text.len());
    let end = |span: Range<usize>| -> Result<Option<(f64, usize)>, AxisError> {
        let word = text[span.clone()].trim();
        if word.is_empty() {
            return Ok(None);
        }
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some((number, span.start))),
            _ => Err(fail(
                span.start,
                format!(
                    "`{}` is not a number; a range is {name}=lo..hi; a word that has dots stands in quotes: {name}='a..b'",
                    short(word)
                ),
            )),
        }
    };
    let (low, high) = (end(start..dots)?, end(upper)?);
    if low.is_none() && high.is_none() {
        return Err(fail(dots, format!("the range of {name} has no ends; write {}", example(name))));
    }
    let mut suffixes = Suffixes::default();
    for span in parts {
        read_suffix(&mut suffixes, text[span.clone()].trim(), span.start)
            .map_err(|why| fail(span.start, why))?;
    }
    Ok(Values::Range { low, high, suffixes })
}

fn read_suffix(into: &mut Suffixes, word: &str, at: usize) -> Result<(), String> {
    const CHOICES: &str = ":9 (points), :log, :lin, :pow2, :int or :x2 (steps by a factor)";
    let scale = match word {
        "log" => Some(crate::Scale::Log),
        "lin" => Some(crate::Scale::Linear),
        "pow2" => Some(crate::Scale::Pow2),
        _ => None,
    };
    if let Some(scale) = scale {
        return match into.scale.replace((scale, at)) {
            None => Ok(()),
            Some(_) => Err("the range has two scales".into()),
        };
    }
    if word == "int" {
        into.integer = true;
        return Ok(());
    }
    if let Some(factor) = word.strip_prefix('x') {
        return match factor.parse::<f64>() {
            Ok(factor) if factor > 1.0 && factor.is_finite() => {
                into.factor = Some((factor, at));
                Ok(())
            }
            _ => Err(format!("`:{word}` must be a factor above 1, such as :x2")),
        };
    }
    match word.parse::<usize>() {
        Ok(0) => Err("a range has at least one point".into()),
        Ok(points) if points <= 1_000_000 => {
            into.points = Some((points, at));
            Ok(())
        }
        Ok(points) => Err(format!("{points} points on one axis are too many; the limit is a million")),
        Err(_) => Err(format!("`:{word}` is not a range suffix; use {CHOICES}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_are_read() {
        let axis = Axis::read("batch=16, 32,full").unwrap();
        let Values::List(values) = axis.values else { panic!("a list") };
        let words: Vec<String> = values.iter().map(|(value, _)| value.to_string()).collect();
        assert_eq!(words, ["16", "32", "full"]);
        let words = |text: &str| match Axis::read(text).unwrap().values {
            Values::List(values) => values.iter().map(|(value, _)| value.to_string()).collect::<Vec<_>>(),
            Values::Range { .. } => panic!("a list: {text}"),
        };
        assert_eq!(words("data=../a,../b"), ["../a", "../b"]);
        assert_eq!(words("data=../a"), ["../a"]);
        assert_eq!(words(r#"w='a,b',"c d",'1..2','',' x '"#), ["a,b", "c d", "1..2", "", " x "]);
        let axis = Axis::read("lr=1e-3..1e-1:log:9").unwrap();
        let Values::Range { low, high, suffixes } = axis.values else { panic!("a range") };
        assert_eq!((low.unwrap().0, high.unwrap().0), (1e-3, 1e-1));
        assert_eq!(suffixes.points.unwrap().0, 9);
        assert_eq!(suffixes.scale.unwrap().0, crate::Scale::Log);
    }

    #[test]
    fn errors_point_at_the_fault() {
        for (text, at) in [
            ("lr", 2),
            ("=3", 0),
            ("lr=", 3),
            ("lr=1,,2", 5),
            ("lr=1,2,1", 7),
            ("lr=a..2", 3),
            ("lr=1..b", 6),
            ("lr=..", 3),
            ("lr=1..2:foo", 8),
            ("lr=1..2:x1", 8),
            ("lr=1..2:0", 8),
            ("lr=1..2:log:lin", 12),
            ("lr=:1..5", 3),
            ("lr=:log1..5", 3),
            ("batch=:..", 6),
            ("lr=1..2,5", 3),
            ("x=1,1.0", 4),
            ("x=a..b", 2),
        ] {
            let error = Axis::read(text).unwrap_err();
            assert_eq!(error.at, at, "{error}");
        }
        let shown = Axis::read("lr=1..2:foo").unwrap_err().to_string();
        assert!(shown.ends_with("\n  lr=1..2:foo\n          ^"), "{shown}");
        let many: Vec<String> = (1..20_000).map(|level| level.to_string()).collect();
        let long = Axis::read(&format!("lr={},,1", many.join(","))).unwrap_err().to_string();
        assert!(long.lines().all(|line| line.chars().count() < 200), "{} letters", long.len());
        assert!(long.lines().nth(1).unwrap().ends_with("19999,,1"), "{long}");
    }
}
