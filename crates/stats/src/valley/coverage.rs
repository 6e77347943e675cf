//! Whether intervals of the best learning rate cover it, over shapes of valleys, grids and seeds.

use super::{Profile, Valleys};
use crate::chance::Chance;
use crate::level::Level;

/// A valley: the cost at a distance in octaves from where its slope changes, and the deviation of a run.
struct Shape {
    name: &'static str,
    cost: fn(f64) -> f64,
    deviation: fn(f64) -> f64,
}

/// A gentle slope towards low rates and a cliff towards high ones.
fn cliff(x: f64) -> f64 {
    0.25 * (-x).exp2().ln_1p() + 0.02 * (1.1 * x).exp2()
}

/// Costs are logarithms of a loss without a floor, or the excess of a loss over a floor ten times as large.
const SHAPES: [Shape; 8] = [
    Shape { name: "parabola", cost: |x| 0.05 * x * x, deviation: |_| 0.03 },
    Shape {
        name: "parabola over a floor",
        cost: |x| (1.0 + 0.1 * (0.05 * x * x).exp()).ln(),
        deviation: |_| 0.003,
    },
    Shape { name: "cliff", cost: cliff, deviation: |_| 0.02 },
    Shape { name: "cliff over a floor", cost: |x| (2.0 + 0.2 * cliff(x)).ln(), deviation: |_| 0.002 },
    Shape {
        name: "shallow with a steep flank",
        cost: |x| -0.03 * x.min(1.0) + 0.01 * x.min(0.0).powi(2) + 0.25 * (x - 0.5).max(0.0).powi(2),
        deviation: |_| 0.015,
    },
    Shape { name: "flat", cost: |x| 0.004 * x * x + 0.0006 * x.powi(4), deviation: |_| 0.02 },
    Shape { name: "noisier towards the cliff", cost: cliff, deviation: |x| 0.02 * (0.4 * x).exp2() },
    Shape { name: "narrow", cost: |x| 0.6 * x * x / (1.0 + 0.1 * x.abs()), deviation: |_| 0.03 },
];

/// Half, a third and a quarter of a decade, in octaves.
const GRIDS: [f64; 3] = [1.661, 1.107, 0.830];

/// Batch sizes of a study, and by how many octaves the best rate moves from one to the next.
const ROWS: usize = 6;
const SHIFT: f64 = 0.4;

/// Where the shape is lowest.
fn truth(shape: &Shape) -> f64 {
    let places = (0..=12_000).map(|index| f64::from(index) * 1e-3 - 6.0);
    places.min_by(|a, b| (shape.cost)(*a).total_cmp(&(shape.cost)(*b))).unwrap()
}

/// The rows of a study with a grid at a random offset; runs that lost all diverge.
fn study(chance: &mut Chance, shape: &Shape, grid: f64, seeds: usize) -> Vec<Profile> {
    let offset = grid * chance.uniform();
    let row = |row: usize| {
        let best = SHIFT * row as f64;
        let all = (0..(14.0 / grid) as i32).map(|index| offset - 7.0 + f64::from(index) * grid);
        let (alive, dead): (Vec<f64>, Vec<f64>) = all.partition(|x| x - best < 5.0);
        let level = |x: f64| {
            let (mean, deviation) = ((shape.cost)(x - best), (shape.deviation)(x - best));
            Level { x, y: (0..seeds).map(|_| mean + deviation * chance.normal()).collect() }
        };
        Profile { levels: alive.into_iter().map(level).collect(), below: None, above: dead.first().copied() }
    };
    (0..ROWS).map(row).collect()
}

/// Of all rows the shares that got an interval, and whose interval covers the truth; and the mean width in octaves.
fn coverage(shape: &Shape, grid: f64, seeds: usize, count: usize) -> (f64, f64, f64) {
    let mut chance = Chance::new(17);
    let (truth, mut found, mut covered, mut width) = (truth(shape), 0.0, 0.0, 0.0);
    for _ in 0..count {
        let valleys = Valleys::fit(&study(&mut chance, shape, grid, seeds));
        for row in 0..ROWS {
            let Some(minimum) = valleys.minimum(row, 0.95) else { continue };
            if minimum.open_below || minimum.open_above {
                continue;
            }
            let truth = truth + SHIFT * row as f64;
            found += 1.0;
            width += minimum.floor.high - minimum.floor.low;
            covered += f64::from(u8::from((minimum.floor.low..=minimum.floor.high).contains(&truth)));
        }
    }
    (found / (count * ROWS) as f64, covered / found, width / found)
}

/// SWEEP_SIMULATIONS=400 makes the table of the documentation; `--nocapture` prints it.
#[test]
fn intervals_cover_the_best_learning_rate() {
    let count = Chance::simulations(12);
    for shape in &SHAPES {
        for seeds in [1, 5] {
            for grid in GRIDS {
                let (found, covered, width) = coverage(shape, grid, seeds, count);
                eprintln!(
                    "{:<28} {seeds} seeds, {grid:.2} octaves: {found:.3} have an interval, {covered:.3} cover, {width:.2} \
                     octaves wide",
                    shape.name
                );
                assert!(found > 0.8 && covered > 0.85, "{} {seeds} {grid}: {found} {covered}", shape.name);
            }
        }
    }
}
