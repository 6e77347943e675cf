//! The Pareto front: the points that no other beats in every metric at once (V. Pareto 1906).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;
use sweep_study::{Goal, Point, SECONDS, StudyRecord, Trial};

use super::cells::Cell;
use super::measure::{Figure, Measure};
use super::valleys::Valleys;

/// How a point compares with the others in all metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// By its means no point is at least as good in every metric and better in one.
    Front,
    /// By its means some are, but none on the front is better in every metric beyond noise.
    Undecided,
    /// A point on the front is better in every metric beyond noise.
    Dominated,
}

/// A point in all metrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighed {
    /// The point.
    pub params: Point,
    /// Which of the facts' cells it is.
    #[serde(skip)]
    pub cell: usize,
    /// Its value in each metric.
    pub figures: Vec<Figure>,
    /// How it compares.
    pub standing: Standing,
}

/// The completed points, compared in several metrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pareto {
    /// The metrics, first the one that led the search.
    pub metrics: Vec<Goal>,
    /// The points, the best in the first metric first.
    pub points: Vec<Weighed>,
    /// Completed points that lack one of the metrics.
    pub unmeasured: usize,
}

impl Pareto {
    /// Whether it depends on a clock, so that equal studies may differ in it.
    pub fn timed(&self) -> bool {
        self.metrics.iter().any(|goal| goal.metric == SECONDS)
    }

    /// Whether there is none among what equal studies share.
    pub(super) fn elsewhere(pareto: &Option<Pareto>) -> bool {
        pareto.as_ref().is_none_or(Pareto::timed)
    }

    /// The points on the front.
    pub fn front(&self) -> impl Iterator<Item = &Weighed> {
        self.points.iter().filter(|point| point.standing == Standing::Front)
    }
}

/// One metric: the cells with its values, and the noise of a run at each.
struct Metric {
    measure: Measure,
    cells: Vec<Cell>,
    valleys: Valleys,
}

/// The points of a study of several metrics; `None` where it has one, or no point completed. The first metric is read
/// as the study ranks it, with its `measure`, the others at the last reading of each trial.
pub fn pareto(record: &StudyRecord, cells: &[Cell], measure: &Measure) -> Option<Pareto> {
    if record.study.also.is_empty() {
        return None;
    }
    let trials: BTreeMap<u64, &Trial> = record.trials.iter().map(|trial| (trial.number, trial)).collect();
    let first = Metric { measure: *measure, valleys: Valleys::of(cells, measure), cells: cells.to_vec() };
    let others = record.study.also.iter().map(|goal| Metric::of(goal, cells, &trials));
    let metrics: Vec<Metric> = std::iter::once(first).chain(others).collect();
    let ended_well = || cells.iter().enumerate().filter(|(_, cell)| cell.value.is_some());
    let mut points: Vec<Weighed> = ended_well()
        .filter_map(|(index, cell)| {
            let figures = metrics.iter().map(|metric| metric.cells.get(index)?.result());
            let figures: Option<Vec<Figure>> = figures.collect();
            let (params, standing) = (record.study.params(&cell.params), Standing::Front);
            Some(Weighed { params, cell: index, figures: figures?, standing })
        })
        .collect();
    let unmeasured = ended_well().count() - points.len();
    points.sort_by(|a, b| {
        let each = metrics.iter().zip(a.figures.iter().zip(&b.figures));
        let orders = each.map(|(metric, (a, b))| metric.measure.order(Some(a.value), Some(b.value)));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    stand(&mut points, &metrics);
    (!points.is_empty()).then(|| Pareto {
        metrics: record.study.goals().cloned().collect(),
        points,
        unmeasured,
    })
}

impl Metric {
    /// The metric of `goal`; a cell has no value where one of its trials lacks it.
    fn of(goal: &Goal, cells: &[Cell], trials: &BTreeMap<u64, &Trial>) -> Metric {
        let read =
            |number: &u64| trials.get(number)?.metrics.get(&goal.metric).copied().filter(|x| x.is_finite());
        let values = |cell: &Cell| cell.trials.iter().map(read).collect::<Vec<Option<f64>>>();
        let whole =
            |cell: &Cell| cell.value.and_then(|_| values(cell).into_iter().collect::<Option<Vec<f64>>>());
        let all: Vec<Option<Vec<f64>>> = cells.iter().map(whole).collect();
        let measure = Measure::of(goal).allowing(all.iter().flatten().flatten().copied());
        let of = |(cell, values): (&Cell, &Option<Vec<f64>>)| {
            let mean = values.as_ref().and_then(|values| measure.mean(values));
            Cell {
                value: mean.map(|mean| mean.value),
                stderr: mean.and_then(|mean| mean.stderr),
                values: values.iter().flatten().copied().map(Some).collect(),
                ..cell.clone()
            }
        };
        let cells: Vec<Cell> = cells.iter().zip(&all).map(of).collect();
        Metric { measure, valleys: Valleys::of(&cells, &measure), cells }
    }

    /// Whether the cell at `a` is better than the one at `b` beyond noise: by more than two standard errors of their
    /// difference, or than 5 % where no noise is known.
    fn surely_better(&self, a: usize, b: usize) -> bool {
        let cost = |cell: &Cell| self.measure.cost(cell.value?);
        let (Some(winner), Some(other)) = (self.cells.get(a), self.cells.get(b)) else { return false };
        let (Some(low), Some(high), Some(value)) = (cost(winner), cost(other), winner.value) else {
            return false;
        };
        let error = |index: usize, cell: &Cell| {
            Some(self.valleys.noise(index)?.deviation / (cell.values.len() as f64).sqrt())
        };
        let reach = error(a, winner).zip(error(b, other)).map(|(a, b)| 2.0 * a.hypot(b));
        high - low > reach.unwrap_or_else(|| self.measure.last_resort(value))
    }
}

/// Classifies each point. The points are sorted by the first metric, the best first, then by the next: so whatever
/// beats a point comes before it.
fn stand(points: &mut [Weighed], metrics: &[Metric]) {
    let mut front: Vec<usize> = Vec::new();
    for index in 0..points.len() {
        let beaten = |other: &&usize| beats(&points[**other], &points[index], metrics);
        if front.iter().find(beaten).is_none() {
            front.push(index);
        }
    }
    for index in 0..points.len() {
        let surely = |other: &usize| {
            let (a, b) = (points[*other].cell, points[index].cell);
            metrics.iter().all(|metric| metric.surely_better(a, b))
        };
        points[index].standing = match front.binary_search(&index) {
            Ok(_) => Standing::Front,
            Err(_) if front.iter().any(surely) => Standing::Dominated,
            Err(_) => Standing::Undecided,
        };
    }
}

/// Whether `a` is at least as good as `b` in every metric and better in one, by their means.
fn beats(a: &Weighed, b: &Weighed, metrics: &[Metric]) -> bool {
    let each = || metrics.iter().map(|metric| &metric.measure).zip(a.figures.iter().zip(&b.figures));
    each().all(|(measure, (a, b))| !measure.better(b.value, a.value))
        && each().any(|(measure, (a, b))| measure.better(a.value, b.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;
    use sweep_study::Direction;

    /// Points of an accuracy and a loss each, the same for all of `replicates` seeds but for `spread` about them.
    fn weighed(points: &[(f64, f64)], replicates: u32, spread: f64) -> Vec<Standing> {
        let lrs: Vec<String> = (1..=points.len()).map(|lr| lr.to_string()).collect();
        let mut made = Made::new(&[&format!("lr={}", lrs.join(","))]).replicates(replicates);
        made = made.with(|study| {
            study.also = vec![Goal { metric: "val_accuracy".into(), direction: Direction::Maximize }];
        });
        let seeds = |value: f64| -> Vec<f64> {
            (0..replicates).map(|seed| value * (1.0 + spread * (f64::from(seed) - 1.0))).collect()
        };
        for (lr, (loss, _)) in lrs.iter().zip(points) {
            made = made.trial(&format!("lr={lr}"), &seeds(*loss));
        }
        let record = made.change(|trial| {
            let lr = trial.point.get("lr").and_then(sweep_study::Value::number).unwrap();
            let about = 1.0 + 0.1 * spread * (f64::from(trial.replicate) - 1.0);
            trial.metrics.insert("val_accuracy".into(), points[lr as usize - 1].1 * about);
        });
        let facts = crate::facts(&record.record());
        let mut points = facts.pareto.unwrap().points;
        points.sort_by_key(|point| point.cell);
        points.iter().map(|point| point.standing).collect()
    }

    #[test]
    fn what_is_best_in_something_is_on_the_front() {
        use Standing::{Dominated, Front};
        let points = [(0.1, 0.90), (0.2, 0.95), (0.3, 0.99), (0.25, 0.80), (0.4, 0.98)];
        assert_eq!(weighed(&points, 1, 0.0), [Front, Front, Front, Dominated, Dominated]);
        assert_eq!(weighed(&[(0.1, 0.9), (0.1, 0.9)], 1, 0.0), [Front, Front], "equal points");
        assert_eq!(weighed(&[(0.1, 0.9), (0.1, 0.5)], 1, 0.0)[0], Front);
    }

    #[test]
    fn what_noise_may_have_beaten_is_undecided() {
        use Standing::{Dominated, Front, Undecided};
        // A loss 3 % higher is within 5 %, and within two standard errors of 10 %; not of 0.1 %.
        let points = [(0.1, 0.95), (0.103, 0.90)];
        assert_eq!(weighed(&points, 1, 0.0), [Front, Undecided]);
        assert_eq!(weighed(&points, 5, 0.1), [Front, Undecided]);
        assert_eq!(weighed(&points, 5, 0.001), [Front, Dominated]);
    }

    #[test]
    fn one_metric_has_no_front_and_unmeasured_points_are_counted() {
        let made = || Made::new(&["lr=0.1,1"]).row(&["0.1", "1"], &[0.5, 0.6]);
        assert!(crate::facts(&made().record()).pareto.is_none());
        let also = |metric: &str| vec![Goal { metric: metric.into(), direction: Direction::Minimize }];
        let timed = made().with(|study| study.also = also(SECONDS));
        assert!(crate::facts(&timed.record()).pareto.unwrap().timed());
        let lacking = made().with(|study| study.also = also("params")).change(|trial| {
            if trial.number == 0 {
                trial.metrics.insert("params".into(), 1e5);
            }
        });
        let pareto = crate::facts(&lacking.record()).pareto.unwrap();
        assert_eq!((pareto.points.len(), pareto.unmeasured, pareto.timed()), (1, 1, false));
    }
}
