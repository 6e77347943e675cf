//! Loss and accuracy on a part of a data set.

use crate::data::{Batch, Dataset, Part, Task};
use crate::model::Model;
use crate::nn::loss::Score;

/// Means over a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean loss.
    pub loss: f64,
    /// Share of correct answers, 0 to 1; `None` if numbers are predicted.
    pub accuracy: Option<f64>,
}

/// Runs `model` at `parameters` over `part` of `data`, in pieces as large as the model accepts.
pub fn evaluate(model: &mut dyn Model, parameters: &[f32], data: &Dataset, part: Part) -> Evaluation {
    let rows = data.rows(part);
    let mut score = Score::default();
    for rows in rows.chunks(model.capacity()) {
        score += model.evaluate(parameters, &Batch { data, rows });
    }
    let count = rows.len() as f64;
    let answers = count * data.answers_each() as f64;
    let counted = data.task() != Task::Regression;
    Evaluation { loss: score.loss / count, accuracy: counted.then(|| score.correct as f64 / answers) }
}
