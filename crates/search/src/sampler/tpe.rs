//! The tree-structured Parzen estimator.

use rand::RngExt;
use sweep_study::Point;

use super::{Ask, Entry, Sampler};
use crate::design::Design;
use crate::model::encoding::Encoding;
use crate::model::parzen::{Parzen, Weighted};
use crate::stream::stream;
use crate::{Evidence, Observation, cube, fresh};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "tpe",
    aliases: &[],
    help: "Tree-structured Parzen estimator: densities of good and bad points",
    learns: true,
    bounds_regret: false,
    new: || Box::new(Tpe::default()),
};

/// Useful trials before densities are compared, and the part of each axis, at either end, that these trials leave out:
/// people choose ranges that hold the optimum well inside.
const START: usize = 8;
const MARGIN: f64 = 0.15;

/// The share of the trials that counts as good, and their maximum number.
const GOOD: f64 = 0.1;
const MOST_GOOD: usize = 25;

/// The maximum number of the other trials in the second density, evenly chosen.
const MOST_OTHER: usize = 160;

/// Weight of the uniform part, in trials: among the good, where it keeps the search from settling, and among the
/// others.
const EVEN_GOOD: f64 = 0.25;
const EVEN_OTHER: f64 = 1.0;

/// Candidates drawn from the first density, and the chance that one is crossed. With many candidates the most likely
/// one lies in the middle of the good trials, so a small number leaves room to explore.
const CANDIDATES: usize = 16;
const CROSSED: f64 = 0.5;

/// At most this many draws per candidate; the candidates are the first new ones.
const PATIENCE: usize = 8;

/// Proposes the candidate that is most likely under the density of the good trials relative to that of the others
/// (Bergstra et al. 2011, NIPS 24), both over all parameters at once (Falkner et al. 2018, ICML). Half of the
/// candidates are drawn along each parameter separately, as in the first of these papers, so that they combine what
/// different good trials have found. A good trial weighs more the better it ranks. A parameter that a trial lacks gives
/// no evidence. Diverged trials rank after all trials with a loss; pending ones count among the others.
pub struct Tpe {
    design: Design,
}

impl Default for Tpe {
    fn default() -> Tpe {
        Tpe { design: Design::within(MARGIN) }
    }
}

impl Sampler for Tpe {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        if fresh::used_up(ask) {
            return None;
        }
        let mut rng = stream(ask.seed, Some(ask.number));
        let useful: Vec<&Observation> =
            ask.history.iter().filter(|known| known.evidence != Evidence::Nothing).collect();
        let lossless = useful.iter().all(|known| known.evidence.loss().is_none());
        if useful.len() < START || lossless {
            return fresh::designed(ask, &mut self.design).or_else(|| fresh::any(ask, &mut rng));
        }
        let encoding = Encoding::new(ask.space);
        let (good, mut others) = split(&useful);
        let pending = ask.pending.iter().rev().take(MOST_OTHER);
        others.extend(pending.map(|point| (1.0, cube::units(ask.space, point))));
        let good = Parzen::new(&encoding.axes, good, EVEN_GOOD);
        let others = Parzen::new(&encoding.axes, others, EVEN_OTHER);
        let mut candidates: Vec<(f64, Point)> = Vec::with_capacity(CANDIDATES);
        for _ in 0..CANDIDATES * PATIENCE {
            if candidates.len() == CANDIDATES {
                break;
            }
            let point = encoding.point(&good.draw(rng.random_bool(CROSSED), &mut rng));
            // In an infinite space repeats are rare, so they are checked at the end.
            if ask.space.finite() && fresh::taken(ask, &point) {
                continue;
            }
            let row = cube::units(ask.space, &point);
            candidates.push((good.log_density(&row) - others.log_density(&row), point));
        }
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        let best = candidates.into_iter().map(|(_, point)| point).find(|point| !fresh::taken(ask, point));
        best.or_else(|| fresh::any(ask, &mut rng))
    }
}

/// The coordinates of the good trials, the best first, and of the others by number, each after its weight.
fn split(useful: &[&Observation]) -> (Weighted, Weighted) {
    let rank = |known: &Observation| (known.evidence.loss().unwrap_or(f64::INFINITY), known.number);
    let order = |a: &(f64, u64), b: &(f64, u64)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    let count = ((useful.len() as f64 * GOOD).ceil() as usize).clamp(1, MOST_GOOD).min(useful.len());
    let mut ranks: Vec<(f64, u64)> = useful.iter().map(|known| rank(known)).collect();
    let (_, last, _) = ranks.select_nth_unstable_by(count - 1, order);
    let last = *last;
    let good = |known: &&&Observation| order(&rank(known), &last).is_le();
    let (mut good, others): (Vec<&Observation>, Vec<&Observation>) = useful.iter().partition(good);
    good.sort_by(|a, b| order(&rank(a), &rank(b)));
    let good = weights(good.len()).into_iter().zip(good.iter().map(|known| known.units.clone()));
    let kept = others.len().min(MOST_OTHER);
    let even = (0..kept).map(|k| (1.0, others[k * others.len() / kept].units.clone()));
    (good.collect(), even.collect())
}

/// Weights of mean 1 that fall with the logarithm of the rank, as in CMA-ES (Hansen 2016, arXiv 1604.00772, eq. 49).
fn weights(count: usize) -> Vec<f64> {
    let end = (count as f64 + 1.0).ln();
    let raw: Vec<f64> = (0..count).map(|rank| end - (rank as f64 + 1.0).ln()).collect();
    let mean = raw.iter().sum::<f64>() / count.max(1) as f64;
    raw.into_iter().map(|weight| weight / mean).collect()
}
