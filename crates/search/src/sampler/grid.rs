//! Every cell of the grid, once.

use sweep_study::Point;

use super::{Ask, Entry, Sampler};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "grid",
    aliases: &[],
    help: "Run every cell of a grid",
    learns: false,
    bounds_regret: false,
    new: || Box::new(Grid),
};

/// Proposes cell after cell; the last axis changes fastest.
pub struct Grid;

impl Sampler for Grid {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        ask.space.cell(u128::from(ask.number))
    }
}
