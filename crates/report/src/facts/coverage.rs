//! Whether what a report says of simulated studies is true as often as it says: best learning rates, exponents, ties.
//!
//! `SWEEP_SIMULATIONS=400 cargo test -p sweep-report --lib facts::coverage -- --nocapture` prints the table.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use sweep_study::StudyRecord;

use super::{Facts, facts};
use crate::fixtures::{Made, diverged};

/// A valley: the logarithm of the loss at a distance in octaves from a learning rate, and the deviation of a run.
struct Shape {
    name: &'static str,
    cost: fn(f64) -> f64,
    deviation: fn(f64) -> f64,
}

/// A gentle slope towards low rates and a cliff towards high ones.
fn cliff(x: f64) -> f64 {
    0.25 * (-x).exp2().ln_1p() + 0.02 * (1.1 * x).exp2()
}

/// A shallow slope that ends at a steep flank.
fn flank(x: f64) -> f64 {
    -0.03 * x.min(1.0) + 0.01 * x.min(0.0).powi(2) + 0.25 * (x - 0.5).max(0.0).powi(2)
}

/// Without a floor, and with one that is ten times as large as the range.
const SHAPES: [Shape; 8] = [
    Shape { name: "parabola", cost: |x| 0.05 * x * x, deviation: |_| 0.03 },
    Shape {
        name: "parabola, floor",
        cost: |x| (1.0 + 0.1 * (0.05 * x * x).exp()).ln(),
        deviation: |_| 0.003,
    },
    Shape { name: "cliff", cost: cliff, deviation: |_| 0.02 },
    Shape { name: "cliff, floor", cost: |x| (2.0 + 0.2 * cliff(x)).ln(), deviation: |_| 0.002 },
    Shape { name: "steep flank", cost: flank, deviation: |_| 0.015 },
    Shape { name: "flat", cost: |x| 0.004 * x * x + 0.0006 * x.powi(4), deviation: |_| 0.02 },
    Shape { name: "noisy cliff", cost: cliff, deviation: |x| 0.02 * (0.4 * x).exp2() },
    Shape { name: "narrow", cost: |x| 0.6 * x * x / (1.0 + 0.1 * x.abs()), deviation: |_| 0.03 },
];

/// Half, a third and a quarter of a decade, in octaves.
const GRIDS: [f64; 3] = [1.661, 1.107, 0.830];

/// The batch sizes, by how many octaves the best rate moves at each doubling, and what a doubling costs.
const BATCHES: [u32; 6] = [16, 32, 64, 128, 256, 512];
const EXPONENT: f64 = 0.4;
const DOUBLING: f64 = 0.01;

/// How far above the best rate of its batch size a run diverges, in octaves.
const EDGE: f64 = 5.0;

/// Where the shape is lowest.
fn truth(shape: &Shape) -> f64 {
    let places = (0..=12_000).map(|index| f64::from(index) * 1e-3 - 6.0);
    places.min_by(|a, b| (shape.cost)(*a).total_cmp(&(shape.cost)(*b))).unwrap()
}

/// A study of a shape, its grid at a random offset; and the batch size and index of the rate of its truly best point.
fn study(chance: &mut ChaCha8Rng, shape: &Shape, grid: f64, seeds: usize) -> (StudyRecord, (u32, f64)) {
    let offset: f64 = grid * chance.random::<f64>();
    let rates: Vec<f64> =
        (0..(14.0 / grid) as i32).map(|index| offset - 7.0 + f64::from(index) * grid).collect();
    let typed = |x: f64| format!("{:.6e}", x.exp2());
    let axes = format!("lr={}", rates.iter().map(|x| typed(*x)).collect::<Vec<_>>().join(","));
    let sizes = format!("batch={}", BATCHES.map(|batch| batch.to_string()).join(","));
    let mut made = Made::new(&[&axes, &sizes]).replicates(seeds as u32);
    let mut best = (f64::INFINITY, (0, 0.0));
    for (row, batch) in BATCHES.iter().enumerate() {
        for x in &rates {
            let from = x - EXPONENT * row as f64;
            let cost = (shape.cost)(from) + DOUBLING * (row as f64 - 2.0).abs();
            if from < EDGE && cost < best.0 {
                best = (cost, (*batch, *x));
            }
            let mut run = || {
                let deviation: f64 = StandardNormal.sample(&mut *chance);
                if from < EDGE { Ok((cost + (shape.deviation)(from) * deviation).exp()) } else { diverged(9) }
            };
            let runs = (0..seeds).map(|_| run()).collect();
            made = made.outcomes(&format!("batch={batch} lr={}", typed(*x)), runs);
        }
    }
    (made.record(), best.1)
}

/// How often what was said was said, and was true.
#[derive(Default)]
struct Tally {
    rows: f64,
    intervals: f64,
    covered: f64,
    width: f64,
    ridges: f64,
    exponents: f64,
    studies: f64,
    best_is_tied: f64,
    tied: f64,
}

impl Tally {
    fn count(&mut self, facts: &Facts, truth: f64, (batch, rate): (u32, f64)) {
        for (row, best) in facts.best_per_batch.iter().enumerate() {
            self.rows += 1.0;
            let Some((low, high)) = best.lr.low.zip(best.lr.high) else { continue };
            let at = (truth + EXPONENT * row as f64).exp2();
            self.intervals += 1.0;
            self.width += (high / low).log2();
            self.covered += f64::from(u8::from(low <= at && at <= high));
        }
        for (low, high) in facts.ridge.iter().filter_map(|ridge| ridge.exponent.low.zip(ridge.exponent.high))
        {
            self.ridges += 1.0;
            self.exponents += f64::from(u8::from(low <= EXPONENT && EXPONENT <= high));
        }
        let best = |cell: &&super::Cell| {
            cell.batch == Some(f64::from(batch)) && cell.lr.is_some_and(|lr| (lr.log2() - rate).abs() < 0.01)
        };
        self.studies += 1.0;
        self.best_is_tied += f64::from(u8::from(facts.cells.iter().find(best).is_some_and(|cell| cell.tied)));
        self.tied += facts.cells.iter().filter(|cell| cell.tied).count() as f64 / facts.cells.len() as f64;
    }
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let count = std::env::var("SWEEP_SIMULATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    eprintln!(
        "shape            seeds octaves | interval covers width | exponent | best among ties, share of points"
    );
    let mut all = Tally::default();
    for shape in &SHAPES {
        let truth = truth(shape);
        for (seeds, grid) in [1, 5].into_iter().flat_map(|seeds| GRIDS.map(|grid| (seeds, grid))) {
            let mut chance = ChaCha8Rng::seed_from_u64(17);
            let mut tally = Tally::default();
            for _ in 0..count {
                let (record, best) = study(&mut chance, shape, grid, seeds);
                let facts = facts(&record);
                tally.count(&facts, truth, best);
                all.count(&facts, truth, best);
            }
            eprintln!(
                "{:<16} {seeds}     {grid:.2}    | {:.3}    {:.3}  {:.2}  | {:.3}    | {:.3}, {:.2}",
                shape.name,
                tally.intervals / tally.rows,
                tally.covered / tally.intervals,
                tally.width / tally.intervals,
                tally.exponents / tally.ridges,
                tally.best_is_tied / tally.studies,
                tally.tied / tally.studies
            );
        }
    }
    let shares = [
        all.intervals / all.rows,
        all.covered / all.intervals,
        all.exponents / all.ridges,
        all.best_is_tied / all.studies,
    ];
    eprintln!("all: {shares:.3?}");
    assert!(shares[0] > 0.85 && shares[1] > 0.93 && shares[2] > 0.85 && shares[3] > 0.93, "{shares:?}");
}
