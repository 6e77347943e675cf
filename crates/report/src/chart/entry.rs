//! A chart: its name, when a study has data for it, what it shows, and how it is laid out.

use sweep_study::StudyRecord;

use super::draw::render;
use super::draw::scene::{Rect, Scene};
use super::draw::sheet::Sheet;
use super::{ChartError, Format};
use crate::facts::Facts;

/// A chart of a study; the file of each gives one to `TABLE`.
#[derive(Clone, Copy, Debug)]
pub struct Chart {
    /// Its name, which is also that of its file without the ending.
    pub name: &'static str,
    /// What it shows and how to read it, in a sentence or two.
    pub caption: &'static str,
    /// Whether the study has something to show in it: two things at least that can be compared. An empty picture, one
    /// with a single dot or with nothing but level lines is not drawn.
    pub(crate) shows: fn(&StudyRecord, &Facts) -> bool,
    /// Whether it draws readings on the way, which runs made elsewhere may lack.
    pub(crate) needs_curves: bool,
    /// Lays the facts out as shapes.
    pub(crate) scene: fn(&StudyRecord, &Facts, Sheet) -> Scene,
}

/// A chart as a file, and where it shows what.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// Width and height of the picture, in the unit of the places.
    pub size: (f64, f64),
    /// The cells that have a place of their own, as indices into those of the facts, and where they lie.
    pub cells: Vec<(usize, Rect)>,
}

impl Chart {
    /// Draws it; equal records give equal bytes.
    ///
    /// # Errors
    /// The drawing library refused, or the pixels could not be encoded.
    pub fn draw(&self, record: &StudyRecord, facts: &Facts, format: Format) -> Result<Drawn, ChartError> {
        self.draw_on(Sheet::Wide, record, facts, format)
    }

    /// The same on another sheet.
    pub(crate) fn draw_on(
        &self,
        sheet: Sheet,
        record: &StudyRecord,
        facts: &Facts,
        format: Format,
    ) -> Result<Drawn, ChartError> {
        let scene = (self.scene)(record, facts, sheet);
        let bytes = render::draw(&scene, format)?;
        Ok(Drawn { bytes, size: (scene.width, scene.height), cells: scene.cells })
    }
}

/// Whether two different numbers are among these.
pub(crate) fn differ(mut numbers: impl Iterator<Item = f64>) -> bool {
    numbers.next().is_some_and(|first| numbers.any(|number| number != first))
}
