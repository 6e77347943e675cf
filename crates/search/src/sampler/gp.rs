//! Bayesian optimization with a Gaussian process.

use rand_chacha::ChaCha8Rng;
use sweep_study::Point;

use super::{Ask, Sampler};
use crate::design::Design;
use crate::fresh;
use crate::model::acquisition::{Effort, maximize};
use crate::model::encoding::Encoding;
use crate::model::lens::Lens;
use crate::model::surrogate::{Known, Learner, Shape, Surrogate};
use crate::stream::stream;

/// The part of each axis, at either end, that the start-up design leaves out: the corners of a cube are most of it, and
/// rarely hold the optimum.
const MARGIN: f64 = 0.1;

/// Losses before a surrogate can say anything.
const FEWEST: usize = 3;

/// Finite spaces of up to so many cells are looked through whole.
const WHOLE: u128 = 512;

/// Bayesian optimization with a Matérn-5/2 process and log expected improvement. A diverged trial counts as the worst
/// loss so far. The cache is the learned hyperparameters.
pub struct Gp {
    design: Design,
    learner: Learner,
}

impl Default for Gp {
    fn default() -> Gp {
        Gp { design: Design::within(MARGIN), learner: Learner::default() }
    }
}

impl Sampler for Gp {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        let start = ask.space.parameters.len().clamp(3, 8) + 2;
        let lenses = vec![Lens::default()];
        self.with(ask, &Shape { trend: false, boundary: false, start, gain: 0.0, prior: 0.0, lenses })
    }
}

impl Gp {
    /// The proposal of a surrogate of the given shape.
    pub fn with(&mut self, ask: &Ask<'_>, shape: &Shape) -> Option<Point> {
        if fresh::used_up(ask) {
            return None;
        }
        let mut rng = stream(ask.seed, Some(ask.number));
        let chosen = self.modelled(ask, shape, &mut rng);
        chosen.or_else(|| fresh::designed(ask, &mut self.design)).or_else(|| fresh::any(ask, &mut rng))
    }

    fn modelled(&mut self, ask: &Ask<'_>, shape: &Shape, rng: &mut ChaCha8Rng) -> Option<Point> {
        let encoding = Encoding::new(ask.space);
        let known = Known::new(&encoding, ask.history, shape);
        if known.finite < FEWEST || known.useful() < shape.start {
            return None;
        }
        let fit = self.learner.learn(ask.space, &encoding, ask.history, shape)?;
        let surrogate = Surrogate::new(&encoding, shape, fit, &known, ask.pending)?;
        choose(ask, &encoding, &known.best(5), &surrogate, rng)
    }
}

/// The most wanted point that is not taken.
fn choose(
    ask: &Ask<'_>,
    encoding: &Encoding<'_>,
    starts: &[Vec<f64>],
    surrogate: &Surrogate,
    rng: &mut ChaCha8Rng,
) -> Option<Point> {
    if ask.space.finite() && ask.space.cells() <= WHOLE {
        let cells = (0..ask.space.cells()).filter_map(|cell| ask.space.cell(cell));
        let free: Vec<Point> = cells.filter(|point| !fresh::taken(ask, point)).collect();
        let rows: Vec<Vec<f64>> = free.iter().map(|point| encoding.row_of(point)).collect();
        let best = free.into_iter().zip(surrogate.score(&rows)).max_by(|a, b| a.1.total_cmp(&b.1));
        return best.map(|(point, _)| point);
    }
    let effort = if ask.history.len() <= 100 {
        Effort { wide: 300, near: 40, searchers: 5, rounds: 16, draws: 12 }
    } else {
        Effort { wide: 120, near: 20, searchers: 3, rounds: 12, draws: 8 }
    };
    let ranked = maximize(encoding, starts, effort, rng, &mut |rows| surrogate.score(rows));
    ranked.iter().map(|row| encoding.point(row)).find(|point| !fresh::taken(ask, point))
}
