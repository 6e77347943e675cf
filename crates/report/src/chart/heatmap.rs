//! The heatmap.

use sweep_study::StudyRecord;

use super::scene::Scene;
use super::title::{heading, title};
use super::{ChartError, Format, ink};
use crate::facts::Facts;

/// The heatmap.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn heatmap(record: &StudyRecord, facts: &Facts, format: Format) -> Result<Vec<u8>, ChartError> {
    let mut scene = Scene::new(1600.0, 1000.0);
    heading(&mut scene, 60.0, &title(&record.study, facts), "");
    ink::draw(&scene, format)
}
