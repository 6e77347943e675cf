//! The cost of a step on the machine of a study: t₀ + t₁·B/w seconds for w workers that share B examples.

use sweep_stats::distribution::student;
use sweep_stats::linear::{self, LinearFit};
use sweep_study::{Point, StepTime, StudyRecord, Trial, WORKERS};

use super::cells::Cell;
use super::critical_batch::CriticalBatch;
use super::estimate::CONFIDENCE;

/// A step that was timed alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    /// Workers that shared its batch, each on a thread of its own.
    pub workers: u64,
    /// The batch size in examples.
    pub batch: f64,
    /// Parameters of the network.
    pub parameters: u64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// The steps timed of the fastest cells of a panel; those whose workers lacked threads do not count for that number of
/// workers.
pub fn timed(record: &StudyRecord, cells: &[Cell], critical: &CriticalBatch) -> Vec<Timed> {
    let shapes: Vec<Point> =
        critical.per_batch.iter().filter_map(|at| Some(shape(record, &cells.get(at.cell)?.params))).collect();
    let own = |time: &StepTime| {
        let trial = record.trial(time.trial)?;
        let batch = record.study.batch(&trial.point)?;
        (time.threads >= time.workers && shapes.contains(&shape(record, &trial.point))).then_some(Timed {
            workers: time.workers,
            batch,
            parameters: time.parameters,
            seconds: time.seconds,
        })
    };
    record.pace.steps.iter().filter_map(own).collect()
}

/// The most batch sizes whose steps are timed.
const MOST: usize = 16;

/// The numbers of the trials whose steps are to be timed: the first of the best cell of each batch size, and of each
/// cell that reaches a target first, with each number of workers. Those of shapes that were timed are left out, and
/// trials whose batches grow.
pub fn untimed(record: &StudyRecord, facts: &super::Facts) -> Vec<u64> {
    let whole = |time: &StepTime| record.trial(time.trial).map(|trial| record.study.shape(&trial.point));
    let mut known: Vec<Point> = record.pace.steps.iter().filter_map(whole).collect();
    let mut found = Vec::new();
    let fastest = facts.critical_batch.iter().flat_map(|critical| &critical.per_batch);
    let fastest = fastest.filter_map(|at| Some((facts.cells.get(at.cell)?, true)));
    for (cell, any_workers) in fastest.chain(best(facts).into_iter().map(|cell| (cell, false))) {
        let wanted = shape(record, &cell.params);
        let asked = |trial: &&Trial| match any_workers {
            true => shape(record, &trial.point) == wanted,
            false => trial.point == cell.params,
        };
        for trial in record.trials.iter().filter(|trial| trial.outcome.usable()).filter(asked) {
            let own = record.study.shape(&trial.point);
            if !known.contains(&own) && !record.study.grows(&trial.point) {
                known.push(own);
                found.push(trial.number);
            }
        }
    }
    found
}

/// The best cell of each batch size, where these are few.
fn best(facts: &super::Facts) -> Vec<&Cell> {
    let measure = facts.measure;
    let mut cells: Vec<&Cell> = facts.cells.iter().filter(|cell| cell.value.is_some()).collect();
    cells.sort_by(|a, b| measure.order(a.value, b.value));
    let mut best: Vec<&Cell> = Vec::new();
    for cell in cells {
        if cell.batch.is_some() && best.iter().all(|known| known.batch != cell.batch) {
            best.push(cell);
        }
    }
    if best.len() > MOST { Vec::new() } else { best }
}

/// The shape of a point whatever its workers.
fn shape(record: &StudyRecord, point: &Point) -> Point {
    let mut shape = record.study.shape(point);
    shape.0.remove(WORKERS);
    shape
}

/// The cost of a step for a number of workers.
#[derive(Clone, Debug)]
pub struct StepCost {
    /// How many they are.
    pub workers: u64,
    fit: LinearFit,
}

impl StepCost {
    /// The costs for each number of workers that was timed, rising, by least squares, long and short steps by ratio.
    /// Each has a t₀ and a t₁ of its own, which include the workers' waiting for each other and their sharing of the
    /// memory. Those whose batch sizes do not differ or whose cost is not positive are left out.
    pub fn each(times: &[Timed]) -> Vec<StepCost> {
        let mut workers: Vec<u64> = times.iter().map(|time| time.workers).collect();
        workers.sort_unstable();
        workers.dedup();
        workers.into_iter().filter_map(|workers| StepCost::fit(times, workers)).collect()
    }

    fn fit(times: &[Timed], workers: u64) -> Option<StepCost> {
        let own = || times.iter().filter(|time| time.workers == workers);
        let rows: Vec<Vec<f64>> = own().map(|time| vec![1.0, time.batch / workers as f64]).collect();
        let seconds: Vec<f64> = own().map(|time| time.seconds).collect();
        let weights: Vec<f64> = seconds.iter().map(|seconds| seconds.powi(-2)).collect();
        let fit = linear::fit(&rows, &seconds, &weights)?;
        fit.coefficients.iter().all(|cost| *cost > 0.0).then_some(StepCost { workers, fit })
    }

    /// t₀, in seconds.
    pub fn step(&self) -> f64 {
        self.fit.coefficients.first().copied().unwrap_or(f64::NAN)
    }

    /// t₁, in seconds per example of a worker.
    pub fn example(&self) -> f64 {
        self.fit.coefficients.get(1).copied().unwrap_or(f64::NAN)
    }

    /// Number of timed steps behind the fit.
    pub fn n(&self) -> usize {
        self.fit.dof + self.fit.coefficients.len()
    }

    /// Half-width, at [`CONFIDENCE`], of the interval of the quantity whose derivatives by t₀ and by t₁ are given (the
    /// delta method); not a number where nothing is left to tell the scatter by.
    pub fn reach(&self, by_step: f64, by_example: f64) -> f64 {
        let of = |i, j| self.fit.covariance(i, j, self.fit.variance());
        let variance = by_step * by_step * of(0, 0)
            + 2.0 * by_step * by_example * of(0, 1)
            + by_example * by_example * of(1, 1);
        student(0.5 + CONFIDENCE / 2.0, self.fit.dof as f64) * variance.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(workers: u64, batch: f64, seconds: f64) -> Timed {
        Timed { workers, batch, parameters: 1000, seconds }
    }

    #[test]
    fn each_number_of_workers_has_costs_of_its_own() {
        let cost = |workers: u64, batch: f64| {
            let wait = if workers == 1 { 3e-4 } else { 4e-4 };
            time(workers, batch, wait + 1.2e-5 * batch / workers as f64)
        };
        let all = [cost(1, 8.0), cost(1, 64.0), cost(2, 64.0), cost(2, 512.0), cost(1, 512.0), cost(4, 64.0)];
        let fits = StepCost::each(&all);
        assert_eq!(fits.iter().map(|fit| (fit.workers, fit.n())).collect::<Vec<_>>(), [(1, 3), (2, 2)]);
        for (fit, step) in fits.iter().zip([3e-4, 4e-4]) {
            assert!((fit.step() / step - 1.0).abs() < 1e-9, "{fit:?}");
            assert!((fit.example() / 1.2e-5 - 1.0).abs() < 1e-9, "{fit:?}");
        }
        assert!(fits[0].reach(1.0, 0.0) < 1e-9, "nothing scatters");
        assert!(fits[1].reach(1.0, 0.0).is_nan(), "two points show no scatter");
    }

    #[test]
    fn scatter_is_reported_and_undetermined_fits_are_not() {
        let noisy = [time(1, 8.0, 4e-4), time(1, 64.0, 1.0e-3), time(1, 512.0, 7e-3), time(1, 128.0, 2e-3)];
        assert!(StepCost::each(&noisy)[0].reach(1.0, 0.0) > 1e-5);
        assert!(StepCost::each(&noisy[..1]).is_empty());
        assert!(
            StepCost::each(&[time(1, 8.0, 2e-3), time(1, 64.0, 1e-3)]).is_empty(),
            "a larger batch is not faster"
        );
    }
}
