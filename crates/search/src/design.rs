//! Start-up designs: distinct points spread evenly over the space, by number.

use std::collections::HashSet;

use rand::RngExt;
use sweep_study::{Point, Space};

use crate::cube;
use crate::stream::stream;

/// Consecutive repeats after which the sequence is abandoned.
const ATTEMPTS: u32 = 1000;

/// The length of a sequence, and the number of its dimensions (`sobol_burley`); anything beyond uses a new seed.
const LENGTH: u64 = 1 << 16;
const DIMENSIONS: usize = 256;

/// The distinct points of a Sobol' sequence with Owen's scrambling (Burley 2020, JCGT 9(4)), in its order. If it only
/// repeats itself in a finite space, the remaining cells follow in the order of the grid, starting at a random one.
///
/// A cache: the points of a seed and a space never change.
#[derive(Default)]
pub struct Design {
    /// The part of each axis that the sequence spans, around its middle; 1 is the whole axis.
    margin: f64,
    drawn: Option<Drawn>,
}

struct Drawn {
    seed: u64,
    space: Space,
    points: Vec<Point>,
    seen: HashSet<String>,
    /// The next element of the sequence.
    next: u64,
    /// The next cell to look at once the sequence is abandoned.
    cell: Option<u128>,
    key: u32,
}

impl Design {
    /// A design over the middle of each axis, leaving out `margin` (from 0 to below 0.5) at either end.
    pub fn within(margin: f64) -> Design {
        Design { margin, drawn: None }
    }

    /// Point `number` of the design; `None` if the space has no more points.
    pub fn point(&mut self, seed: u64, space: &Space, number: u64) -> Option<&Point> {
        if !self.drawn.as_ref().is_some_and(|drawn| drawn.seed == seed && drawn.space == *space) {
            self.drawn = None;
        }
        let drawn = self.drawn.get_or_insert_with(|| Drawn::new(seed, space.clone()));
        while drawn.points.len() as u64 <= number {
            let next = drawn.next(self.margin)?;
            drawn.points.push(next);
        }
        drawn.points.get(number as usize)
    }
}

impl Drawn {
    fn new(seed: u64, space: Space) -> Drawn {
        let key = stream(seed, None).random();
        Drawn { seed, space, points: Vec::new(), seen: HashSet::new(), next: 0, cell: None, key }
    }

    fn next(&mut self, margin: f64) -> Option<Point> {
        for _ in 0..if self.cell.is_none() { ATTEMPTS } else { 0 } {
            let units: Vec<f64> = sobol(self.next, self.space.parameters.len(), self.key)
                .into_iter()
                .map(|unit| margin + (1.0 - 2.0 * margin) * unit)
                .collect();
            self.next += 1;
            let point = cube::point(&self.space, &units);
            if self.seen.insert(point.key()) {
                return Some(point);
            }
        }
        if !self.space.finite() {
            return None;
        }
        let cells = self.space.cells();
        if self.points.len() as u128 >= cells {
            return None;
        }
        let start = stream(self.seed, None).random_range(0..cells);
        loop {
            let cell = self.cell.map_or(0, |cell| cell + 1);
            self.cell = Some(cell);
            if cell >= cells {
                return None;
            }
            let point = self.space.cell((start + cell) % cells)?;
            if self.seen.insert(point.key()) {
                return Some(point);
            }
        }
    }
}

/// Element `index` of the scrambled sequence of `key` in `dimensions` dimensions.
pub fn sobol(index: u64, dimensions: usize, key: u32) -> Vec<f64> {
    let element = (index % LENGTH) as u32;
    let block = (index / LENGTH) as u32;
    let coordinate = |dimension: usize| {
        let beyond = (dimension / DIMENSIONS) as u32;
        let seed = key.wrapping_add(block.wrapping_mul(0x9e37_79b9)).wrapping_add(beyond);
        f64::from(sobol_burley::sample(element, (dimension % DIMENSIONS) as u32, seed))
    };
    (0..dimensions).map(coordinate).collect()
}
