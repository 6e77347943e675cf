//! Executors: what runs a trial.

pub mod command;
pub mod native;
pub mod remote;
pub mod simulated;
pub mod slurm;

use anyhow::Result;
use sweep_study::{Metrics, StepTime, Trial};

use crate::event::{Ending, Planned, Reading, Segment};

/// Runs one trial at a time on the thread that calls it; many threads may call.
pub trait Executor: Send + Sync {
    /// Runs `segment` to its end, or until `stop` answers true, which gives `None` and leaves nothing behind. Every
    /// reading goes to `report` as it is made. A trial comes to the same numbers in one segment or in many.
    fn run(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending>;

    /// How long the trial should take compared with others, in any unit, at least 1. The costly start first, so
    /// that no core idles at the end.
    fn cost(&self, trial: &Planned) -> u64;

    /// The test figures of a finished trial. A trial is the same every time, so it may be run again for them; empty
    /// where `stop` answers true.
    fn test(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Metrics;

    /// The weights that the finished `trial` ended with, as a NumPy archive; `None` where `stop` answers true or there
    /// are none to be had.
    ///
    /// # Errors
    /// Weights that cannot be written down.
    fn weights(&self, _trial: &Trial, _stop: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// How long a step of `trial` takes while nothing else runs; `None` where `stop` answers true, or it cannot be
    /// measured here.
    fn step_time(&self, _trial: &Trial, _stop: &dyn Fn() -> bool) -> Option<StepTime> {
        None
    }

    /// Why the study was stopped before its end, where it was not worth going on with.
    fn gave_up(&self) -> Option<String> {
        None
    }
}
