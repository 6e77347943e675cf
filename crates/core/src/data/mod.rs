//! Data sets: what a network learns from, read or decoded once and shared by all trials.
//!
//! A [`Dataset`] never changes after it was made and is shared in an `Arc`. Its examples are one array, pixels as
//! bytes; three lists of row numbers name those that train, validate and test.

mod batch;
mod chance;
mod control;
mod csv;
mod embedded;
mod error;
mod idx;
mod inputs;
mod lines;
mod nonzeros;
mod npy;
mod npz;
mod open;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::kernels::{SparseMatrix, fetch};

pub use batch::Batch;
pub use control::is_environment;
pub use error::DataError;
pub use inputs::Inputs;
pub use lines::Lines;
pub(crate) use npz::npz_bytes;
pub use open::{Options, open};
pub use table::Predict;
pub use text::{PADDING, Tokens, Vocabulary};

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// One of so many classes.
    Classification {
        /// How many classes there are, at least two.
        classes: usize,
    },
    /// A number.
    Regression,
    /// The token that follows each token of a text.
    Language {
        /// How many tokens there are.
        vocabulary: usize,
    },
    /// Which action to take in an environment. There are no stored examples: an example is one environment step.
    Control {
        /// How many actions there are, at least two.
        actions: usize,
    },
}

/// What is to be predicted, one answer per example.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// The numbers of classes.
    Classes(Vec<u32>),
    /// Numbers.
    Numbers(Vec<f32>),
    /// Each token's next: the text answers itself.
    Following,
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

impl Part {
    /// What the names of metrics of this part begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Part::Train => "train_",
            Part::Validation => "val_",
            Part::Test => "test_",
        }
    }
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
    inputs: Inputs,
    answers: Answers,
    vocabulary: Vocabulary,
    rows: [Vec<u32>; 3],
    chance_loss: f64,
    nonzeros: OnceLock<Option<SparseMatrix>>,
}

impl Dataset {
    /// A data set called `name` of the examples `inputs` with their `answers`, whose `rows` train, validate and test.
    ///
    /// # Errors
    /// Numbers of inputs and answers that differ, an answer that the task does not have, a row that does not exist, or
    /// an empty part.
    pub fn new(
        name: &str,
        task: Task,
        inputs: Inputs,
        answers: Answers,
        rows: [Vec<u32>; 3],
    ) -> Result<Dataset, String> {
        let inputs = inputs.row_by_row();
        let mut dataset = Dataset {
            name: name.to_owned(),
            task,
            inputs,
            answers,
            vocabulary: Vocabulary::default(),
            rows,
            chance_loss: f64::INFINITY,
            nonzeros: OnceLock::new(),
        };
        dataset.check()?;
        dataset.chance_loss = chance::loss(&dataset);
        Ok(dataset)
    }

    /// Refuses parts that do not go together.
    fn check(&self) -> Result<(), String> {
        let (inputs, answered) = (self.inputs.examples().unwrap_or(0), self.examples());
        if self.size() == 0 || self.answers != Answers::Following && answered != inputs {
            return Err(format!("has {answered} labels but {inputs} examples of {} numbers", self.size()));
        }
        match (self.task, &self.answers) {
            (Task::Classification { classes }, Answers::Classes(labels)) => {
                if let Some(label) = labels.iter().find(|&&label| label as usize >= classes) {
                    return Err(format!("has the label {label}, but only {classes} classes"));
                }
            }
            (Task::Regression, Answers::Numbers(_)) | (Task::Language { .. }, Answers::Following) => {}
            _ => return Err(format!("has answers of another kind than {:?} asks for", self.task)),
        }
        for (rows, part) in self.rows.iter().zip(["training", "validation", "test"]) {
            if rows.is_empty() {
                return Err(format!("has too few examples ({answered}): the {part} part is empty"));
            }
            if let Some(row) = rows.iter().find(|&&row| row as usize >= answered) {
                return Err(format!("has no example {row}"));
            }
        }
        Ok(())
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
        self.inputs.shape()
    }

    /// Numbers per example.
    pub fn size(&self) -> usize {
        self.shape().iter().product()
    }

    /// The stored inputs of all parts, row after row.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Memory of the inputs, in bytes, with what was gathered of them so far.
    pub fn bytes(&self) -> usize {
        self.inputs.bytes() + self.nonzeros.get().and_then(Option::as_ref).map_or(0, SparseMatrix::bytes)
    }

    /// The inputs that are not zero, where they are so few that a network does better to skip the others; gathered at
    /// the first call and shared from then on.
    pub(crate) fn nonzeros(&self) -> Option<&SparseMatrix> {
        self.nonzeros.get_or_init(|| nonzeros::gather(&self.inputs, self.size())).as_ref()
    }

    /// Asks for the inputs of `rows` to be in the cache soon, where that pays; and for the answers of the rows `after`
    /// them, and for where the inputs of those lie, which is all that the next call waits for.
    pub(crate) fn fetch(&self, rows: &[u32], after: &[u32]) {
        if let (Answers::Classes(classes), Some(Some(inputs))) = (&self.answers, self.nonzeros.get()) {
            rows.iter().for_each(|&row| inputs.fetch::<true>(row));
            for &row in after {
                fetch::<true, _>(&classes[row as usize..=row as usize]);
                inputs.fetch_start(row);
            }
        }
    }

    /// What is to be predicted of the stored examples.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The tokens of a text; empty where the inputs are numbers.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Sets what the tokens stand for.
    pub(crate) fn set_vocabulary(&mut self, tokens: Vec<String>) {
        self.vocabulary = Vocabulary::new(tokens);
    }

    /// Numbers that a network puts out for one answer: classes, tokens, actions, or the one predicted.
    pub fn outputs(&self) -> usize {
        match self.task {
            Task::Classification { classes: outputs }
            | Task::Language { vocabulary: outputs }
            | Task::Control { actions: outputs } => outputs,
            Task::Regression => 1,
        }
    }

    /// The rows that belong to `part`, in order.
    pub fn rows(&self, part: Part) -> &[u32] {
        match part {
            Part::Train => &self.rows[0],
            Part::Validation => &self.rows[1],
            Part::Test => &self.rows[2],
        }
    }

    /// How many examples are stored.
    pub fn examples(&self) -> usize {
        match &self.answers {
            Answers::Classes(classes) => classes.len(),
            Answers::Numbers(numbers) => numbers.len(),
            // The last token of a window is answered by the first of the next.
            Answers::Following => {
                let tokens = self.inputs.tokens().map_or(0, <[u16]>::len);
                tokens.saturating_sub(1) / self.size().max(1)
            }
        }
    }

    /// Answers per example: one, or one per token.
    pub fn answers_each(&self) -> usize {
        if self.answers == Answers::Following { self.size() } else { 1 }
    }

    /// How many examples `part` holds; of an environment, the steps that are called an epoch, and the episodes by which
    /// an agent is validated and tested.
    pub fn count(&self, part: Part) -> usize {
        match (self.task, part) {
            (Task::Control { .. }, Part::Train) => control::EPOCH,
            (Task::Control { .. }, _) => control::EPISODES,
            _ => self.rows(part).len(),
        }
    }

    /// The loss on the validation part of the best constant prediction, which is that of the class (or token)
    /// frequencies of the training part, or of its mean: what a network that has learned nothing reaches. Infinite
    /// where a class never trains.
    pub fn chance_loss(&self) -> f64 {
        self.chance_loss
    }

    /// The share of the validation part that the best constant answer gets right, that of the most frequent class of
    /// the training part; `None` where there are no classes.
    pub fn chance_accuracy(&self) -> Option<f64> {
        chance::accuracy(self)
    }
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
