//! A genetic algorithm.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use sweep_study::Point;

use super::{Ask, Entry, Sampler};
use crate::design::Design;
use crate::model::encoding::Encoding;
use crate::stream::stream;
use crate::{Evidence, Observation, fresh};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "genetic",
    aliases: &[],
    help: "Crossover and mutation of the best points",
    learns: true,
    bounds_regret: false,
    new: || Box::new(Genetic::default()),
};

/// Trials of the start-up design, and the population size afterwards.
const START: usize = 10;
const POPULATION: usize = 24;

/// Tournament size: the best of this many random members becomes a parent.
const TOURNAMENT: usize = 6;

/// How far beyond its parents a child may lie, as a share of their distance (BLX-α, Eshelman & Schaffer 1993).
const BEYOND: f64 = 0.5;

/// Standard deviation of a mutation along an ordered axis, in standard deviations of the population, and its lower
/// bound.
const MUTATION: f64 = 0.5;
const LEAST: f64 = 0.005;

/// Maximum number of children bred to find a new one.
const ATTEMPTS: usize = 50;

/// A steady-state genetic algorithm in the unit cube: the population is the best trials so far (elitism), parents are
/// chosen by tournament, a child lies between and a little beyond them, and one coordinate on average mutates. Diverged
/// trials rank last in the population, and pending ones are not part of it.
#[derive(Default)]
pub struct Genetic {
    design: Design,
}

impl Sampler for Genetic {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        if fresh::used_up(ask) {
            return None;
        }
        let mut rng = stream(ask.seed, Some(ask.number));
        let encoding = Encoding::new(ask.space);
        let population = population(&encoding, ask.history);
        if population.len() < START {
            return fresh::designed(ask, &mut self.design).or_else(|| fresh::any(ask, &mut rng));
        }
        let spread = spread(&population);
        for _ in 0..ATTEMPTS {
            let child = encoding.point(&child(&encoding, &population, &spread, &mut rng));
            if !fresh::taken(ask, &child) {
                return Some(child);
            }
        }
        fresh::any(ask, &mut rng)
    }
}

/// The rows of the best trials, best first.
fn population(encoding: &Encoding<'_>, history: &[Observation]) -> Vec<Vec<f64>> {
    let mut useful: Vec<&Observation> =
        history.iter().filter(|known| known.evidence != Evidence::Nothing).collect();
    let rank = |known: &Observation| known.evidence.loss().unwrap_or(f64::INFINITY);
    useful.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then(a.number.cmp(&b.number)));
    useful.iter().take(POPULATION).map(|known| encoding.row(&known.units)).collect()
}

/// The standard deviation of the population along each axis.
fn spread(population: &[Vec<f64>]) -> Vec<f64> {
    let n = population.len().max(1) as f64;
    let axes = population.first().map_or(0, Vec::len);
    let along = |axis: usize| {
        let mean = population.iter().map(|row| row[axis]).sum::<f64>() / n;
        (population.iter().map(|row| (row[axis] - mean).powi(2)).sum::<f64>() / n).sqrt()
    };
    (0..axes).map(along).collect()
}

fn child(encoding: &Encoding<'_>, population: &[Vec<f64>], spread: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    // The population is in order, so the smallest index wins a tournament.
    let mut parent = || (0..TOURNAMENT).map(|_| rng.random_range(0..population.len())).min().unwrap_or(0);
    let (mother, father) = (&population[parent()], &population[parent()]);
    let chance = 1.0 / mother.len().max(1) as f64;
    let mut row = Vec::with_capacity(mother.len());
    for (((a, b), axis), spread) in mother.iter().zip(father).zip(&encoding.axes).zip(spread) {
        let (mix, mutates, even): (f64, f64, f64) = (rng.random(), rng.random(), rng.random());
        let normal: f64 = StandardNormal.sample(rng);
        let unit = if axis.ordered {
            let step = axis.count.map_or(LEAST, |count| 0.7 / count as f64);
            let mutation = if mutates < chance { (MUTATION * spread).max(step) * normal } else { 0.0 };
            a + (b - a) * (mix * (1.0 + 2.0 * BEYOND) - BEYOND) + mutation
        } else if mutates < 0.5 * chance {
            even
        } else if mix < 0.5 {
            *a
        } else {
            *b
        };
        row.push(unit.clamp(0.0, 1.0));
    }
    encoding.snap(&mut row);
    row
}
