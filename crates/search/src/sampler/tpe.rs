//! The tree-structured Parzen estimator.

use sweep_study::Point;

use super::{Ask, Sampler};
use crate::design::Design;
use crate::model::encoding::Encoding;
use crate::model::parzen::{Parzen, Row};
use crate::stream::stream;
use crate::{Evidence, Observation, cube, fresh};

/// Useful trials before densities are compared.
const START: usize = 10;

/// The part of the trials that counts as good, and the most of them.
const GOOD: f64 = 0.1;
const MOST_GOOD: usize = 25;

/// The most of the others that the second density is made of, an even choice.
const MOST_OTHER: usize = 160;

/// Candidates drawn from the first density.
const CANDIDATES: usize = 32;

/// Draws, of which the candidates are the first that are new, are at most this many times as many.
const PATIENCE: usize = 8;

/// Proposes the candidate that is most likely under the density of the good trials relative to that of the others
/// (Bergstra et al. 2011, NIPS 24), both over all parameters at once (Falkner et al. 2018, ICML). A parameter that a
/// trial lacks says nothing. Diverged trials count after all that ended with a loss, pending ones among the others.
#[derive(Default)]
pub struct Tpe {
    design: Design,
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
        others.extend(ask.pending.iter().rev().take(MOST_OTHER).map(|point| cube::units(ask.space, point)));
        let (good, others) = (Parzen::new(&encoding.axes, good), Parzen::new(&encoding.axes, others));
        let mut candidates: Vec<(f64, Point)> = Vec::with_capacity(CANDIDATES);
        for _ in 0..CANDIDATES * PATIENCE {
            if candidates.len() == CANDIDATES {
                break;
            }
            let point = encoding.point(&good.draw(&mut rng));
            // In an infinite space repeats are rare enough to be looked for at the end.
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

/// The coordinates of the good trials and of the others, both by number.
fn split(useful: &[&Observation]) -> (Vec<Row>, Vec<Row>) {
    let rank = |known: &Observation| (known.evidence.loss().unwrap_or(f64::INFINITY), known.number);
    let order = |a: &(f64, u64), b: &(f64, u64)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    let count = ((useful.len() as f64 * GOOD).ceil() as usize).clamp(1, MOST_GOOD).min(useful.len());
    let mut ranks: Vec<(f64, u64)> = useful.iter().map(|known| rank(known)).collect();
    let (_, last, _) = ranks.select_nth_unstable_by(count - 1, order);
    let last = *last;
    let good = |known: &&&Observation| order(&rank(known), &last).is_le();
    let (good, others): (Vec<&Observation>, Vec<&Observation>) = useful.iter().partition(good);
    let kept = others.len().min(MOST_OTHER);
    let even = (0..kept).map(|k| others[k * others.len() / kept].units.clone());
    (good.iter().map(|known| known.units.clone()).collect(), even.collect())
}
