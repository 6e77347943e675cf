//! Whether a curve departs significantly from a parabola.

use nalgebra::{SMatrix, SVector};

use crate::distribution::fisher_tail;
use crate::level::Level;

/// The confidence level of the test.
const SURE: f64 = 0.05;

/// Whether a cubic fits `levels` significantly better than a parabola (F test, 5 %), with seeds as blocks and the
/// weight exp(−`trend` · x) of a level at `x`; `None` if there are too few levels to fit.
///
/// All seeds have all levels, so the sum of squares splits into that of the differences between seeds, which no
/// polynomial explains, and that of the mean curve. Fitting the means therefore gives the same result as fitting all
/// values, in a small part of the time. A bootstrap calls this many thousand times.
pub fn bent(levels: &[Level], trend: f64) -> Option<bool> {
    let seeds = levels.first()?.y.len();
    let (first, last) = (levels.first()?.x, levels.last()?.x);
    let (middle, half) = ((first + last) / 2.0, (last - first) / 2.0);
    let dof = (levels.len() * seeds).checked_sub(3 + seeds)?;
    let points: Vec<Point> = levels
        .iter()
        .map(|level| {
            let x = (level.x - middle) / half;
            let weight = if trend == 0.0 { 1.0 } else { (-trend * (level.x - middle)).exp() };
            Point { x, y: level.mean(), weight }
        })
        .collect();
    let (square, cubic) = (residual::<3>(&points)?, residual::<4>(&points)?);
    if dof == 0 {
        return Some(false);
    }
    let error = (seeds as f64 * cubic + departures(levels, &points)) / dof as f64;
    Some(fisher_tail(seeds as f64 * (square - cubic) / error, 1.0, dof as f64) < SURE)
}

/// A level's mean.
struct Point {
    x: f64,
    y: f64,
    weight: f64,
}

/// The weighted residual sum of squares of a polynomial with `N` coefficients.
fn residual<const N: usize>(points: &[Point]) -> Option<f64> {
    let powers = |x: f64| SVector::<f64, N>::from_fn(|power, _| x.powi(power as i32));
    let (mut left, mut right) = (SMatrix::<f64, N, N>::zeros(), SVector::<f64, N>::zeros());
    for point in points {
        let row = powers(point.x);
        left += row * row.transpose() * point.weight;
        right += row * (point.weight * point.y);
    }
    let coefficients = left.cholesky()?.solve(&right);
    let miss = |point: &Point| point.weight * (point.y - powers(point.x).dot(&coefficients)).powi(2);
    Some(points.iter().map(miss).sum())
}

/// The weighted sum of squares of the seeds' deviations from the mean curve, after removing each seed's own offset.
fn departures(levels: &[Level], points: &[Point]) -> f64 {
    let seeds = levels.first().map_or(0, |level| level.y.len());
    if seeds < 2 {
        return 0.0;
    }
    let total: f64 = points.iter().map(|point| point.weight).sum();
    let both = || levels.iter().zip(points);
    let of = |seed: usize| {
        let gap = |level: &Level, point: &Point| level.y.get(seed).map_or(0.0, |y| y - point.y);
        let height = both().map(|(level, point)| point.weight * gap(level, point)).sum::<f64>() / total;
        both().map(|(level, point)| point.weight * (gap(level, point) - height).powi(2)).sum::<f64>()
    };
    (0..seeds).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::linear::fit;

    /// The same test by a fit of all values with one column per seed.
    fn by_all_values(levels: &[Level], trend: f64) -> bool {
        let seeds = levels[0].y.len();
        let fitted = |degree: i32| {
            let (mut rows, mut y, mut weights) = (Vec::new(), Vec::new(), Vec::new());
            for level in levels {
                for (seed, value) in level.y.iter().enumerate() {
                    let mut row: Vec<f64> = (1..=degree).map(|power| level.x.powi(power)).collect();
                    row.extend((0..seeds).map(|other| f64::from(u8::from(other == seed))));
                    rows.push(row);
                    y.push(*value);
                    weights.push((-trend * level.x).exp());
                }
            }
            fit(&rows, &y, &weights).unwrap()
        };
        let (square, cubic) = (fitted(2), fitted(3));
        let f = (square.residual - cubic.residual) / cubic.variance();
        fisher_tail(f, 1.0, cubic.dof as f64) < SURE
    }

    #[test]
    fn the_means_give_the_same_result_as_all_values() {
        let mut chance = Chance::new(4);
        let mut both = [0, 0];
        for round in 0..200 {
            let (seeds, bend, trend) =
                (1 + round % 4, 0.01 * f64::from(round as u32 % 7), 0.3 * f64::from(round as u32 % 3));
            let level = |index: i32| {
                let x = f64::from(index);
                let y = (0..seeds).map(|_| 0.2 * x * x + bend * x * x * x + 0.3 * chance.normal()).collect();
                Level { x, y }
            };
            let levels: Vec<Level> = (-4..=4).map(level).collect();
            let by_means = bent(&levels, trend).unwrap();
            assert_eq!(by_means, by_all_values(&levels, trend), "round {round}");
            both[usize::from(by_means)] += 1;
        }
        assert!(both.iter().all(|count| *count > 20), "{both:?}");
    }

    #[test]
    fn too_few_levels_give_no_result() {
        let levels: Vec<Level> = (0..3).map(|x| Level { x: f64::from(x), y: vec![1.0] }).collect();
        assert_eq!(bent(&levels, 0.0), None);
    }
}
