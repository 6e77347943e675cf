//! Bayesian optimization made for learning rate and batch size.

use sweep_study::{Parameter, Point, Role, Space};

use super::gp::Gp;
use super::{Ask, Entry, Sampler};
use crate::model::input_warp::InputWarp;
use crate::model::surrogate::Shape;

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "ridge",
    aliases: &["bayes"],
    help: "Gaussian process along the ridge of learning rate and batch size",
    learns: true,
    bounds_regret: true,
    new: || Box::new(Ridge::default()),
};

/// Weight of the belief that the optimum lies near the middle of the ranges, in trials.
const PRIOR: f64 = 5.0;

/// A Gaussian process for loss over η, B and what goes with them. It differs from `gp` in its prior knowledge:
///
/// - The best η follows a power of B, the ridge η ∝ Bᵖ, and momentum m multiplies η by 1/(1 − m). So the process sees
///   η/((1 − m)Bᵖ) instead of η, with p chosen by the evidence, and the loss is smooth along the ridge.
/// - In these logarithms the loss is approximately quadratic, and categories such as the schedule share that shape.
/// - Beyond some η trials diverge. The process learns this boundary instead of a loss value there: a diverged trial
///   shows that the loss is poor, not how poor.
/// - People choose ranges so that the best η and B lie inside.
///
/// If no axis is a learning rate or a batch size, it equals `gp`.
#[derive(Default)]
pub struct Ridge {
    gp: Gp,
}

impl Sampler for Ridge {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        match shape(ask.space) {
            Some(shape) => self.gp.with(ask, &shape),
            None => self.gp.propose(ask),
        }
    }

    fn enough(&mut self, ask: &Ask<'_>, part: f64) -> bool {
        match shape(ask.space) {
            Some(shape) => self.gp.enough_with(ask, part, &shape),
            None => self.gp.enough(ask, part),
        }
    }
}

/// The surrogate of a space with a learning rate or a batch size.
fn shape(space: &Space) -> Option<Shape> {
    let role = |parameter: &Parameter| Role::by_custom(&parameter.name);
    space.parameters.iter().find_map(role)?;
    let start = space.parameters.len().clamp(3, 6) + 2;
    let input_warps = InputWarp::training(space);
    Some(Shape { trend: true, boundary: true, start, prior: PRIOR, input_warps })
}
