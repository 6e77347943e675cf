//! On which scale the values of a study are compared, as its own values tell.

use serde::Serialize;
use sweep_stats::pooled;
use sweep_study::{Direction, STEPS_TO_TARGET, StudyRecord};

use super::axes::Axes;
use super::cells::{Cell, cells};
use super::measure::{Kind, Measure};
use super::valleys::Valleys;

/// By how many natural logarithms of likelihood another scale must beat the one that the name proposes.
const CLEAR: f64 = 5.0;

/// The ratio of the largest to the smallest value from which, without replicates, the logarithm is taken.
const DECADES: f64 = 100.0;

/// How far below the lowest value floors are tried, in distances from there to the median: the nearest, the farthest,
/// and how many between them.
const NEAREST: f64 = 1e-3;
const FARTHEST: f64 = 1e3;
const FLOORS: i32 = 300;

/// By how much the logarithm of the likelihood falls to the ends of a 95 % interval of one number.
const FALL: f64 = 1.92;

/// The scale of the metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The logarithm of the value's excess over its floor.
    Log,
    /// The logarithm of the share of wrong answers.
    LogWrong,
    /// The values as they are.
    Plain,
}

/// The lowest value that a loss can reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Floor {
    /// The floor, in the unit of the metric.
    pub estimate: f64,
    /// The lower end of its interval; `None` where it was given.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
}

/// On which scale values are compared and averaged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Transformation {
    /// The scale.
    pub scale: Scale,
    /// The floor, where one was given or estimated.
    pub floor: Option<Floor>,
}

/// A study's measure with its cells and their rows.
pub struct OnScale {
    /// How values compare.
    pub measure: Measure,
    /// The same, as it is reported.
    pub transformation: Transformation,
    /// The cells, averaged by it.
    pub cells: Vec<Cell>,
    /// The rows of cells, fitted.
    pub valleys: Valleys,
}

/// The measure of a study with its cells and their rows.
///
/// The name of the metric proposes a scale: the logarithm of a loss, the logarithm of the share of wrong answers, or the
/// values as they are. Where values do not allow that one (a loss that is not positive, an accuracy above 1) they are
/// taken as they are. Where points were run on several seeds, their scatter may clearly speak for another: each scale is
/// judged by the likelihood of the better half of the points as normal deviations of one width, with the change of scale
/// accounted for (G. Box and D. Cox 1964, section 3). A minimized loss may so be found to have a floor, over which its
/// scatter is proportional to the excess. A study that states its floor is taken by its word.
pub fn on_scale(record: &StudyRecord, axes: &Axes) -> OnScale {
    let (goal, given) = (&record.study.goal, record.study.floor);
    let named = Measure::of(goal);
    let proposed = match given {
        Some(floor) if goal.direction == Direction::Minimize => Measure { kind: Kind::Loss, floor, ..named },
        _ => named,
    };
    let first = cells(record, axes, &proposed);
    let allowed = proposed.allowing(values(&first));
    let (measure, floor) = match given {
        Some(floor) => (allowed, Some(Floor { estimate: floor, low: None, high: None })),
        None if goal.metric == STEPS_TO_TARGET => (allowed, None),
        None => evident(&first, allowed),
    };
    let cells = if measure == proposed { first } else { cells(record, axes, &measure) };
    let scale = match (measure.logarithmic(), measure.kind) {
        (true, Kind::Accuracy) => Scale::LogWrong,
        (true, _) => Scale::Log,
        _ => Scale::Plain,
    };
    let floor = floor.filter(|_| scale == Scale::Log);
    let valleys = Valleys::of(&cells, &measure);
    OnScale { measure, transformation: Transformation { scale, floor }, cells, valleys }
}

/// The values of the runs that stand for their points.
fn values(cells: &[Cell]) -> impl Iterator<Item = f64> {
    let run = cells.iter().filter(|cell| cell.value.is_some());
    run.flat_map(|cell| cell.values.iter().flatten().copied())
}

/// The measure for which the scatter of seeds speaks clearly, with the floor that it found; else the `proposed` one.
fn evident(cells: &[Cell], proposed: Measure) -> (Measure, Option<Floor>) {
    let logarithm = match (proposed.kind, proposed.direction) {
        (Kind::Accuracy, _) => proposed,
        (_, Direction::Minimize) => Measure { kind: Kind::Loss, ..proposed },
        _ => return (proposed, None),
    };
    if logarithm.allowing(values(cells)) != logarithm {
        return (proposed, None);
    }
    let plain = Measure { kind: Kind::Other, ..proposed };
    let runs = Runs::of(cells, &proposed);
    let Some((as_they_are, by_logarithm)) = runs.likelihood(&plain).zip(runs.likelihood(&logarithm)) else {
        let ends =
            values(cells).fold((f64::INFINITY, 0f64), |(low, high), value| (low.min(value), high.max(value)));
        let wide = proposed.kind == Kind::Other && ends.1 / ends.0 >= DECADES;
        return (if wide { logarithm } else { proposed }, None);
    };
    let doubt = if proposed.logarithmic() { CLEAR } else { -CLEAR };
    if by_logarithm + doubt <= as_they_are {
        return (plain, None);
    }
    match runs.floor(&logarithm).filter(|_| logarithm.kind == Kind::Loss) {
        Some((floor, likelihood)) if floor.estimate > 0.0 && likelihood - by_logarithm > CLEAR => {
            (Measure { floor: floor.estimate, ..logarithm }, Some(floor))
        }
        _ => (logarithm, None),
    }
}

/// The runs of the better half of the points that have several seeds.
struct Runs<'a>(Vec<&'a [Option<f64>]>);

impl Runs<'_> {
    fn of<'a>(cells: &'a [Cell], measure: &Measure) -> Runs<'a> {
        let mut own: Vec<&Cell> = cells.iter().filter(|cell| cell.value.is_some() && cell.n > 1).collect();
        own.sort_by(|a, b| measure.order(a.value, b.value));
        own.truncate(own.len().div_ceil(2));
        Runs(own.into_iter().map(|cell| &cell.values[..]).collect())
    }

    /// The logarithm of the likelihood of the scatter of seeds on the scale of `measure`, up to what all scales share;
    /// `None` without replicates.
    fn likelihood(&self, measure: &Measure) -> Option<f64> {
        let groups: Vec<Vec<f64>> = self.0.iter().filter_map(|values| measure.costs(values)).collect();
        let (deviation, dof) = pooled(&groups)?;
        let slopes = groups.iter().flatten().map(|cost| measure.slope(measure.value(*cost)).ln());
        let (sum, count) = slopes.fold((0.0, 0.0), |(sum, count), slope| (sum + slope, count + 1.0));
        Some(-dof * (deviation.ln() + sum / count)).filter(|likelihood| likelihood.is_finite())
    }

    /// The floor under which these runs are most likely, with its interval and that likelihood.
    fn floor(&self, logarithm: &Measure) -> Option<(Floor, f64)> {
        let mut all: Vec<f64> = self.0.iter().flat_map(|values| values.iter().flatten().copied()).collect();
        all.sort_by(f64::total_cmp);
        let (lowest, median) = (*all.first()?, *all.get(all.len() / 2)?);
        let tried = (0..=FLOORS).filter_map(|step| {
            let away = NEAREST * (FARTHEST / NEAREST).powf(f64::from(step) / f64::from(FLOORS));
            let floor = lowest - away * (median - lowest);
            Some((floor, self.likelihood(&Measure { floor, ..*logarithm })?))
        });
        let tried: Vec<(f64, f64)> = tried.collect();
        let best = tried.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let inside = || tried.iter().filter(|(_, likelihood)| *likelihood >= best.1 - FALL).map(|one| one.0);
        let (low, high) = (inside().reduce(f64::min), inside().reduce(f64::max));
        Some((Floor { estimate: best.0, low, high }, best.1))
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{Facts, Kind, facts};
    use crate::fixtures::Made;

    /// Eight points with four seeds each: values from 1e-4 to 1, spread in proportion or evenly.
    fn study(metric: &str, spread: impl Fn(f64) -> f64) -> Facts {
        let lrs: Vec<String> = (1..=8).map(|lr| format!("{lr}e-3")).collect();
        let mut made = Made::new(&[&format!("lr={}", lrs.join(","))]).replicates(4).minimize(metric);
        for (index, lr) in lrs.iter().enumerate() {
            let level = 10f64.powf(-4.0 + index as f64 / 2.0);
            let values = [-1.1, 0.3, 0.9, -0.2].map(|z| level + z * spread(level));
            made = made.trial(&format!("lr={lr}"), &values);
        }
        facts(&made.record())
    }

    #[test]
    fn the_spread_of_runs_tells_the_scale() {
        assert_eq!(study("val_mse", |level| 0.3 * level).measure.kind, Kind::Loss);
        assert_eq!(study("val_mse", |_| 5e-5).measure.kind, Kind::Other);
        assert_eq!(study("val_loss", |level| 0.3 * level).measure.kind, Kind::Loss);
        assert_eq!(study("val_loss", |_| 5e-5).measure.kind, Kind::Other);
        // A loss that is not positive has no logarithm.
        assert_eq!(study("val_loss", |_| 2e-4).measure.kind, Kind::Other);
    }

    #[test]
    fn a_scatter_in_proportion_to_the_excess_shows_the_floor() {
        let lrs: Vec<String> = (1..=16).map(|lr| format!("{lr}e-3")).collect();
        let made = |floor: f64, given: Option<f64>| {
            let mut made = Made::new(&[&format!("lr={}", lrs.join(","))]).replicates(4).minimize("val_loss");
            for (index, lr) in lrs.iter().enumerate() {
                let excess = 0.01 * 10f64.powf(index as f64 / 8.0);
                let values = [-1.1, 0.3, 0.9, -0.2].map(|z| floor + excess * (1.0 + 0.1 * z));
                made = made.trial(&format!("lr={lr}"), &values);
            }
            facts(&made.with(|study| study.floor = given).record())
        };
        let found = made(2.0, None).transformation.floor.unwrap();
        assert!((found.estimate - 2.0).abs() < 0.002, "{found:?}");
        assert!(found.low.unwrap() < 2.0 && 2.0 < found.high.unwrap(), "{found:?}");
        assert_eq!(made(0.0, None).transformation.floor, None);
        let given = made(2.0, Some(1.9));
        assert_eq!((given.measure.floor, given.measure.kind), (1.9, Kind::Loss));
        // Values below a floor that was given are taken as they are.
        assert_eq!(made(2.0, Some(2.02)).measure.kind, Kind::Other);
    }
}
