//! Samplers: one trait, one file each, one line in [`build`].

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
mod tpe;
mod warm;

use sweep_study::{Point, Space, Study};

use crate::Observation;

/// What a sampler is asked with.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where it may look.
    pub space: &'a Space,
    /// The study's seed.
    pub seed: u64,
    /// The number of the point that is wanted, from 0.
    pub number: u64,
    /// The finished trials it is entitled to know, by number. Replicates of a point stand beside each other.
    pub history: &'a [Observation],
    /// How many of these, the first ones, are trials of other studies: evidence, but no proposals of this one.
    pub earlier: usize,
    /// Points proposed before this one of which nothing is known yet, by number.
    pub pending: &'a [Point],
}

impl<'a> Ask<'a> {
    /// The finished trials of this study.
    pub fn own(&self) -> &'a [Observation] {
        self.history.get(self.earlier..).unwrap_or_default()
    }
}

/// Decides where to look.
///
/// The answer depends on the [`Ask`] alone. A sampler may keep a cache of what it worked out, never a truth. A point
/// of this study's history or pending is not proposed again; random, sobol and grid, which learn nothing, have their own order
/// of distinct points and do not look.
pub trait Sampler: Send {
    /// The point of the number asked for; `None` when the space is used up.
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point>;

    /// Whether, as far as its surrogate can say, no point betters the best loss of this study by more than `part` of it. Never
    /// so where too little is known, and of a sampler without a surrogate (see [`bounds`]).
    fn enough(&mut self, _ask: &Ask<'_>, _part: f64) -> bool {
        false
    }
}

/// The samplers there are, by the name a person types.
pub const NAMES: [&str; 8] = ["grid", "random", "sobol", "tpe", "gp", "cmaes", "genetic", "ridge"];

/// The sampler's own name for a name typed: one of [`NAMES`], or `bayes` for `ridge`; `None` where there is none.
pub fn named(name: &str) -> Option<&'static str> {
    let name = if name == "bayes" { "ridge" } else { name };
    NAMES.into_iter().find(|own| *own == name)
}

/// Whether the sampler of a name looks at results; the others propose the same points whatever comes out.
pub fn learns(name: &str) -> bool {
    !matches!(name, "grid" | "random" | "sobol")
}

/// Whether the sampler of a name has a surrogate, which bounds the regret that is left.
pub fn bounds(name: &str) -> bool {
    matches!(name, "gp" | "ridge")
}

/// The sampler of a study, its enqueued points first and, where it learns, the trials that it begins from known; `None` for
/// a name that there is not.
pub fn of(study: &Study) -> Option<Box<dyn Sampler>> {
    let mut sampler = build(&study.sampler)?;
    if learns(&study.sampler) && !study.from.is_empty() {
        sampler = Box::new(warm::Warm::new(warm::earlier(study), sampler));
    }
    if study.enqueue.is_empty() {
        return Some(sampler);
    }
    Some(Box::new(queued::Queued::new(study.enqueue.clone(), sampler, learns(&study.sampler))))
}

/// The sampler of a name, see [`named`].
pub fn build(name: &str) -> Option<Box<dyn Sampler>> {
    match named(name)? {
        "grid" => Some(Box::new(grid::Grid)),
        "random" => Some(Box::new(random::Random::default())),
        "sobol" => Some(Box::new(sobol::Sobol::default())),
        "tpe" => Some(Box::new(tpe::Tpe::default())),
        "cmaes" => Some(Box::new(cmaes::CmaEs::default())),
        "genetic" => Some(Box::new(genetic::Genetic::default())),
        "gp" => Some(Box::new(gp::Gp::default())),
        "ridge" => Some(Box::new(ridge::Ridge::default())),
        _ => None,
    }
}
