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

/// All samplers, in the order in which help lists them.
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
/// The answer depends only on the [`Ask`]. A sampler may cache what it computed, but holds no state of its own. A point
/// in this study's history or pending is not proposed again; random, sobol and grid, which do not learn, follow their
/// own order of distinct points without checking.
pub trait Sampler: Send {
    /// The point of the requested number; `None` if the space is used up.
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point>;

    /// Whether, according to its surrogate, no point improves on the best loss of this study by more than `part` of it.
    /// Always false while too little is known, and for a sampler without a surrogate (see [`Entry::bounds_regret`]).
    fn enough(&mut self, _ask: &Ask<'_>, _part: f64) -> bool {
        false
    }
}
