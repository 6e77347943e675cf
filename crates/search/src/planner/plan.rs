//! The interface between a plan and the loop that runs a study.

use std::sync::Arc;

use sweep_study::Point;

use super::{Decision, Planner, Population, Rules, TrialReport};
use crate::{Observation, Stratum};

/// Decides what runs next.
pub trait Plan {
    /// What to do now. A [`Decision::Ask`] is answered by [`Plan::take`] or [`Plan::close`] before the next call.
    fn decide(&mut self) -> Decision;

    /// Accepts the point that a sampler proposed, which lies in `stratum`.
    fn take(&mut self, point: Point, stratum: &Arc<Stratum>);

    /// Stops asking for points: the sampler has no more.
    fn close(&mut self);

    /// Ends the search: asks for no more points and leaves paused trials paused.
    fn stop(&mut self);

    /// Records the result of the last segment of a trial.
    fn report(&mut self, trial: u64, report: TrialReport);

    /// The number of the next point.
    fn number(&self) -> u64;

    /// The point of a trial.
    fn point(&self, trial: u64) -> Option<&Point>;

    /// What a sampler may use: the trials with their last known results, by number.
    fn history(&self) -> Vec<Observation>;

    /// The points with a trial whose result is not known yet, by number.
    fn pending(&self) -> Vec<Point>;
}

/// The plan of a study before its first trial.
pub fn plan(rules: Rules) -> Box<dyn Plan> {
    match rules.pruner.population() {
        Some(exploit) => Box::new(Population::new(rules, exploit)),
        None => Box::new(Planner::new(rules)),
    }
}
