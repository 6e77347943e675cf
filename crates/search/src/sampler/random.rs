//! Independent draws from the space; without replacement where it is finite.

use std::collections::{HashMap, HashSet};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_study::{Point, Space};

use super::{Ask, Sampler};
use crate::cube;
use crate::stream::stream;

/// Draws tried before the space counts as used up, where it is not known to be finite.
const ATTEMPTS: usize = 1000;

/// Random search (Bergstra & Bengio 2012, JMLR 13). The cache is what the earlier numbers drew.
#[derive(Default)]
pub struct Random {
    drawn: Option<Drawn>,
}

/// The points of all numbers so far, for one seed and space.
struct Drawn {
    seed: u64,
    space: Space,
    points: Vec<Point>,
    /// Finite space: the entries of the shuffle that differ from their index.
    moved: HashMap<u64, u64>,
    shuffle: ChaCha8Rng,
    /// Infinite space: what may not come again.
    seen: HashSet<String>,
}

impl Sampler for Random {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        let fits = |drawn: &Drawn| drawn.seed == ask.seed && drawn.space == *ask.space;
        if !self.drawn.as_ref().is_some_and(fits) {
            self.drawn = None;
        }
        let drawn = self.drawn.get_or_insert_with(|| Drawn::new(ask.seed, ask.space.clone()));
        while drawn.points.len() as u64 <= ask.number {
            let next = drawn.next()?;
            drawn.points.push(next);
        }
        drawn.points.get(ask.number as usize).cloned()
    }
}

impl Drawn {
    fn new(seed: u64, space: Space) -> Drawn {
        let shuffle = stream(seed, None);
        Drawn { seed, space, points: Vec::new(), moved: HashMap::new(), shuffle, seen: HashSet::new() }
    }

    fn next(&mut self) -> Option<Point> {
        let number = self.points.len() as u64;
        if self.space.finite() { self.shuffled(number) } else { self.fresh(number) }
    }

    /// Step `number` of a Fisher–Yates shuffle of the cells, of which only the moved entries are kept.
    fn shuffled(&mut self, number: u64) -> Option<Point> {
        let cells = u64::try_from(self.space.cells()).unwrap_or(u64::MAX);
        if number >= cells {
            return None;
        }
        let pick = self.shuffle.random_range(number..cells);
        let here = self.moved.remove(&number).unwrap_or(number);
        let there = if pick == number { here } else { self.moved.insert(pick, here).unwrap_or(pick) };
        self.space.cell(u128::from(there))
    }

    fn fresh(&mut self, number: u64) -> Option<Point> {
        let mut rng = stream(self.seed, Some(number));
        for _ in 0..ATTEMPTS {
            let mut point = Point::default();
            for parameter in &self.space.parameters {
                // Drawn even where the parameter does not apply, so that the others keep their draws.
                let unit: f64 = rng.random();
                if parameter.applies(&point) {
                    point.0.insert(parameter.name.clone(), cube::value(&parameter.domain, unit));
                }
            }
            if self.seen.insert(point.to_string()) {
                return Some(point);
            }
        }
        None
    }
}
