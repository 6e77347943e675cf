//! Independent draws from the space; without replacement where it is finite.

use std::collections::{HashMap, HashSet};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_study::{Point, Space};

use super::{Ask, Entry, Sampler};
use crate::cube;
use crate::stream::stream;

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "random",
    aliases: &[],
    help: "Random points, without repeats in a finite space",
    learns: false,
    bounds_regret: false,
    new: || Box::new(Random::default()),
};

/// Draws after which a space that is not known to be finite counts as used up.
const ATTEMPTS: u64 = 1000;

/// Random search (Bergstra & Bengio 2012, JMLR 13). The cache holds the earlier draws.
#[derive(Default)]
pub struct Random {
    drawn: Option<Drawn>,
}

/// The origin of all points so far, for one seed and space; storing the points themselves would take a hundred times
/// the memory.
struct Drawn {
    seed: u64,
    space: Space,
    /// Finite space: the cell of each number. Otherwise: the draws skipped before its point because they repeated
    /// earlier points.
    places: Vec<u64>,
    /// Finite space: the entries of the shuffle that differ from their index.
    moved: HashMap<u64, u64>,
    shuffle: ChaCha8Rng,
    /// Infinite space: points that must not be repeated.
    seen: HashSet<String>,
}

impl Sampler for Random {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        let fits = |drawn: &Drawn| drawn.seed == ask.seed && drawn.space == *ask.space;
        if !self.drawn.as_ref().is_some_and(fits) {
            self.drawn = None;
        }
        let drawn = self.drawn.get_or_insert_with(|| Drawn::new(ask.seed, ask.space.clone()));
        while drawn.places.len() as u64 <= ask.number {
            let next = drawn.next()?;
            drawn.places.push(next);
        }
        drawn.point(ask.number)
    }
}

impl Drawn {
    fn new(seed: u64, space: Space) -> Drawn {
        let shuffle = stream(seed, None);
        Drawn { seed, space, places: Vec::new(), moved: HashMap::new(), shuffle, seen: HashSet::new() }
    }

    /// The point of a number that has been drawn.
    fn point(&self, number: u64) -> Option<Point> {
        let place = *self.places.get(number as usize)?;
        if self.space.finite() {
            return self.space.cell(u128::from(place));
        }
        let mut rng = stream(self.seed, Some(number));
        for _ in 0..place {
            self.draw(&mut rng);
        }
        Some(self.draw(&mut rng))
    }

    fn next(&mut self) -> Option<u64> {
        let number = self.places.len() as u64;
        if self.space.finite() { self.shuffled(number) } else { self.fresh(number) }
    }

    /// Step `number` of a Fisher–Yates shuffle of the cells, storing only the moved entries.
    fn shuffled(&mut self, number: u64) -> Option<u64> {
        let cells = u64::try_from(self.space.cells()).unwrap_or(u64::MAX);
        if number >= cells {
            return None;
        }
        let pick = self.shuffle.random_range(number..cells);
        let here = self.moved.remove(&number).unwrap_or(number);
        Some(if pick == number { here } else { self.moved.insert(pick, here).unwrap_or(pick) })
    }

    fn fresh(&mut self, number: u64) -> Option<u64> {
        let mut rng = stream(self.seed, Some(number));
        (0..ATTEMPTS).find(|_| {
            let point = self.draw(&mut rng);
            self.seen.insert(point.key())
        })
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Point {
        let mut point = Point::default();
        for parameter in &self.space.parameters {
            // Drawn even where the parameter does not apply, so that the others keep their draws.
            let unit: f64 = rng.random();
            if parameter.applies(&point) {
                point.0.insert(parameter.name.clone(), cube::value(&parameter.domain, unit));
            }
        }
        point
    }
}
