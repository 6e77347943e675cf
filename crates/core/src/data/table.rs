//! Examples as a file gave them, made into a data set: parts drawn, classes numbered, features standardised.

use std::collections::BTreeSet;
use std::str::FromStr;

use rand::seq::SliceRandom;

use super::{Answers, Dataset, Inputs, Split, Task};
use crate::stream;

/// What is made of the label column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predict {
    /// Each label is a class.
    Classes,
    /// Each label is a number to be predicted.
    Numbers,
}

impl FromStr for Predict {
    type Err = String;

    /// Reads `classify` or `regress`.
    fn from_str(word: &str) -> Result<Predict, String> {
        match word {
            "classify" => Ok(Predict::Classes),
            "regress" => Ok(Predict::Numbers),
            _ => Err(format!("task={word} is not one of classify and regress")),
        }
    }
}

/// The most different whole numbers that are classes without being asked about.
const CLASSES: usize = 100;

/// The fewest of which most are different that are numbers to be predicted.
const MEASURED: usize = 20;

/// Answers as a file gives them.
pub(super) enum Labels {
    /// Numbers: classes where all are whole, else what is to be predicted.
    Numbers(Vec<f64>),
    /// Numbers to be predicted, whole or not.
    Measured(Vec<f64>),
    /// Words.
    Words(Vec<String>),
}

impl Labels {
    /// The labels of the `column` of a table as `predict` has it; where nothing is said, whole numbers most of which
    /// differ, such as prices, are to be predicted.
    ///
    /// # Errors
    /// Words that are to be predicted as numbers; whole numbers that may be either.
    pub fn meant(self, column: &str, predict: Option<Predict>) -> Result<Labels, String> {
        match (self, predict) {
            (Labels::Words(_), Some(Predict::Numbers)) => {
                Err(format!("column {column:?} holds words, which --task regress cannot predict"))
            }
            (Labels::Numbers(numbers) | Labels::Measured(numbers), Some(Predict::Numbers)) => {
                Ok(Labels::Measured(numbers))
            }
            (Labels::Numbers(numbers) | Labels::Measured(numbers), Some(Predict::Classes)) => {
                // Classes of numbers that are not whole keep their order.
                let order: BTreeSet<u64> = numbers.iter().map(|number| ordered(*number)).collect();
                let order: Vec<u64> = order.into_iter().collect();
                let place = |number: &f64| order.binary_search(&ordered(*number)).unwrap_or_default() as f64;
                Ok(Labels::Numbers(numbers.iter().map(place).collect()))
            }
            (Labels::Numbers(numbers), None) if numbers.iter().all(|number| number.fract() == 0.0) => {
                let different = numbers.iter().map(|number| *number as i64).collect::<BTreeSet<_>>().len();
                if different > MEASURED && 2 * different > numbers.len() {
                    return Ok(Labels::Measured(numbers));
                }
                if different > CLASSES {
                    return Err(format!(
                        "column {column:?} holds {different} different whole numbers: say what they are, --task classify or --task regress"
                    ));
                }
                Ok(Labels::Numbers(numbers))
            }
            (labels, _) => Ok(labels),
        }
    }

    /// The answers and the task they make. Classes are numbered from 0 in the order of the labels.
    ///
    /// # Errors
    /// Labels that are all the same.
    pub fn answers(&self) -> Result<(Answers, Task), String> {
        let (classes, labels) = match self {
            Labels::Words(words) => number(words),
            Labels::Numbers(numbers) if numbers.iter().all(|number| number.fract() == 0.0) => {
                number(&numbers.iter().map(|&number| number as i64).collect::<Vec<i64>>())
            }
            Labels::Numbers(numbers) | Labels::Measured(numbers) => {
                let numbers = numbers.iter().map(|&number| number as f32).collect();
                return Ok((Answers::Numbers(numbers), Task::Regression));
            }
        };
        if classes < 2 {
            return Err("holds labels of one class only: there is nothing to learn".into());
        }
        Ok((Answers::Classes(labels), Task::Classification { classes }))
    }
}

/// A number whose order is that of `number`.
fn ordered(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if number < 0.0 { !bits } else { bits | 1 << 63 }
}

/// How many labels there are, and each one's place among them.
fn number<T: Ord>(labels: &[T]) -> (usize, Vec<u32>) {
    let names: Vec<&T> = labels.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let place = |label: &T| names.binary_search(&label).unwrap_or_default() as u32;
    (names.len(), labels.iter().map(place).collect())
}

/// The rows of `count` examples that came without a test part: 80 % train, 10 % validate, 10 % test, drawn by the
/// stream `split` of seed 0, so that every study of a file sees the same parts.
///
/// # Errors
/// A textbook split.
pub(super) fn split_rows(count: usize, split: Split) -> Result<[Vec<u32>; 3], String> {
    if split == Split::Textbook {
        return Err("has no test set of its own, which split=textbook validates on".into());
    }
    let mut rows: Vec<u32> = (0..count as u32).collect();
    rows.shuffle(&mut stream(0, "split"));
    let tenth = count / 10;
    let test = rows.split_off(rows.len() - tenth);
    let validation = rows.split_off(rows.len() - tenth);
    Ok([rows, validation, test])
}

/// The data set of such examples. Numbers to be predicted are standardised on the training part, so that predicting
/// its mean has a loss of about 1.
///
/// # Errors
/// A textbook split, too few examples, or one class only.
pub(super) fn drawn(name: &str, inputs: Inputs, labels: &Labels, split: Split) -> Result<Dataset, String> {
    let (mut answers, task) = labels.answers()?;
    let count = match &answers {
        Answers::Classes(classes) => classes.len(),
        Answers::Numbers(numbers) => numbers.len(),
        Answers::Following => 0,
    };
    let rows = split_rows(count, split)?;
    if let Answers::Numbers(numbers) = &mut answers {
        standardise(numbers, 1, &rows[0]);
    }
    Dataset::new(name, task, inputs, answers, rows)
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
    fn whole_numbers_that_differ_are_to_be_predicted() {
        let task = |numbers: Vec<f64>, predict| {
            Labels::Numbers(numbers).meant("y", predict).and_then(|labels| Ok(labels.answers()?.1))
        };
        let prices: Vec<f64> = (0..400).map(|row| f64::from(row * 997 % 4001)).collect();
        assert_eq!(task(prices.clone(), None).unwrap(), Task::Regression);
        let classes = Some(Predict::Classes);
        assert_eq!(task(prices, classes).unwrap(), Task::Classification { classes: 400 });
        assert_eq!(task(vec![1.5, -1.5, 1.5], classes).unwrap(), Task::Classification { classes: 2 });
        let digits: Vec<f64> = (0..400).map(|row| f64::from(row % 10)).collect();
        assert_eq!(task(digits.clone(), None).unwrap(), Task::Classification { classes: 10 });
        assert_eq!(task(digits, Some(Predict::Numbers)).unwrap(), Task::Regression);
        let ids: Vec<f64> = (0..600).map(|row| f64::from(row % 200)).collect();
        assert!(task(ids, None).unwrap_err().contains("--task regress"));
    }

    #[test]
    fn classes_are_numbered_in_order() {
        let words = ["ham", "spam", "ham", "eggs"].map(String::from).to_vec();
        let classes = |labels: Labels| match labels.answers().unwrap() {
            (Answers::Classes(labels), Task::Classification { classes }) => (labels, classes),
            other => panic!("{other:?}"),
        };
        assert_eq!(classes(Labels::Words(words)), (vec![1, 2, 1, 0], 3));
        assert_eq!(classes(Labels::Numbers(vec![10.0, -1.0, 9.0])), (vec![2, 0, 1], 3));
        assert!(Labels::Numbers(vec![4.0, 4.0]).answers().unwrap_err().contains("one class"));
        assert_eq!(Labels::Numbers(vec![0.5, 1.0]).answers().unwrap().1, Task::Regression);
    }
}
