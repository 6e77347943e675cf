//! Steps that were timed, by the settings that decide how long a step takes.

use super::StudyRecord;
use super::trial::{Point, Trial};
use crate::{StepTime, Study};

/// The timings, found by any trial whose steps take the same time.
#[derive(Debug)]
pub struct StepTimes<'a> {
    /// The study.
    pub study: &'a Study,
    shapes: Vec<(Point, &'a StepTime)>,
}

impl StudyRecord {
    /// The steps that were timed, by shape.
    pub fn step_times(&self) -> StepTimes<'_> {
        let timed = |time: &StepTime| self.trial(time.trial);
        let shape = |time| Some((self.study.shape(&timed(time)?.point), time));
        StepTimes { study: &self.study, shapes: self.pace.steps.iter().filter_map(shape).collect() }
    }
}

impl<'a> StepTimes<'a> {
    /// How long a step of `trial` takes alone; `None` if no such trial was timed or its batch size grows.
    pub fn of(&self, trial: &Trial) -> Option<&'a StepTime> {
        if self.shapes.is_empty() || self.study.grows(&trial.point) {
            return None;
        }
        let own = self.study.shape(&trial.point);
        self.shapes.iter().find(|(shape, _)| *shape == own).map(|(_, time)| *time)
    }
}
