//! Examples as a file gave them, made into a data set: parts drawn, classes numbered, features standardised.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;

use super::{Dataset, Inputs, Split, Task};
use crate::stream;

/// Answers as a file gives them.
pub(super) enum Labels {
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Words.
    Words(Vec<String>),
}

impl Labels {
    /// The classes as numbers from 0 in the order of the labels, and how many there are. Labels that are such
    /// numbers already keep them.
    ///
    /// # Errors
    /// Fewer than two classes.
    pub fn classes(&self) -> Result<(Vec<u32>, usize), String> {
        match self {
            Labels::Numbers(numbers) => number(numbers),
            Labels::Words(words) => number(words),
        }
    }
}

/// Replaces each label by its place among all.
fn number<T: Ord>(labels: &[T]) -> Result<(Vec<u32>, usize), String> {
    let names: Vec<&T> = labels.iter().collect::<BTreeSet<_>>().into_iter().collect();
    if names.len() < 2 {
        return Err("holds labels of one class only: there is nothing to tell apart".into());
    }
    let place = |label: &T| names.binary_search(&label).unwrap_or_default() as u32;
    Ok((labels.iter().map(place).collect(), names.len()))
}

/// The data set of examples that came without a test part: 80 % train, 10 % validate, 10 % test, drawn by the
/// stream `split` of seed 0, so that every study of a file sees the same parts.
///
/// # Errors
/// A textbook split, too few examples, or one class only.
pub(super) fn drawn(
    name: &str,
    shape: &[usize],
    inputs: Inputs,
    labels: &Labels,
    split: Split,
) -> Result<Dataset, String> {
    if split == Split::Textbook {
        return Err("has no test set of its own, which split=textbook validates on".into());
    }
    let (labels, classes) = labels.classes()?;
    let mut rows: Vec<u32> = (0..labels.len() as u32).collect();
    rows.shuffle(&mut stream(0, "split"));
    let tenth = labels.len() / 10;
    let test = rows.split_off(rows.len() - tenth);
    let validation = rows.split_off(rows.len() - tenth);
    Dataset::new(name, Task::Classification { classes }, shape, (inputs, labels), [rows, validation, test])
}

/// Moves and scales each of `columns` columns to mean 0 and variance 1 over `rows`; a column that is constant there
/// is only moved.
pub(super) fn standardise(floats: &mut [f32], columns: usize, rows: &[u32]) {
    for column in 0..columns {
        let values = || rows.iter().map(|&row| f64::from(floats[row as usize * columns + column]));
        let mean = values().sum::<f64>() / rows.len() as f64;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / rows.len() as f64;
        // Rounding alone gives a constant column a variance of this order.
        let constant = variance <= (mean * 1e-6).powi(2);
        let deviation = if constant { 1.0 } else { variance.sqrt() };
        for value in floats[column..].iter_mut().step_by(columns) {
            *value = ((f64::from(*value) - mean) / deviation) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_standardised_on_the_training_rows() {
        let mut table = vec![1.0, 7.0, 3.0, 7.0, 100.0, 8.0];
        standardise(&mut table, 2, &[0, 1]);
        assert_eq!(table, [-1.0, 0.0, 1.0, 0.0, 98.0, 1.0]);
    }

    #[test]
    fn classes_are_numbered_in_order() {
        let words = ["ham", "spam", "ham", "eggs"].map(String::from).to_vec();
        assert_eq!(Labels::Words(words).classes().unwrap(), (vec![1, 2, 1, 0], 3));
        assert_eq!(Labels::Numbers(vec![10, -1, 9]).classes().unwrap(), (vec![2, 0, 1], 3));
        assert!(Labels::Numbers(vec![4, 4]).classes().unwrap_err().contains("one class"));
    }
}
