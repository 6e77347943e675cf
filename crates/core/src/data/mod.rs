//! Data sets: what a network learns from, read or decoded once and shared by all trials.
//!
//! A [`Dataset`] never changes after it was made and goes about in an `Arc`. Its examples lie in one piece of
//! storage, pixels as bytes; which of them train, validate and test is three lists of row numbers.

mod batch;
mod csv;
pub mod embedded;
mod error;
mod idx;
mod npy;
mod npz;
mod open;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use batch::Batch;
pub use error::DataError;
pub use open::open;

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// One of so many classes.
    Classification {
        /// How many classes there are, at least two.
        classes: usize,
    },
}

/// The numbers that are learned from, one row an example.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Pixels; a network sees them divided by 255.
    Bytes(Vec<u8>),
    /// Numbers as a network sees them.
    Floats(Vec<f32>),
}

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What parameters are fitted to.
    Train,
    /// What settings are chosen by.
    Validation,
    /// What is read once, for what was chosen.
    Test,
}

/// How the parts are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// The end of the training file (the last sixth: 10,000 of MNIST's 60,000) validates, the test file tests. A table
    /// without a test part is drawn apart 80/10/10.
    #[default]
    Holdout,
    /// As tutorials do: the whole training file trains, and the test file both validates and tests.
    Textbook,
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> Result<Split, String> {
        match text {
            "holdout" => Ok(Split::Holdout),
            "textbook" => Ok(Split::Textbook),
            _ => Err(format!("split={text} is neither holdout nor textbook")),
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Split::Holdout => "holdout",
            Split::Textbook => "textbook",
        })
    }
}

/// Examples with their answers, cut into parts.
#[derive(Clone, Debug)]
pub struct Dataset {
    name: String,
    task: Task,
    shape: Vec<usize>,
    inputs: Inputs,
    labels: Vec<u32>,
    rows: [Vec<u32>; 3],
    chance_loss: f64,
}

impl Dataset {
    /// A data set called `name` of examples of the given `shape`, whose `rows` train, validate and test.
    ///
    /// # Errors
    /// Inputs that do not fill the shape, a label out of range, a row that does not exist, or an empty part.
    pub fn new(
        name: &str,
        task: Task,
        shape: &[usize],
        (inputs, labels): (Inputs, Vec<u32>),
        rows: [Vec<u32>; 3],
    ) -> Result<Dataset, String> {
        let numbers = match &inputs {
            Inputs::Bytes(bytes) => bytes.len(),
            Inputs::Floats(floats) => floats.len(),
        };
        let size: usize = shape.iter().product();
        if size == 0 || labels.len() * size != numbers {
            return Err(format!("has {} labels but {numbers} numbers for {size} an example", labels.len()));
        }
        let Task::Classification { classes } = task;
        if let Some(label) = labels.iter().find(|&&label| label as usize >= classes) {
            return Err(format!("has the label {label}, but only {classes} classes"));
        }
        for (rows, part) in rows.iter().zip(["training", "validation", "test"]) {
            if rows.is_empty() {
                return Err(format!("has too few examples ({}): the {part} part is empty", labels.len()));
            }
            if let Some(row) = rows.iter().find(|&&row| row as usize >= labels.len()) {
                return Err(format!("has no example {row}"));
            }
        }
        let chance_loss = chance_loss(&labels, classes, &rows[0], &rows[1]);
        Ok(Dataset { name: name.to_owned(), task, shape: shape.to_vec(), inputs, labels, rows, chance_loss })
    }

    /// Its name, for titles: `mnist`, or what the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        self.task
    }

    /// The shape of one example, outermost first: (height, width, channels) for images, (columns) for tables.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Numbers an example.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// The stored inputs of all parts, row after row.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The class of every stored example.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The rows that belong to `part`, in order.
    pub fn rows(&self, part: Part) -> &[u32] {
        match part {
            Part::Train => &self.rows[0],
            Part::Validation => &self.rows[1],
            Part::Test => &self.rows[2],
        }
    }

    /// How many examples `part` holds.
    pub fn count(&self, part: Part) -> usize {
        self.rows(part).len()
    }

    /// The loss on the validation part of the best constant prediction, which is that of the class frequencies of
    /// the training part: what a network that has learned nothing reaches. Infinite where a class never trains.
    pub fn chance_loss(&self) -> f64 {
        self.chance_loss
    }
}

/// See [`Dataset::chance_loss`].
fn chance_loss(labels: &[u32], classes: usize, train: &[u32], validation: &[u32]) -> f64 {
    let count = |rows: &[u32]| {
        let mut counts = vec![0_u64; classes];
        rows.iter().for_each(|&row| counts[labels[row as usize] as usize] += 1);
        counts
    };
    let surprise = |seen: u64| -(seen as f64 / train.len() as f64).ln();
    let asked = count(validation).into_iter().zip(count(train)).filter(|(asked, _)| *asked > 0);
    asked.map(|(asked, seen)| asked as f64 * surprise(seen)).sum::<f64>() / validation.len() as f64
}

/// The rows of the three parts of `trained` examples followed by `tested` ones that came as a test set of their own.
fn parts(trained: usize, tested: usize, split: Split) -> [Vec<u32>; 3] {
    let rows = |from: usize, to: usize| (from as u32..to as u32).collect::<Vec<u32>>();
    let test = rows(trained, trained + tested);
    match split {
        Split::Holdout => {
            let kept = trained - trained / 6;
            [rows(0, kept), rows(kept, trained), test]
        }
        Split::Textbook => [rows(0, trained), test.clone(), test],
    }
}
