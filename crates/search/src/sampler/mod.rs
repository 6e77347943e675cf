//! Samplers: one trait, one file each, one line in [`TABLE`].

pub mod ask;
mod cmaes;
mod genetic;
mod gp;
mod grid;
#[cfg(test)]
mod laws;
mod queued;
mod random;
mod ridge;
mod sobol;
mod table;
mod tpe;
mod warm;

use sweep_study::Point;

pub use ask::Ask;
pub use table::{Entry, UnknownSampler, bounding_regret, find, for_study, learns, names};

/// The samplers there are, in the order in which help lists them.
pub const TABLE: &[Entry] = &[
    grid::ENTRY,
    random::ENTRY,
    sobol::ENTRY,
    tpe::ENTRY,
    gp::ENTRY,
    cmaes::ENTRY,
    genetic::ENTRY,
    ridge::ENTRY,
];

/// Decides where to look.
///
/// The answer depends on the [`Ask`] alone. A sampler may keep a cache of what it worked out, never a truth. A point
/// of this study's history or pending is not proposed again; random, sobol and grid, which learn nothing, have their own order
/// of distinct points and do not look.
pub trait Sampler: Send {
    /// The point of the number asked for; `None` when the space is used up.
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point>;

    /// Whether, as far as its surrogate can say, no point betters the best loss of this study by more than `part` of it. Never
    /// so where too little is known, and of a sampler without a surrogate (see [`Entry::bounds_regret`]).
    fn enough(&mut self, _ask: &Ask<'_>, _part: f64) -> bool {
        false
    }
}
