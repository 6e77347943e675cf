//! Environments to act in, as data without examples: where an agent gets them from is its own doing.

use std::sync::{Arc, OnceLock};

use ndarray::ArcArray;

use super::{Answers, DataError, Dataset, Inputs, Options, Task, Vocabulary};

/// The environments that there are.
pub const NAMES: [&str; 1] = ["cartpole"];

/// Environment steps that are called an epoch, so that lengths and readings can be given in epochs.
pub const EPOCH: usize = 10_000;

/// Episodes by which an agent is validated, and others by which it is tested.
pub const EPISODES: usize = 100;

/// Whether `source` is an environment to act in.
pub fn is_environment(source: &str) -> bool {
    NAMES.contains(&source)
}

/// The environment called `name`, if it is one of [`NAMES`].
///
/// # Errors
/// Options that do not go with it.
pub(super) fn open(name: &str, options: &Options) -> Option<Result<Arc<Dataset>, DataError>> {
    if !is_environment(name) {
        return None;
    }
    if *options != Options::default() {
        let why = format!("data={name} is acted in; label, text, tokens, length and split go with examples");
        return Some(Err(DataError::Request(why)));
    }
    Some(Ok(Arc::new(Dataset {
        name: name.to_owned(),
        task: Task::Control { actions: 2 },
        inputs: Inputs::Floats(ArcArray::zeros(vec![0, 4])),
        answers: Answers::Numbers(Vec::new()),
        vocabulary: Vocabulary::default(),
        rows: [Vec::new(), Vec::new(), Vec::new()],
        chance_loss: f64::INFINITY,
        nonzeros: OnceLock::new(),
    })))
}
