//! The interval of the best learning rate on curves measured in training, which are not parabolas.
//!
//! `measured.csv` holds the mean and the standard deviation over five seeds of the logarithm of the validation loss,
//! after three epochs on MNIST, of 265 cells of the study `sweeps/table.toml` (three schedules, batch sizes 8 to 2048)
//! in which no seed diverged or got stuck.

use super::{Profile, Valleys};
use crate::chance::Chance;
use crate::level::Level;

/// Seeds of a simulated study.
const SEEDS: usize = 5;

/// One place of a measured curve: log₂ η, the mean and the logarithm of the standard deviation.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    mean: f64,
    spread: f64,
}

/// The curves of all batch sizes and schedules, from the lowest learning rate up.
fn curves() -> Vec<Vec<Spot>> {
    let mut curves: Vec<(String, Vec<Spot>)> = Vec::new();
    for line in include_str!("measured.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |place: usize| fields[place].parse::<f64>().unwrap();
        let spot = Spot { x: number(2).log2(), mean: number(3), spread: number(4).ln() };
        let name = fields[..2].join(" ");
        match curves.last_mut().filter(|(last, _)| *last == name) {
            Some((_, curve)) => curve.push(spot),
            None => curves.push((name, vec![spot])),
        }
    }
    curves.into_iter().map(|(_, curve)| curve).collect()
}

/// Mean and deviation between the measured places: a cubic with the slopes through both neighbours for the mean, a line
/// for the deviation.
fn between(curve: &[Spot], x: f64) -> (f64, f64) {
    let slope = |index: usize| {
        let (low, high) = (curve[index.saturating_sub(1)], curve[(index + 1).min(curve.len() - 1)]);
        (high.mean - low.mean) / (high.x - low.x)
    };
    let at = curve.partition_point(|spot| spot.x <= x).clamp(1, curve.len() - 1) - 1;
    let (low, high) = (curve[at], curve[at + 1]);
    let width = high.x - low.x;
    let t = (x - low.x) / width;
    let mean = low.mean * (1.0 + 2.0 * t) * (1.0 - t).powi(2)
        + high.mean * t * t * (3.0 - 2.0 * t)
        + width * t * (1.0 - t) * (slope(at) * (1.0 - t) - slope(at + 1) * t);
    (mean, (low.spread + t * (high.spread - low.spread)).exp())
}

/// The minimiser of a curve.
fn lowest(curve: &[Spot]) -> f64 {
    let (first, last) = (curve[0].x, curve[curve.len() - 1].x);
    let places = (0..=4000).map(|index| first + (last - first) * f64::from(index) / 4000.0);
    places.min_by(|a, b| between(curve, *a).0.total_cmp(&between(curve, *b).0)).unwrap()
}

/// A study of a curve: octaves of the learning rate with a random start in the first one, five seeds each.
fn study(chance: &mut Chance, curve: &[Spot]) -> Vec<Level> {
    let first = curve[0].x + chance.uniform();
    let count = (curve[curve.len() - 1].x - first).floor() as usize;
    let level = |x: f64| {
        let (mean, deviation) = between(curve, x);
        Level { x, y: (0..SEEDS).map(|_| mean + deviation * chance.normal()).collect() }
    };
    (0..=count).map(|index| first + index as f64).map(level).collect()
}

/// Whether the best level has neighbours on both sides.
fn inside(levels: &[Level]) -> bool {
    let best = (0..levels.len()).min_by(|a, b| levels[*a].mean().total_cmp(&levels[*b].mean()));
    best.is_some_and(|best| best > 0 && best + 1 < levels.len())
}

/// Coverage of studies of all curves together, one study each of all batch sizes. Rows with the best level at an end are
/// skipped: a report says EDGE or CLIFF there. SWEEP_SIMULATIONS sets the number of studies.
#[test]
fn the_minimum_of_measured_curves_is_covered() {
    let (mut chance, count) = (Chance::new(13), Chance::simulations(20));
    let (mut found, mut covered, mut asked) = (0.0, 0.0, 0.0);
    let curves = curves();
    let truths: Vec<f64> = curves.iter().map(|curve| lowest(curve)).collect();
    for _ in 0..count {
        let rows: Vec<Profile> = curves
            .iter()
            .map(|curve| Profile { levels: study(&mut chance, curve), ..Profile::default() })
            .collect();
        let valleys = Valleys::fit(&rows);
        for (index, (row, truth)) in rows.iter().zip(&truths).enumerate() {
            if !inside(&row.levels) {
                continue;
            }
            asked += 1.0;
            let minimum = valleys.minimum(index, 0.95).filter(|found| !found.open_below && !found.open_above);
            if let Some(minimum) = minimum {
                found += 1.0;
                covered += f64::from(u8::from((minimum.floor.low..=minimum.floor.high).contains(truth)));
            }
        }
    }
    assert!(asked > 9.0 * count as f64, "{asked} rows with an interior best");
    assert!(found > 0.8 * asked, "{found} intervals of {asked}");
    eprintln!("{covered} of {found}, {asked} asked");
    assert!((0.9..=0.99).contains(&(covered / found)), "{covered} of {found} intervals cover the truth");
}
