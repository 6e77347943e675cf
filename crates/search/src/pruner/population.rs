//! Population-based training as a pruner: its rungs are the generations.

use super::percentile::even;
use super::{Entry, Field, Pruner, Setting, Standing, Verdict};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "pbt",
    help: "population-based training: mutated copies of the best members replace the worst",
    command: Some("A population whose worst members become changed copies of the best"),
    asynchronous: false,
    settings: &[
        Setting {
            name: "generations",
            help: "number of rungs, evenly spaced over the budget",
            default: Some(10.0),
            low: 2.0,
            high: 1000.0,
        },
        Setting {
            name: "share",
            help: "share of the members that end at each rung, and share that is copied",
            default: Some(0.2),
            low: 0.01,
            high: 0.5,
        },
        Setting {
            name: "factor",
            help: "factor by which a setting of a copy changes, up or down, on a logarithmic scale",
            default: Some(1.25),
            low: 1.0,
            high: 10.0,
        },
    ],
    new: |values| {
        Box::new(Pbt::new(values.number("share"), values.number("factor"), values.count("generations")))
    },
};

/// How a population copies its best members.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exploit {
    /// The share of the members that end at each rung, and of those that are copied.
    pub share: f64,
    /// The factor by which a setting changes.
    pub factor: f64,
}

/// A population in which the worst members end at each of the evenly spaced rungs and mutated copies of the best
/// replace them.
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
