//! Population-based training as a pruner: its rungs are the generations.

use super::percentile::even;
use super::{Field, Pruner, Standing, Verdict};
use crate::planner::Exploit;

/// A population of which, at each of even rungs, the worst end and are followed by changed copies of the best.
pub struct Pbt {
    exploit: Exploit,
    rungs: Vec<f64>,
}

impl Pbt {
    /// The population of `generations` generations.
    pub fn new(share: f64, factor: f64, generations: usize) -> Pbt {
        Pbt { exploit: Exploit { share, factor }, rungs: even(generations) }
    }
}

impl Pruner for Pbt {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn judge(&self, _: &Standing, _: &Field<'_>) -> Verdict {
        Verdict::Continue
    }

    fn population(&self) -> Option<Exploit> {
        Some(self.exploit)
    }

    fn trials(&self, points: u64) -> u64 {
        let ended = (self.exploit.share * points as f64).ceil() as u64;
        points + ended * (self.rungs.len() as u64 - 1)
    }
}
