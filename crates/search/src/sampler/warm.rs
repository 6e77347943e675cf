//! Trials of other studies, then those of this one.

use sweep_study::{Earlier, EarlierTrial, Point, Study};

use super::{Ask, Sampler};
use crate::{Evidence, Observation};

/// A sampler that knows the trials of other studies from the start, as if they came before its own. They shorten its
/// start-up phase. Their points have not run in this study, so it may propose them.
pub struct Warm {
    /// The earlier trials, then those of this study that were known at the last proposal, by number.
    history: Vec<Observation>,
    earlier: usize,
    then: Box<dyn Sampler>,
}

impl Warm {
    /// The sampler `then` after the trials `earlier`, numbered from 0.
    pub fn new(earlier: Vec<Observation>, then: Box<dyn Sampler>) -> Warm {
        Warm { earlier: earlier.len(), history: earlier, then }
    }

    /// The arguments for the sampler, and the sampler.
    fn with_earlier<'a>(&'a mut self, ask: &Ask<'a>) -> (Ask<'a>, &'a mut dyn Sampler) {
        let earlier = self.earlier;
        self.history.truncate(earlier);
        let later =
            |known: &Observation| Observation { number: known.number + earlier as u64, ..known.clone() };
        self.history.extend(ask.history.iter().map(later));
        (Ask { history: &self.history, earlier, ..*ask }, self.then.as_mut())
    }
}

/// The trials that warm-start `study`.
pub fn earlier(study: &Study) -> Vec<Observation> {
    let observation = |(number, EarlierTrial { point, value }): (usize, &EarlierTrial)| {
        let evidence =
            value.map_or(Evidence::Diverged, |value| Evidence::from_metric(value, study.goal.direction));
        Observation::new(&study.space, number as u64, point.clone(), evidence)
    };
    study.from.iter().flat_map(|Earlier { trials, .. }| trials).enumerate().map(observation).collect()
}

impl Sampler for Warm {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        let (ask, then) = self.with_earlier(ask);
        then.propose(&ask)
    }

    fn enough(&mut self, ask: &Ask<'_>, part: f64) -> bool {
        let (ask, then) = self.with_earlier(ask);
        then.enough(&ask, part)
    }
}
