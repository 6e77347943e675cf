//! Trials that are not run: losses made up from point and seed, to measure the program's own overhead for studies of
//! any size.

use sweep_settings::names;
use sweep_study::{Metrics, Outcome, Point, Study, Trial};

use super::Executor;
use crate::event::{Ending, Planned, Reading, Segment, pauses};

/// Readings of a trial.
const READINGS: u64 = 10;

/// The learning rate that is best, wherever the axes lie.
const BEST: f64 = 0.01;

/// Makes up the trials of one study.
pub struct Simulated {
    study: Study,
}

impl Simulated {
    /// What makes up the trials of `study`.
    pub fn new(study: Study) -> Simulated {
        Simulated { study }
    }

    /// The loss after a share of the budget: a parabola in the logarithm of the learning rate, which falls with the
    /// share.
    fn loss(&self, point: &Point, seed: u64, share: f64) -> f64 {
        let lr = self.study.setting(point, names::LR).and_then(|value| value.number()).unwrap_or(BEST);
        let away = (lr / BEST).log10();
        // No two seeds are alike; how they differ does not matter.
        let luck = (seed % 97) as f64 / 97.0;
        (0.1 + 0.2 * away * away) * (1.0 + 0.01 * luck) / share.sqrt()
    }
}

impl Executor for Simulated {
    fn run(
        &self,
        segment: &Segment,
        _: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending> {
        let Planned { point, seed, .. } = &segment.trial;
        let begun: u64 =
            segment.from.as_ref().and_then(|from| Some(u64::from(*from.state.first()?))).unwrap_or(0);
        let mut metrics = Metrics::new();
        for step in begun + 1..=READINGS {
            let share = step as f64 / READINGS as f64;
            metrics.insert(self.study.goal.metric.clone(), self.loss(point, *seed, share));
            report(Reading { step, epoch: share, metrics: metrics.clone() });
            if pauses(segment.until, share) {
                let checkpoint = Some([step as u8].into());
                return Some(Ending {
                    outcome: Outcome::Pruned,
                    steps: step,
                    counted: false,
                    epochs: share,
                    metrics,
                    checkpoint,
                });
            }
        }
        let outcome = Outcome::Complete { stuck: false };
        Some(Ending { outcome, steps: READINGS, counted: false, epochs: 1.0, metrics, checkpoint: None })
    }

    fn cost(&self, _: &Planned) -> u64 {
        1
    }

    fn test(&self, _: &Trial, _: &dyn Fn() -> bool) -> Metrics {
        Metrics::new()
    }
}
