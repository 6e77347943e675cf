//! What to use for a goal: the least loss, examples, seconds or memory, and what the second best would cost.

use serde::Serialize;
use sweep_stats::distribution::student;
use sweep_study::{Direction, Point, SECONDS, STEPS_TO_TARGET, StudyRecord, Trial};

use crate::facts::{
    BatchBest, CONFIDENCE, Cell, Estimate, Facts, Measure, Soonest, Status,
    cost::{self, excess, mean},
    throughput, wall_clock,
};

/// What to minimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The metric of the study, be it a loss or another.
    Loss,
    /// Training examples to a target.
    Examples,
    /// Seconds to a target, on the machine on which the study ran.
    Seconds,
    /// Memory of a trial without the data, as measured.
    Memory,
}

impl Aim {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Aim::Loss => "loss",
            Aim::Examples => "examples",
            Aim::Seconds => "seconds",
            Aim::Memory => "memory",
        }
    }
}

/// What to use for a goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The goal.
    pub aim: Aim,
    /// The point; `None` where nothing can be recommended.
    pub params: Option<Point>,
    /// Its batch size.
    pub batch: Option<f64>,
    /// The best learning rate at that batch size; the rate of the point if it has no estimate.
    pub lr: Option<Estimate>,
    /// The cost: the metric, examples, seconds, or the batch size.
    pub value: Estimate,
    /// The best of the other batch sizes, and by how much more it takes.
    pub second: Option<Second>,
    /// The value of the metric to which examples and seconds are counted.
    pub target: Option<f64>,
    /// Why there is none.
    pub missing: Option<&'static str>,
}

/// The second best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Second {
    /// Its point.
    pub params: Point,
    /// Its batch size.
    pub batch: Option<f64>,
    /// By how much more it takes: the ratio less one, or a difference of a metric that is not a loss.
    pub price: Estimate,
}

/// A batch size at its best learning rate; any completed point if no axis is the learning rate.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    row: Option<&'a BatchBest>,
    cell: &'a Cell,
}

/// A candidate and its cost for a goal, one per replicate.
struct Costed<'a> {
    row: Option<&'a BatchBest>,
    cell: &'a Cell,
    costs: Vec<f64>,
}

/// What to use for `aim`.
pub fn facts(record: &StudyRecord, facts: &Facts, aim: Aim) -> Recommendation {
    let measure = facts.measure;
    let all = candidates(facts);
    let none = |missing| Recommendation {
        aim,
        params: None,
        batch: None,
        lr: None,
        value: Estimate::none(unit(aim), 0, Status::None),
        second: None,
        target: None,
        missing: Some(missing),
    };
    if all.is_empty() {
        return none("no point completed");
    }
    if aim == Aim::Memory {
        return least_memory(record, all, facts)
            .unwrap_or_else(|| none("the memory of no trial among the best was measured"));
    }
    let target = target(record, facts);
    let costed = ranked(record, facts, aim, target, &all);
    let Some(best) = costed.first() else {
        return none(match aim {
            Aim::Seconds => "no trial reports its seconds and its readings",
            _ => "no trial reports its steps",
        });
    };
    let scale = if aim == Aim::Loss { measure } else { Measure::RATIO };
    let value_of = |cost: f64| scale.value(cost);
    let other = costed.iter().find(|other| other.cell.batch != best.cell.batch).or(costed.get(1));
    let counted = matches!(aim, Aim::Examples | Aim::Seconds) && record.study.target().is_none();
    Recommendation {
        aim,
        params: Some(record.study.params(&best.cell.params)),
        batch: best.cell.batch,
        lr: rate(best.row, best.cell),
        value: estimate(&best.costs, unit(aim), &value_of),
        second: other.map(|other| Second {
            params: record.study.params(&other.cell.params),
            batch: other.cell.batch,
            price: excess(&other.costs, &best.costs, &scale),
        }),
        target: target.filter(|_| counted),
        missing: None,
    }
}

/// The candidates that have a cost for the goal, the least first.
fn ranked<'a>(
    record: &StudyRecord,
    facts: &Facts,
    aim: Aim,
    target: Option<f64>,
    all: &[Candidate<'a>],
) -> Vec<Costed<'a>> {
    let measure = facts.measure;
    let paces = wall_clock(record, facts);
    let costed = |&Candidate { row, cell }: &Candidate<'a>| {
        let cost = |trial: &Trial| match aim {
            Aim::Loss => measure.cost(record.study.value(trial)),
            Aim::Examples => Some((crossing(record, trial, target)?.0 as f64 * cell.batch?).ln()),
            _ => seconds(record, trial, target, paces.iter().find(|pace| pace.panel == cell.panel)),
        };
        let own = cell.trials.iter().filter_map(|number| record.trial(*number));
        let costs: Vec<f64> = own.map(cost).collect::<Option<_>>()?;
        (!costs.is_empty()).then_some(Costed { row, cell, costs })
    };
    let mut costed: Vec<Costed<'_>> = all.iter().filter_map(costed).collect();
    // The fitted curve ranks batch sizes by their seconds: single ones are noisy around its flat minimum.
    let rank = |candidate: &Costed<'_>| {
        let fitted =
            || curved(facts, paces.iter().find(|pace| pace.panel == candidate.cell.panel)?, candidate.cell);
        (aim == Aim::Seconds).then(fitted).flatten().unwrap_or_else(|| mean(&candidate.costs))
    };
    costed.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    if aim == Aim::Loss {
        // The best point is the one that the verdict names, confirmed or not.
        let named = facts.best_cell();
        costed.sort_by_key(|one| named.is_none_or(|named| !std::ptr::eq(one.cell, named)));
    }
    costed
}

/// The logarithm of the seconds to the target by the fitted curve of steps and the fitted seconds of a step.
fn curved(facts: &Facts, pace: &Soonest, cell: &Cell) -> Option<f64> {
    let critical = facts.critical_batch.iter().find(|critical| critical.panel == cell.panel)?;
    let batch = cell.batch?;
    Some((critical.curve?.steps(batch) * (pace.seconds_a_step + pace.seconds_an_example * batch)).ln())
}

fn unit(aim: Aim) -> &'static str {
    match aim {
        Aim::Loss => "metric",
        Aim::Examples => "examples",
        Aim::Seconds => SECONDS,
        Aim::Memory => "MB",
    }
}

/// Each batch size at its best; without a learning-rate axis, each completed point.
fn candidates(facts: &Facts) -> Vec<Candidate<'_>> {
    if facts.best_per_batch.is_empty() {
        let ended = facts.cells.iter().filter(|cell| cell.value.is_some());
        return ended.map(|cell| Candidate { row: None, cell }).collect();
    }
    let rows = facts.best_per_batch.iter();
    rows.filter_map(|row| Some(Candidate { row: Some(row), cell: facts.cells.get(row.cell?)? })).collect()
}

/// The learning rate with its interval; where it has no estimate, the one measured, under the status that gives the
/// reason.
fn rate(row: Option<&BatchBest>, cell: &Cell) -> Option<Estimate> {
    let measured = cell.lr?;
    let known =
        row.map(|row| row.lr.clone()).unwrap_or_else(|| Estimate::none("learning rate", cell.n, Status::Ok));
    Some(Estimate { estimate: known.estimate.or(Some(measured)), ..known })
}

/// The value of the metric to be reached: the target of the study, else what is worse than the best by the smallest
/// difference that matters.
fn target(record: &StudyRecord, facts: &Facts) -> Option<f64> {
    if let Some(target) = record.study.target() {
        return Some(target.value);
    }
    let best = facts.measure.cost(facts.best.as_ref()?.value)?;
    Some(facts.measure.value(best + facts.noise.smallest))
}

/// The logarithm of the seconds in which a trial reached the target: its steps at the fitted pace of the study, which
/// leaves out the waiting of single trials; as measured where there is none.
fn seconds(record: &StudyRecord, trial: &Trial, target: Option<f64>, pace: Option<&Soonest>) -> Option<f64> {
    let (steps, measured) = crossing(record, trial, target)?;
    let fitted = |pace: &Soonest| {
        let batch = record.study.batch(&trial.point)?;
        Some(steps as f64 * (pace.seconds_a_step + pace.seconds_an_example * batch))
    };
    pace.and_then(fitted).or(measured).filter(|seconds| *seconds > 0.0).map(f64::ln)
}

/// The steps and the seconds after which a trial reached the target.
fn crossing(record: &StudyRecord, trial: &Trial, target: Option<f64>) -> Option<(u64, Option<f64>)> {
    let seconds = trial.metrics.get(SECONDS).or(trial.curve.metric(SECONDS).last()).copied();
    if record.study.target().is_some() {
        let steps = trial.metrics.get(STEPS_TO_TARGET).copied().filter(|steps| steps.is_finite())?;
        return Some((steps as u64, seconds));
    }
    let target = target.filter(|_| !trial.counted)?;
    let met = |value: &f64| match record.study.goal.direction {
        Direction::Minimize => *value <= target,
        Direction::Maximize => *value >= target,
    };
    let at = trial.curve.metric(&record.study.goal.metric).iter().position(met)?;
    let steps = trial.curve.step.get(at).copied().filter(|steps| *steps > 0)?;
    Some((steps, trial.curve.metric(SECONDS).get(at).copied()))
}

/// The point that takes the least memory, as measured, of those whose batch size cannot be told from the best; of those
/// that reach the target where the study has one.
fn least_memory(record: &StudyRecord, all: Vec<Candidate<'_>>, facts: &Facts) -> Option<Recommendation> {
    let best = facts.best.as_ref()?;
    let rows = throughput(record);
    let bytes = |cell: &Cell| rows.iter().find(|row| Some(row.batch) == cell.batch)?.bytes;
    let level = |cell: &Cell| facts.budget.until.is_some() || cell.tied || Some(best.value) == cell.value;
    let own = all.into_iter().filter(|one| level(one.cell));
    let mut taken: Vec<(u64, Candidate<'_>)> = own.filter_map(|one| Some((bytes(one.cell)?, one))).collect();
    taken.sort_by_key(|(bytes, _)| *bytes);
    let (least, Candidate { row, cell }) = taken.first()?;
    let figure = |estimate: f64, unit| Estimate {
        estimate: Some(estimate),
        ..Estimate::none(unit, cell.n, Status::Ok)
    };
    let second =
        taken.iter().find(|(_, other)| other.cell.batch != cell.batch).map(|(bytes, other)| Second {
            params: record.study.params(&other.cell.params),
            batch: other.cell.batch,
            price: figure(*bytes as f64 / *least as f64 - 1.0, cost::unit(true)),
        });
    Some(Recommendation {
        aim: Aim::Memory,
        params: Some(record.study.params(&cell.params)),
        batch: cell.batch,
        lr: rate(*row, cell),
        value: figure(*least as f64 / 1e6, unit(Aim::Memory)),
        second,
        target: None,
        missing: None,
    })
}

/// The mean of costs as a figure, with its interval by Student's t from two replicates on.
fn estimate(costs: &[f64], unit: &'static str, value_of: &dyn Fn(f64) -> f64) -> Estimate {
    let (n, centre) = (costs.len(), mean(costs));
    let plain = Estimate { estimate: Some(value_of(centre)), ..Estimate::none(unit, n, Status::Ok) };
    if n < 2 {
        return plain;
    }
    let squares: f64 = costs.iter().map(|cost| (cost - centre).powi(2)).sum();
    let error = (squares / (n - 1) as f64 / n as f64).sqrt();
    let reach = student(0.5 + CONFIDENCE / 2.0, n as f64 - 1.0) * error;
    let (a, b) = (value_of(centre - reach), value_of(centre + reach));
    Estimate { low: Some(a.min(b)), high: Some(a.max(b)), confidence: Some(CONFIDENCE), ..plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, timed_alone, until};

    /// A study whose step takes t₀ + t₁B seconds.
    fn timed() -> StudyRecord {
        let mut record = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0);
        for trial in &mut record.trials {
            let batch = record.study.batch(&trial.point).unwrap();
            trial.metrics.insert(SECONDS.into(), trial.steps as f64 * (3e-4 + 1.2e-5 * batch));
        }
        record
    }

    #[test]
    fn the_soonest_batch_size_is_near_that_of_the_formula() {
        let record = timed();
        let found = facts(&record, &crate::facts(&record), Aim::Seconds);
        let formula = (150.0f64 * 3e-4 / 1.2e-5).sqrt();
        let ratio = found.batch.unwrap() / formula;
        assert!((0.5..=2.0).contains(&ratio), "{found:?}, formula {formula}");
        assert!(
            found.value.low < found.value.estimate && found.second.unwrap().price.estimate.unwrap() >= 0.0
        );
    }

    #[test]
    fn each_goal_has_its_batch_size() {
        let record = timed();
        let facts = crate::facts(&record);
        let batch = |aim| super::facts(&record, &facts, aim).batch.unwrap();
        let unmeasured = super::facts(&record, &facts, Aim::Memory);
        assert!(unmeasured.params.is_none() && unmeasured.missing.is_some());
        let measured = timed_alone(record.clone());
        let least = super::facts(&measured, &crate::facts(&measured), Aim::Memory);
        assert!(least.value.estimate.unwrap() > 3.0 && least.value.unit == "MB", "{least:?}");
        assert!(batch(Aim::Loss) >= 1024.0, "the fewest steps");
        assert!(batch(Aim::Examples) <= 32.0, "the fewest examples");
    }

    #[test]
    fn without_a_target_examples_are_counted_to_near_the_best() {
        let mut made = Made::new(&["lr=0.01,0.1,1", "batch=16,64"]).replicates(2);
        for (batch, values) in [(16, [0.3, 0.1, 0.2]), (64, [0.4, 0.2, 0.3])] {
            for (lr, value) in ["0.01", "0.1", "1"].iter().zip(values) {
                made = made.trial(&format!("lr={lr} batch={batch}"), &[value, value * 1.1]);
            }
        }
        let record = made.record();
        let facts = crate::facts(&record);
        let found = super::facts(&record, &facts, Aim::Examples);
        let target = (facts.best.as_ref().unwrap().value.ln() + facts.noise.smallest).exp();
        assert_eq!((found.batch, found.target), (Some(16.0), Some(target)));
        let loss = super::facts(&record, &facts, Aim::Loss);
        assert!((loss.second.unwrap().price.estimate.unwrap() - 1.0).abs() < 1e-9, "twice the loss");
        let nothing = Made::new(&["lr=0.1,1"]).record();
        assert!(super::facts(&nothing, &crate::facts(&nothing), Aim::Loss).missing.is_some());
    }
}
