//! Covariance matrix adaptation.

use rand::RngExt;
use sweep_study::{Point, Space};

use super::{Ask, Entry, Sampler};
use crate::model::encoding::Encoding;
use crate::model::evolution::Evolution;
use crate::model::quadratic::Quadratic;
use crate::stream::stream;
use crate::{Evidence, Observation, fresh};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "cmaes",
    aliases: &[],
    help: "Evolution strategy that learns its covariance",
    learns: true,
    bounds_regret: false,
    new: || Box::new(CmaEs::default()),
};

/// Maximum number of draws to find a new point.
const ATTEMPTS: usize = 50;

/// Number of draws from which the one that the surrogate ranks first is proposed.
const SCREENED: usize = 16;

/// CMA-ES with margin. Every λ useful trials, in the order of their numbers, form a generation, whoever proposed them;
/// a diverged trial ranks last in its generation. A quadratic fitted to the ranks of the trials so far chooses among
/// the draws of the distribution (pre-selection: Ulmer, Streichert & Zell 2003, CEC), since a trial costs much more
/// than a draw. It does not choose among categories, because the best trials, to which it is fitted, soon hold a single
/// category. The cache is the distribution after the complete generations.
#[derive(Default)]
pub struct CmaEs {
    reached: Option<Reached>,
}

/// A distribution and the trials it was learned from.
struct Reached {
    space: Space,
    from: Vec<Observation>,
    state: Evolution,
}

impl Sampler for CmaEs {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        if fresh::used_up(ask) {
            return None;
        }
        let encoding = Encoding::new(ask.space);
        let model = model(ask, &encoding);
        let state = self.reach(ask, &encoding);
        let (mut rng, mut even) = (stream(ask.seed, Some(ask.number)), stream(!ask.seed, Some(ask.number)));
        let mut draw = |like: Option<&[f64]>| {
            let mut row = state.draw(&mut || even.random(), &mut rng);
            if let Some(like) = like {
                encoding.keep_categories(like, &mut row);
            }
            encoding.snap(&mut row);
            row
        };
        for _ in 0..ATTEMPTS {
            let mut row = draw(None);
            if let Some(model) = &model {
                for _ in 1..SCREENED {
                    let other = draw(Some(&row));
                    if model.rank(&other) < model.rank(&row) {
                        row = other;
                    }
                }
            }
            let point = encoding.point(&row);
            if !fresh::taken(ask, &point) {
                return Some(point);
            }
        }
        fresh::any(ask, &mut rng)
    }
}

impl CmaEs {
    fn reach(&mut self, ask: &Ask<'_>, encoding: &Encoding<'_>) -> &Evolution {
        let same = |(one, other): (&Observation, &Observation)| {
            one.evidence == other.evidence && one.units == other.units
        };
        let fits = |reached: &Reached| {
            reached.space == *ask.space
                && reached.from.len() <= ask.history.len()
                && reached.from.iter().zip(ask.history).all(same)
        };
        if !self.reached.as_ref().is_some_and(fits) {
            self.reached = None;
        }
        let reached = self.reached.get_or_insert_with(|| Reached {
            space: ask.space.clone(),
            from: Vec::new(),
            state: Evolution::new(&encoding.axes),
        });
        let mut generation: Vec<&Observation> = Vec::new();
        for (index, known) in ask.history.iter().enumerate().skip(reached.from.len()) {
            if known.evidence != Evidence::Nothing {
                generation.push(known);
            }
            if generation.len() == reached.state.lambda {
                generation.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
                let rows: Vec<Vec<f64>> = generation.iter().map(|known| encoding.row(&known.units)).collect();
                reached.state.learn(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
                reached.from.extend_from_slice(&ask.history[reached.from.len()..=index]);
                generation.clear();
            }
        }
        &reached.state
    }
}

/// The surrogate of the best trials.
fn model<'a>(ask: &Ask<'_>, encoding: &'a Encoding<'_>) -> Option<Quadratic<'a>> {
    let useful = ask.history.iter().filter(|known| known.evidence != Evidence::Nothing);
    let mut ranked: Vec<&Observation> = useful.collect();
    ranked.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
    ranked.truncate(Quadratic::wanted(&encoding.axes));
    let finite = ranked.iter().filter(|known| loss(known).is_finite()).count();
    let rows: Vec<Vec<f64>> = ranked.iter().map(|known| encoding.row(&known.units)).collect();
    Quadratic::fit(&encoding.axes, &rows, finite)
}

/// The loss of a trial, infinite where it diverged.
fn loss(known: &Observation) -> f64 {
    known.evidence.loss().unwrap_or(f64::INFINITY)
}
