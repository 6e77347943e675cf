//! Time to the target against the number of workers that share a batch, measured and predicted.
//!
//! Steps to the target are S = S_min (1 + B_crit/B), a step takes t₀ + t₁·B/w seconds and, on machines joined by a
//! network, those of an all-reduce c(w). The product is least at B = √(B_crit (t₀ + c) w / t₁), where it is
//! S_min (√(t₀ + c) + √(t₁ B_crit / w))².

use serde::Serialize;
use sweep_stats::distribution::student;
use sweep_stats::hyperbola::Hyperbola;
use sweep_study::{Network, StudyRecord};

use super::Facts;
use super::critical_batch::CriticalBatch;
use super::estimate::{CONFIDENCE, Estimate, Status};
use super::step_cost::{StepCost, Timed, timed};

/// The largest number of workers predicted.
const MOST: u32 = 10;

/// Bytes of a number of a gradient.
const BYTES: f64 = 4.0;

/// Time to the target against workers, of one panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaling {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// Parameters of the network that is trained.
    pub parameters: u64,
    /// t₀: seconds of a step of the fewest workers timed, without its examples.
    pub seconds_a_step: Estimate,
    /// t₁: seconds that each example of a worker adds.
    pub seconds_an_example: Estimate,
    /// The timed steps.
    pub measured: Vec<Measured>,
    /// The powers of two up to 1024, and other numbers of workers that were timed.
    pub rows: Vec<Row>,
}

/// A batch size at a number of workers that was timed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Workers, each on a thread of its own.
    pub workers: u64,
    /// The batch size in examples.
    pub batch: f64,
    /// Seconds that a step took.
    pub seconds_a_step: f64,
    /// Seconds to the target: those times the steps that it took, the geometric mean over seeds.
    pub seconds: f64,
}

/// The best batch size for a number of workers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// How many.
    pub workers: u64,
    /// Whether this number was not timed: their steps are then those of the fewest that were, each with a smaller share
    /// of the batch, and the seconds of the network.
    pub predicted: bool,
    /// The batch size of least time.
    pub batch: Estimate,
    /// Seconds to the target with it.
    pub seconds: Estimate,
}

/// The scaling of each panel that has a critical batch size and whose steps were timed at two batch sizes at least.
pub fn scaling(record: &StudyRecord, facts: &Facts) -> Vec<Scaling> {
    facts.critical_batch.iter().filter_map(|critical| of(record, facts, critical)).collect()
}

fn of(record: &StudyRecord, facts: &Facts, critical: &CriticalBatch) -> Option<Scaling> {
    let times = timed(record, &facts.cells, critical);
    let model = Model {
        curve: critical.curve?,
        costs: StepCost::each(&times),
        network: record.pace.network,
        bytes: BYTES * times.first()?.parameters as f64,
        most: Some(record.study.train_examples as f64).filter(|count| *count > 0.0),
    };
    let cost = model.costs.first()?;
    let timed = model.costs.iter().map(|cost| cost.workers);
    let mut counts: Vec<u64> = (0..=MOST).map(|power| 1 << power).chain(timed).collect();
    counts.sort_unstable();
    counts.dedup();
    let with_reach = |estimate: f64, reach: f64, unit| {
        let end = |end: f64| Some(end).filter(|end| end.is_finite());
        Estimate {
            estimate: Some(estimate),
            low: end((estimate - reach).max(0.0)).filter(|_| reach.is_finite()),
            high: end(estimate + reach),
            confidence: end(reach).map(|_| CONFIDENCE),
            ..Estimate::none(unit, cost.n(), Status::Ok)
        }
    };
    Some(Scaling {
        panel: critical.panel.clone(),
        parameters: times.first()?.parameters,
        seconds_a_step: with_reach(cost.step(), cost.reach(1.0, 0.0), "seconds a step"),
        seconds_an_example: with_reach(cost.example(), cost.reach(0.0, 1.0), "seconds an example"),
        measured: times.iter().filter_map(|time| measured(critical, time)).collect(),
        rows: counts.into_iter().map(|workers| model.row(workers, cost)).collect(),
    })
}

fn measured(critical: &CriticalBatch, time: &Timed) -> Option<Measured> {
    let at = critical.per_batch.iter().find(|at| at.batch == time.batch)?;
    let &Timed { workers, batch, seconds, .. } = time;
    Some(Measured { workers, batch, seconds_a_step: seconds, seconds: at.steps * seconds })
}

/// Everything that the prediction uses.
struct Model {
    curve: Hyperbola,
    /// The cost of steps, for each number of workers that was timed.
    costs: Vec<StepCost>,
    network: Network,
    /// Bytes that workers sum.
    bytes: f64,
    /// The largest batch there is.
    most: Option<f64>,
}

/// By how much a logarithm may be less and more.
type Reach = (f64, f64);

impl Model {
    /// The best batch size for this many workers; if they were not timed, with the step cost of `fewest`.
    fn row(&self, workers: u64, fewest: &StepCost) -> Row {
        let (count, timed) = (workers as f64, self.costs.iter().find(|own| own.workers == workers));
        let cost = timed.unwrap_or(fewest);
        let wait = if timed.is_some() { 0.0 } else { self.network.all_reduce(count, self.bytes) };
        let (step, example) = (cost.step() + wait, cost.example() / count);
        let (low, high) = (count, self.most.unwrap_or(f64::INFINITY).max(count));
        let batch = (self.curve.critical.estimate * step / example).sqrt().clamp(low, high);
        let took = step + example * batch;
        let seconds = self.curve.steps(batch) * took;
        // By the batch size the time is stationary at its least.
        let by_time = cost.reach(1.0 / took, batch / count / took);
        let of_batch = cost.reach(0.5 / step, -0.5 / cost.example());
        let interval = |estimate: f64, (less, more): Reach, unit, bounds: (f64, f64)| {
            let end =
                |log: f64| log.is_finite().then(|| (estimate.ln() + log).exp().clamp(bounds.0, bounds.1));
            let ends = (end(-less), end(more));
            Estimate {
                estimate: Some(estimate),
                low: ends.0,
                high: ends.1,
                confidence: ends.0.or(ends.1).map(|_| CONFIDENCE),
                ..Estimate::none(unit, self.curve.n, Status::Ok)
            }
        };
        Row {
            workers,
            predicted: timed.is_none(),
            batch: interval(batch, self.reach_of_batch(of_batch), "examples", (low, high)),
            seconds: interval(seconds, self.reach_of_time(batch, by_time), "seconds", (0.0, f64::INFINITY)),
        }
    }

    /// How far the logarithm of the best batch size reaches: half as far as that of B_crit, and as the times say.
    fn reach_of_batch(&self, by_time: f64) -> Reach {
        let critical = &self.curve.critical;
        let half = |end: f64| 0.5 * (end / critical.estimate).ln().abs();
        (half(critical.low).hypot(by_time), half(critical.high).hypot(by_time))
    }

    /// How far the logarithm of the seconds with `batch` reaches: by the steps along the interval of B_crit, each with
    /// the fewest steps that go with it, by the mean of the seeds around the curve, and as the times say.
    fn reach_of_time(&self, batch: f64, by_time: f64) -> Reach {
        let Hyperbola { critical, least_at_ends, deviation, n, .. } = self.curve;
        let n = n as f64;
        let mean = student(0.5 + CONFIDENCE / 2.0, n - 2.0) * deviation / n.sqrt();
        let of =
            |least: f64, critical: f64| (least * (1.0 + critical / batch) / self.curve.steps(batch)).ln();
        let ends = [of(least_at_ends.0, critical.low), of(least_at_ends.1, critical.high)];
        if ends.iter().any(|end| end.is_nan()) {
            // The data do not bound the critical batch size.
            return (f64::NAN, f64::NAN);
        }
        let reach = |sign: f64| ends.iter().fold(0f64, |most, end| most.max(sign * end));
        (reach(-1.0).hypot(mean).hypot(by_time), reach(1.0).hypot(mean).hypot(by_time))
    }
}

#[cfg(test)]
mod tests;
