//! Bayesian optimization with a Gaussian process.

use rand_chacha::ChaCha8Rng;
use sweep_study::{Point, Space};

use super::{Ask, Entry, Sampler};
use crate::design::Design;
use crate::fresh;
use crate::model::acquisition::{Effort, maximize};
use crate::model::encoding::Encoding;
use crate::model::input_warp::InputWarp;
use crate::model::regret::{Search, bound};
use crate::model::surrogate::{Known, Learner, Shape, Surrogate};
use crate::stream::stream;
use sweep_settings::numbered_stream;

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "gp",
    aliases: &[],
    help: "Gaussian process with expected improvement",
    learns: true,
    bounds_regret: true,
    new: || Box::new(Gp::default()),
};

/// The part of each axis, at either end, that the start-up design leaves out: corners make up most of a cube and rarely
/// hold the optimum.
const MARGIN: f64 = 0.1;

/// Losses needed before the surrogate is used.
const FEWEST: usize = 3;

/// Losses of a study before its regret is bounded, so that hyperparameters are learned by then; and how many of the
/// best are searched for the lowest upper bound.
const SURE: usize = 20;
const BEST: usize = 20;

/// Finite spaces of up to this many cells are searched exhaustively.
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
        self.with(ask, &shape(ask.space))
    }

    fn enough(&mut self, ask: &Ask<'_>, part: f64) -> bool {
        self.enough_with(ask, part, &shape(ask.space))
    }
}

/// The surrogate of a space without prior knowledge.
fn shape(space: &Space) -> Shape {
    let start = space.parameters.len().clamp(3, 8) + 2;
    Shape { trend: false, boundary: false, start, prior: 0.0, input_warps: vec![InputWarp::default()] }
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

    /// The answer to [`Sampler::enough`] of a surrogate of the given shape. Hyperparameters are held between refits,
    /// and later trials may belie them; so if the held ones agree to stop, those learned from all results must agree
    /// too.
    pub fn enough_with(&mut self, ask: &Ask<'_>, part: f64, shape: &Shape) -> bool {
        // Pending points have no loss to stop by.
        let ask = Ask { pending: &[], ..*ask };
        let encoding = Encoding::new(ask.space);
        let Some((known, held)) = self.surrogate(&ask, &encoding, shape) else { return false };
        let settled = |surrogate: &Surrogate| {
            let regret = regret(&ask, &encoding, shape, &known, surrogate);
            regret.is_some_and(|regret| regret <= part)
        };
        let anew = || Surrogate::new(&encoding, shape, known.fit(&encoding, shape, true)?, &known, &[]);
        settled(&held) && anew().is_some_and(|surrogate| settled(&surrogate))
    }

    fn modelled(&mut self, ask: &Ask<'_>, shape: &Shape, rng: &mut ChaCha8Rng) -> Option<Point> {
        let encoding = Encoding::new(ask.space);
        let (known, surrogate) = self.surrogate(ask, &encoding, shape)?;
        choose(ask, &encoding, &known.best(5), &surrogate, rng)
    }

    /// The known results and the surrogate fitted to them; `None` if there are too few.
    fn surrogate(
        &mut self,
        ask: &Ask<'_>,
        encoding: &Encoding<'_>,
        shape: &Shape,
    ) -> Option<(Known, Surrogate)> {
        let known = Known::new(encoding, ask.history, shape);
        if known.finite < FEWEST || known.useful() < shape.start {
            return None;
        }
        let fit = self.learner.learn(ask.space, encoding, (ask.history, ask.earlier), shape)?;
        let surrogate = Surrogate::new(encoding, shape, fit, &known, ask.pending)?;
        Some((known, surrogate))
    }
}

/// Upper bound on the gap between the best trial of this study and the best of the space, relative to its loss; `None`
/// if too little is known.
fn regret(
    ask: &Ask<'_>,
    encoding: &Encoding<'_>,
    shape: &Shape,
    known: &Known,
    surrogate: &Surrogate,
) -> Option<f64> {
    let own = Known::new(encoding, ask.own(), shape);
    if own.finite < SURE {
        return None;
    }
    let least = ask.own().iter().filter_map(|known| known.evidence.loss()).reduce(f64::min)?;
    let search = Search { space: ask.space, whole: WHOLE, effort: effort(ask.history.len()) };
    let mut rng = numbered_stream(ask.seed, "regret", ask.number);
    let regret = bound(encoding, surrogate, &own.best(BEST), known.useful(), &search, &mut rng)?;
    Some(regret / least.abs()).filter(|part| part.is_finite())
}

/// Search effort for this many trials: the more there are, the more an evaluation costs.
fn effort(trials: usize) -> Effort {
    if trials <= 100 {
        Effort { wide: 300, near: 40, searchers: 5, rounds: 16, draws: 12 }
    } else {
        Effort { wide: 120, near: 20, searchers: 3, rounds: 12, draws: 8 }
    }
}

/// The point of the highest score that is not taken.
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
    let ranked =
        maximize(encoding, starts, effort(ask.history.len()), rng, &mut |rows| surrogate.score(rows));
    ranked.iter().map(|row| encoding.point(row)).find(|point| !fresh::taken(ask, point))
}
