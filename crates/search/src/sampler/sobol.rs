//! Points of a scrambled Sobol' sequence.

use sweep_study::Point;

use super::{Ask, Entry, Sampler};
use crate::design::Design;

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "sobol",
    aliases: &[],
    help: "Points that fill the space evenly",
    learns: false,
    bounds_regret: false,
    new: || Box::new(Sobol::default()),
};

/// Quasi-random search: spread more evenly than independent draws, and without repeats.
#[derive(Default)]
pub struct Sobol {
    design: Design,
}

impl Sampler for Sobol {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        self.design.point(ask.seed, ask.space, ask.number).cloned()
    }
}
