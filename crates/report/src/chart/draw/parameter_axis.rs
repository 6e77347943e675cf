//! One parameter as an axis: where a cell lies along it, and which marks stand there.

use sweep_study::{Parameter, StudyRecord};

use super::ticks;
use super::view::Levels;
use crate::facts::{Cell, Facts};

/// The most levels that all have a mark.
const MOST_MARKS: usize = 12;

/// A parameter as an axis.
pub struct ParameterAxis {
    levels: Levels,
    name: String,
}

impl ParameterAxis {
    /// The side of an axis of the study.
    pub fn of(record: &StudyRecord, facts: &Facts, axis: &Parameter) -> ParameterAxis {
        ParameterAxis { levels: Levels::of(record, facts, Some(axis)), name: axis.name.clone() }
    }

    /// The text beside it.
    pub fn title(&self) -> String {
        self.levels.axis_title()
    }

    /// Where each cell lies, as a share of the side with a little room at both ends; `None` where the parameter does
    /// not apply.
    pub fn shares(&self, cells: &[Cell]) -> Vec<Option<f64>> {
        let known = self.levels.by_label();
        let index = |cell: &Cell| known.get(cell.params.get(&self.name)?.to_string().as_str()).copied();
        cells.iter().map(|cell| Some(self.share(*self.levels.lines.get(index(cell)?)?))).collect()
    }

    /// The marks: shares and labels.
    pub fn marks(&self) -> Vec<(f64, String)> {
        if let (Some((low, high)), Some(scale)) = (self.levels.continuous, self.levels.scale) {
            let (low, high) = (scale.value(low), scale.value(high));
            let round = if low > 0.0 && high / low > 10.0 {
                ticks::logarithmic(low, high)
            } else {
                ticks::linear(low, high, 5)
            };
            return round
                .into_iter()
                .map(|value| (self.share(scale.line(value)), ticks::label(value)))
                .collect();
        }
        let all = self.levels.lines.iter().zip(&self.levels.labels);
        let stride = self.levels.lines.len().div_ceil(MOST_MARKS).max(1);
        all.step_by(stride).map(|(line, label)| (self.share(*line), ticks::typed(label))).collect()
    }

    fn share(&self, line: f64) -> f64 {
        let (low, high) = self.levels.span();
        if high > low { 0.04 + 0.92 * (line - low) / (high - low) } else { 0.5 }
    }
}
