//! The questions that whoever runs a study asks.

use std::sync::Arc;

use sweep_study::Point;

use super::{Decision, Planner, Population, Rules, TrialReport};
use crate::{Observation, Stratum};

/// Decides what runs next.
pub trait Plan {
    /// What is to be done now. A [`Decision::Ask`] is answered by [`Plan::take`] or [`Plan::close`] before the next call.
    fn decide(&mut self) -> Decision;

    /// Takes the point that a sampler proposed, which lies in `stratum`.
    fn take(&mut self, point: Point, stratum: &Arc<Stratum>);

    /// Asks for no more points: the sampler has none.
    fn close(&mut self);

    /// Looks no further: asks for no more points, and trials that rest stay so.
    fn stop(&mut self);

    /// Takes the result of the last segment of a trial.
    fn report(&mut self, trial: u64, report: TrialReport);

    /// The number of the next point.
    fn number(&self) -> u64;

    /// The point of a trial.
    fn point(&self, trial: u64) -> Option<&Point>;

    /// What a sampler may know: the trials with their last known results, by number.
    fn history(&self) -> Vec<Observation>;

    /// The points of which some trial is not known yet, by number.
    fn pending(&self) -> Vec<Point>;
}

/// The plan of a study of which nothing has run.
pub fn plan(rules: Rules) -> Box<dyn Plan> {
    match rules.pruner.population() {
        Some(exploit) => Box::new(Population::new(rules, exploit)),
        None => Box::new(Planner::new(rules)),
    }
}
