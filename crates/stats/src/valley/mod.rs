//! The minima of several rows of one study: curves that are alike in noise and in roughness, each with its own valley.
//!
//! Rows share what they know of the noise of a run and of the roughness of their curves, so that one seed a level and
//! few levels are enough; each row weighs what the others say like eight degrees of freedom of its own (as
//! G. Smyth 2004 shares variances over genes).

mod spline;
mod window;

#[cfg(test)]
mod measured;

use std::ops::Range;

use crate::Interval;
use crate::distribution::student;
use crate::level::Level;

use spline::{Evidence, Knot, Place, Spline};

/// The degrees of freedom that a row takes from the other rows.
const SHARED: f64 = 8.0;

/// Places at which a curve is looked up.
const PLACES: usize = 161;

/// The most knots in a window; more levels are merged with their neighbours.
const MOST_KNOTS: usize = 24;

/// The noise of a run in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// The standard deviation of a run about the curve of its row.
    pub deviation: f64,
    /// Degrees of freedom, those taken from other rows included.
    pub dof: f64,
}

/// The minimum of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The place of the lowest point of the expected curve, with the places at which the slope may be zero.
    pub floor: Interval,
    /// The fitted curve where it was looked at: places in rising order, with the expected cost.
    pub curve: Vec<(f64, f64)>,
    /// Whether the interval ends below because nothing lower was measured.
    pub open_below: bool,
    /// Whether it ends above because nothing higher was measured.
    pub open_above: bool,
    /// The number of runs fitted.
    pub n: usize,
}

impl Minimum {
    /// The places around the minimum whose expected cost is within `margin` of it.
    pub fn within(&self, margin: f64) -> (f64, f64) {
        let lowest = (0..self.curve.len()).min_by(|a, b| self.curve[*a].1.total_cmp(&self.curve[*b].1));
        let lowest = lowest.unwrap_or(0);
        let near = |(_, cost): &&(f64, f64)| *cost <= self.curve[lowest].1 + margin;
        let low = self.curve[..=lowest].iter().rev().take_while(near).last();
        let high = self.curve[lowest..].iter().take_while(near).last();
        let place = |end: Option<&(f64, f64)>| end.map_or(self.floor.estimate, |end| end.0);
        (place(low), place(high))
    }

    /// By how much the expected cost rises `distance` away from the minimum, on the side where it rises less; `None` where
    /// the curve reaches neither.
    pub fn rise(&self, distance: f64) -> Option<f64> {
        let lowest = self.curve.iter().map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min);
        let at = |x: f64| {
            let after = self.curve.iter().position(|(place, _)| *place >= x).filter(|after| *after > 0)?;
            let ((a, below), (b, above)) = (self.curve[after - 1], self.curve[after]);
            Some(below + (x - a) / (b - a) * (above - below) - lowest)
        };
        let sides = [at(self.floor.estimate - distance), at(self.floor.estimate + distance)];
        sides.into_iter().flatten().reduce(f64::min)
    }
}

/// What was measured along one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The levels, sorted by place, each with any number of runs.
    pub levels: Vec<Level>,
    /// The place below the lowest level beyond which the minimum cannot lie, such as one at which runs diverged.
    pub below: Option<f64>,
    /// The place above the highest level beyond which it cannot lie.
    pub above: Option<f64>,
}

/// The rows of a study, fitted together.
pub struct Valleys {
    rows: Vec<Option<Row>>,
    all: Evidence,
}

/// A row that can be fitted.
struct Row {
    spline: Spline,
    /// The places between which its minimum is looked for, and whether there is a level at each end.
    reach: (f64, f64),
    closed: (bool, bool),
    /// The levels of the window between which the minimum is estimated: those next to the lowest one.
    hull: (f64, f64),
    n: usize,
}

impl Valleys {
    /// Fits `rows`. One with fewer than three levels is left out. The window of a row is the lowest level, those whose
    /// difference from it is within the noise, and four more: it follows the curve down its own sides, however unequal
    /// they are.
    pub fn fit(rows: &[Profile]) -> Valleys {
        let spacing = spacing(rows);
        let first = rows.iter().map(|row| Row::new(row, window::lowest(&row.levels), spacing));
        let first = Valleys::of(first.collect());
        let adapted = rows.iter().enumerate().map(|(index, row)| {
            let noise = first.noise(index)?;
            Row::new(row, window::around(&row.levels, noise.deviation), spacing)
        });
        Valleys::of(adapted.collect())
    }

    fn of(rows: Vec<Option<Row>>) -> Valleys {
        let mut all = Evidence::none();
        for row in rows.iter().flatten() {
            all.add(&row.spline.evidence, 1.0);
        }
        Valleys { rows, all }
    }

    /// What a row knows with the help of the others; `None` if nothing has a degree of freedom.
    fn evidence(&self, row: &Row) -> Option<Evidence> {
        let mut others = self.all.clone();
        others.add(&row.spline.evidence, -1.0);
        let mut evidence = row.spline.evidence.clone();
        if others.dof > 0.5 {
            evidence.add(&others, (SHARED / others.dof).min(1.0));
        }
        (evidence.dof > 0.5).then_some(evidence)
    }

    /// The noise of a run in the row at `index`.
    pub fn noise(&self, index: usize) -> Option<Noise> {
        let evidence = self.evidence(self.rows.get(index)?.as_ref()?)?;
        Some(Noise { deviation: evidence.variance().max(0.0).sqrt(), dof: evidence.dof })
    }

    /// The noise of a run over all rows.
    pub fn common_noise(&self) -> Option<Noise> {
        let deviation = self.all.variance().max(0.0).sqrt();
        (self.all.dof > 0.5).then_some(Noise { deviation, dof: self.all.dof })
    }

    /// The minimum of the row at `index`, with the interval in which the slope may be zero at `confidence`; `None` for a
    /// row with fewer than three levels, or where nothing tells noise from shape. The curve having one valley, the
    /// interval ends before a level that is significantly higher than the lowest.
    pub fn minimum(&self, index: usize, confidence: f64) -> Option<Minimum> {
        let row = self.rows.get(index)?.as_ref()?;
        let evidence = self.evidence(row)?;
        let (low, high) = row.reach;
        let step = (high - low) / (PLACES - 1) as f64;
        let places: Vec<f64> = (0..PLACES).map(|place| low + place as f64 * step).collect();
        let curve = row.spline.curve(&places, &evidence)?;
        let inside = |place: &usize| (row.hull.0..=row.hull.1).contains(&places[*place]);
        let lowest = (0..PLACES).filter(inside).min_by(|a, b| curve[*a].mean.total_cmp(&curve[*b].mean))?;
        let tail = (1.0 - confidence) / 2.0;
        let falls = curve[..=lowest].iter().rposition(|place| place.rising <= tail);
        let rises = curve[lowest..].iter().position(|place| place.rising >= 1.0 - tail);
        let falls = falls.map(|at| crossing(&curve[at..], tail));
        let rises = rises.map(|at| crossing(&curve[(lowest + at).saturating_sub(1)..], 1.0 - tail));
        let (below, above) =
            row.spline.higher(evidence.variance().sqrt() * student(1.0 - tail, evidence.dof));
        let floor = Interval {
            estimate: curve[lowest].x,
            low: falls.into_iter().chain(below).fold(low, f64::max),
            high: rises.into_iter().chain(above).fold(high, f64::min),
        };
        Some(Minimum {
            open_below: floor.low <= low && !row.closed.0,
            open_above: floor.high >= high && !row.closed.1,
            floor,
            curve: curve.iter().map(|place| (place.x, place.mean)).collect(),
            n: row.n,
        })
    }
}

/// Where the probability that the curve rises passes `level` between the first two places.
fn crossing(curve: &[Place], level: f64) -> f64 {
    let (a, b) = (curve[0], *curve.get(1).unwrap_or(&curve[0]));
    let share = (level - a.rising) / (b.rising - a.rising);
    if share.is_finite() { a.x + share.clamp(0.0, 1.0) * (b.x - a.x) } else { a.x }
}

impl Row {
    fn new(profile: &Profile, window: Range<usize>, spacing: f64) -> Option<Row> {
        let levels = &profile.levels;
        let own = levels.get(window.clone()).filter(|own| own.len() > 2)?;
        let (knots, squares, dof) = knots(own);
        let spline = Spline::new(&knots, spacing, squares, dof)?;
        let next = |index: Option<usize>| index.and_then(|index| levels.get(index)).map(|level| level.x);
        let below = next(window.start.checked_sub(1)).or(profile.below);
        let above = next(Some(window.end)).or(profile.above);
        let low = below.unwrap_or(own[0].x - spacing);
        let high = above.unwrap_or(own[own.len() - 1].x + spacing);
        let n = own.iter().map(|level| level.y.len()).sum();
        let lowest = (0..own.len()).min_by(|a, b| own[*a].mean().total_cmp(&own[*b].mean()))?;
        let hull = (own[lowest.saturating_sub(1)].x, own[(lowest + 1).min(own.len() - 1)].x);
        Some(Row { spline, reach: (low, high), closed: (below.is_some(), above.is_some()), hull, n })
    }
}

/// The knots of `levels`, with the scatter of runs about their level: its sum of squares and degrees of freedom.
///
/// Where all levels have the same seeds, what a seed adds to all of them is no scatter.
fn knots(levels: &[Level]) -> (Vec<Knot>, f64, f64) {
    let seeds = levels.first().map_or(0, |level| level.y.len());
    let blocked = levels.iter().all(|level| level.y.len() == seeds);
    let offset = |seed: usize| {
        let apart = levels.iter().map(|level| level.y[seed] - level.mean());
        if blocked { apart.sum::<f64>() / levels.len() as f64 } else { 0.0 }
    };
    let offsets: Vec<f64> = (0..if blocked { seeds } else { 0 }).map(offset).collect();
    let apart = |level: &Level| -> f64 {
        let mean = level.mean();
        let of = |(seed, y): (usize, &f64)| (y - mean - offsets.get(seed).unwrap_or(&0.0)).powi(2);
        level.y.iter().enumerate().map(of).sum()
    };
    let squares = levels.iter().map(apart).sum();
    let spare: usize = levels.iter().map(|level| level.y.len() - 1).sum();
    let dof = spare - if blocked { seeds.saturating_sub(1) } else { 0 };
    let mut knots: Vec<Knot> =
        levels.iter().map(|level| Knot { x: level.x, y: level.mean(), n: level.y.len() as f64 }).collect();
    while knots.len() > MOST_KNOTS {
        let gap = |at: &usize| knots[at + 1].x - knots[*at].x;
        let Some(at) = (0..knots.len() - 1).min_by(|a, b| gap(a).total_cmp(&gap(b))) else { break };
        let (a, b) = (knots[at], knots.remove(at + 1));
        let n = a.n + b.n;
        knots[at] = Knot { x: (a.n * a.x + b.n * b.x) / n, y: (a.n * a.y + b.n * b.y) / n, n };
    }
    (knots, squares, dof as f64)
}

/// The usual distance between neighbouring levels.
fn spacing(rows: &[Profile]) -> f64 {
    let gaps = rows.iter().flat_map(|row| row.levels.windows(2)).map(|pair| pair[1].x - pair[0].x);
    let mut gaps: Vec<f64> = gaps.filter(|gap| *gap > 0.0).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn row(chance: &mut Chance, seeds: usize, deviation: f64, cost: impl Fn(f64) -> f64) -> Profile {
        let mut level = |index: i32| {
            let x = f64::from(index);
            Level { x, y: (0..seeds).map(|_| cost(x) + deviation * chance.normal()).collect() }
        };
        Profile { levels: (-3..=3).map(&mut level).collect(), ..Profile::default() }
    }

    #[test]
    fn the_noise_is_that_of_a_run() {
        let mut chance = Chance::new(5);
        for (seeds, dof) in [(1, 12.0), (4, 100.0)] {
            let rows: Vec<Profile> =
                (0..12).map(|_| row(&mut chance, seeds, 0.03, |x| 0.05 * x * x)).collect();
            let noise = Valleys::fit(&rows).common_noise().unwrap();
            assert!((noise.deviation / 0.03 - 1.0).abs() < 0.3 && noise.dof > dof, "{noise:?}");
        }
    }

    #[test]
    fn without_noise_the_minimum_of_a_parabola_is_exact() {
        let mut chance = Chance::new(6);
        let valleys = Valleys::fit(&[row(&mut chance, 3, 1e-9, |x| 0.02 * (x - 0.4).powi(2))]);
        let minimum = valleys.minimum(0, 0.95).unwrap();
        let floor = minimum.floor;
        assert!((floor.estimate - 0.4).abs() < 0.05 && floor.low <= 0.4 && floor.high >= 0.4, "{floor:?}");
        assert!(floor.high - floor.low < 0.15, "{floor:?}");
        let (low, high) = minimum.within(0.02);
        assert!((low + 0.6).abs() < 0.1 && (high - 1.4).abs() < 0.1, "{low} {high}");
        assert!((minimum.rise(1.0).unwrap() - 0.02).abs() < 0.004);
    }

    #[test]
    fn without_curvature_the_minimum_may_be_anywhere() {
        let mut chance = Chance::new(7);
        let valleys = Valleys::fit(&[row(&mut chance, 3, 0.03, |_| 0.0)]);
        let minimum = valleys.minimum(0, 0.95).unwrap();
        assert!(minimum.open_below || minimum.open_above, "{:?}", minimum.floor);
    }

    #[test]
    fn what_nothing_measured_has_no_noise() {
        let two = Profile {
            levels: vec![Level { x: 0.0, y: vec![1.0] }, Level { x: 1.0, y: vec![2.0] }],
            ..Profile::default()
        };
        let valleys = Valleys::fit(&[two, Profile::default()]);
        assert_eq!((valleys.noise(0), valleys.common_noise()), (None, None));
        assert!(valleys.minimum(0, 0.95).is_none() && valleys.minimum(9, 0.95).is_none());
    }

    #[test]
    fn unequal_numbers_of_runs_and_many_levels_are_fitted() {
        let mut chance = Chance::new(8);
        let level = |index: i32| {
            let x = f64::from(index) * 0.05;
            let runs = if index % 7 == 0 { 5 } else { 1 };
            Level { x, y: (0..runs).map(|_| 0.05 * (x - 0.4).powi(2) + 0.01 * chance.normal()).collect() }
        };
        let row = Profile { levels: (-60..=60).map(level).collect(), ..Profile::default() };
        let floor = Valleys::fit(&[row]).minimum(0, 0.95).unwrap().floor;
        assert!(floor.low < 0.4 && floor.high > 0.4 && floor.high - floor.low < 1.0, "{floor:?}");
    }
}
