//! The learning curves.

use sweep_study::StudyRecord;

use super::scene::Scene;
use super::title::{heading, title};
use super::{ChartError, Format, ink};
use crate::facts::Facts;

/// What the loss is drawn against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Passes over the training data.
    Epochs,
    /// Optimizer steps.
    Steps,
    /// Training examples seen.
    Examples,
    /// Seconds of training.
    Seconds,
}

/// The learning curves.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn curves(record: &StudyRecord, facts: &Facts, by: By, format: Format) -> Result<Vec<u8>, ChartError> {
    let _ = by;
    let mut scene = Scene::new(1600.0, 1000.0);
    heading(&mut scene, 60.0, &title(&record.study, facts), "");
    ink::draw(&scene, format)
}

/// The batch sizes against each other, each at its own best learning rate: loss against examples and, where they
/// were measured, against seconds.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn batches(record: &StudyRecord, facts: &Facts, format: Format) -> Result<Vec<u8>, ChartError> {
    curves(record, facts, By::Examples, format)
}
