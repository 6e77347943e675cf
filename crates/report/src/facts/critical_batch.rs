//! The critical batch size: beyond it, larger batches save few steps.

use serde::Serialize;
use sweep_stats::censored::Censored;
use sweep_stats::hyperbola::{Hyperbola, Steps, hyperbola};
use sweep_study::{STEPS_TO_TARGET, StudyRecord, Trial};

use super::cells::Cell;
use super::estimate::{CONFIDENCE, Estimate, Status};

/// How far beyond the critical batch size, and below it, the batch sizes tried must reach for it to be an estimate.
const REACH: f64 = 3.0;

/// The ratio of the ends of an interval up to which it is narrow.
const NARROW: f64 = 2.0;

/// The steps of one batch size, at the learning rate that reached the target in the fewest steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepsAt {
    /// The batch size in examples.
    pub batch: f64,
    /// The learning rate.
    pub lr: Option<f64>,
    /// Steps to the target: the geometric mean over seeds, those that did not reach it counted as longer (Tobit).
    pub steps: f64,
    /// Examples to the target: steps times batch size.
    pub examples: f64,
    /// The steps of each seed that reached it.
    pub reached: Vec<f64>,
    /// How many did not.
    pub censored: usize,
    /// The cell, an index into the cells.
    pub cell: usize,
}

/// The share of further examples at which a batch size is said to cost too much.
const OVERHEAD: f64 = 0.2;

/// Steps and examples to a target against the batch size, of one panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriticalBatch {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// B_crit: there a run takes twice the fewest steps and twice the fewest examples. BOUND where the batch sizes
    /// tried do not reach three times beyond it on both sides and the interval is not narrow either.
    #[serde(flatten)]
    pub batch: Estimate,
    /// The steps that no batch size undercuts, S_min.
    pub least_steps: Option<f64>,
    /// The standard deviation of the logarithm of the steps around the curve.
    pub deviation: Option<f64>,
    /// The steps of each batch size, in rising order.
    pub per_batch: Vec<StepsAt>,
    /// The curve, for drawing.
    #[serde(skip)]
    pub curve: Option<Hyperbola>,
}

impl CriticalBatch {
    /// The batch size that needs a fifth more examples than a batch size of `than`: with S = a + b/B it is 1.2 B₀ + 0.2 b/a
    /// (Zhang et al. 2024, arXiv 2410.21676, where B₀ is 256). `None` where the critical batch size has no estimate.
    pub fn overhead(&self, than: f64) -> Option<Estimate> {
        self.batch.estimate?;
        let at = |critical: f64| (1.0 + OVERHEAD) * than + OVERHEAD * critical;
        let [estimate, low, high] =
            [self.batch.estimate, self.batch.low, self.batch.high].map(|end| end.map(at));
        Some(Estimate { estimate, low, high, ..self.batch.clone() })
    }
}

/// The critical batch size of each panel; empty for a study whose trials have no target, or one batch size.
pub fn critical_batches(record: &StudyRecord, cells: &[Cell]) -> Vec<CriticalBatch> {
    if record.study.target().is_none() && record.study.goal.metric != STEPS_TO_TARGET {
        return Vec::new();
    }
    let mut panels: Vec<&Option<String>> = Vec::new();
    for cell in cells {
        if !panels.contains(&&cell.panel) {
            panels.push(&cell.panel);
        }
    }
    let all = panels.into_iter().filter_map(|panel| {
        let per_batch = per_batch(record, cells, panel);
        (per_batch.len() > 1).then(|| critical(panel.clone(), per_batch))
    });
    all.collect()
}

fn critical(panel: Option<String>, fastest: Vec<(StepsAt, Steps)>) -> CriticalBatch {
    let data: Vec<Steps> = fastest.iter().map(|(_, steps)| steps.clone()).collect();
    let n = data.iter().map(|steps| steps.reached.len() + steps.capped.len()).sum();
    let curve = hyperbola(&data, CONFIDENCE);
    let ends = data.iter().map(|steps| steps.batch);
    let (low, high) =
        ends.fold((f64::INFINITY, 0f64), |(low, high), batch| (low.min(batch), high.max(batch)));
    let none = |status| Estimate::none("examples", n, status);
    let batch = match &curve {
        None => none(Status::Few),
        Some(curve) => {
            let place = curve.critical;
            let bound = |end: f64| Some(end).filter(|end| *end > 0.0 && end.is_finite());
            let interval = Estimate {
                low: bound(place.low),
                high: bound(place.high),
                confidence: Some(CONFIDENCE),
                ..none(Status::Bound)
            };
            // Within the batch sizes tried, an interval that is narrow says as much.
            let inside = low <= place.estimate && place.estimate <= high;
            let narrow = inside && place.high <= NARROW * place.low;
            match (low <= place.estimate / REACH || narrow, high >= place.estimate * REACH || narrow) {
                (true, true) => Estimate { estimate: Some(place.estimate), status: Status::Ok, ..interval },
                (true, false) if interval.low.is_some() => Estimate { high: None, ..interval },
                (false, true) if interval.high.is_some() => Estimate { low: None, ..interval },
                _ => none(Status::Few),
            }
        }
    };
    let curve = curve.filter(|_| batch.status == Status::Ok);
    CriticalBatch {
        panel,
        batch,
        least_steps: curve.map(|curve| curve.least_steps),
        deviation: curve.map(|curve| curve.deviation),
        per_batch: fastest.into_iter().map(|(at, _)| at).collect(),
        curve,
    }
}

/// For each batch size of a panel the learning rate that took the fewest steps, among those at which most seeds got
/// there.
fn per_batch(record: &StudyRecord, cells: &[Cell], panel: &Option<String>) -> Vec<(StepsAt, Steps)> {
    let mut found: Vec<(StepsAt, Steps)> = Vec::new();
    for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.panel == *panel) {
        let Some((at, steps)) = steps_at(record, cell, index) else { continue };
        match found.iter_mut().find(|(other, _)| other.batch == at.batch) {
            Some((other, old)) if at.steps < other.steps => (*other, *old) = (at, steps),
            Some(_) => {}
            None => found.push((at, steps)),
        }
    }
    found.sort_by(|a, b| a.0.batch.total_cmp(&b.0.batch));
    found
}

fn steps_at(record: &StudyRecord, cell: &Cell, index: usize) -> Option<(StepsAt, Steps)> {
    let batch = cell.batch?;
    let mut steps = Steps { batch, ..Steps::default() };
    let own = record.trials.iter().filter(|trial| cell.trials.contains(&trial.number));
    let own: Vec<&Trial> = own.collect();
    for trial in own.iter().filter(|trial| trial.outcome.usable() && !trial.counted) {
        match trial.metrics.get(STEPS_TO_TARGET) {
            Some(taken) if taken.is_finite() => steps.reached.push(*taken),
            // How long a run went on is not known of every table.
            _ if trial.steps == 0 => {}
            _ => steps.capped.push(trial.steps as f64),
        }
    }
    // A learning rate that fails every other seed does not reach the target.
    if 2 * steps.reached.len() <= own.len() {
        return None;
    }
    let logs = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<f64>>();
    let sample = Censored { seen: logs(&steps.reached), beyond: logs(&steps.capped) };
    let plain = sample.seen.iter().sum::<f64>() / sample.seen.len() as f64;
    let mean = sample.fit().map_or(plain, |normal| normal.mean).exp();
    let at = StepsAt {
        batch,
        lr: cell.lr,
        steps: mean,
        examples: mean * batch,
        reached: steps.reached.clone(),
        censored: steps.capped.len(),
        cell: index,
    };
    Some((at, steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{State, facts};
    use crate::fixtures::until;

    #[test]
    fn a_study_with_a_target_gives_the_critical_batch_size() {
        let facts = facts(&until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0));
        let [critical] = facts.critical_batch.as_slice() else { panic!("one panel") };
        assert_eq!((critical.batch.status, critical.per_batch.len()), (Status::Ok, 10));
        let (low, high) = (critical.batch.low.unwrap(), critical.batch.high.unwrap());
        assert!(low < 150.0 && 150.0 < high && high / low < 2.0, "{critical:?}");
        assert!((critical.least_steps.unwrap() / 200.0 - 1.0).abs() < 0.15);
        let eight = &critical.per_batch[0];
        assert_eq!(eight.examples, eight.steps * 8.0);
    }

    /// The published fit of steps to a validation loss at 85M parameters, S = 1293.83 + 2834258/B, with its critical batch
    /// size of 2190.6 and the 745.3 sequences that need 20 % more examples than 256 (Zhang et al. 2024, arXiv 2410.21676).
    #[test]
    fn the_batch_size_with_a_fifth_more_examples_is_the_published_one() {
        let data = (6..=14).map(|octave| {
            let batch = 2f64.powi(octave);
            let steps = 1293.83 + 2_834_258.0 / batch;
            let reached = vec![steps];
            let steps_at = StepsAt {
                batch,
                lr: None,
                steps,
                examples: steps * batch,
                reached: reached.clone(),
                censored: 0,
                cell: 0,
            };
            (steps_at, Steps { batch, reached, capped: Vec::new() })
        });
        let found = critical(None, data.collect());
        let near = |value: Option<f64>, published: f64| (value.unwrap() / published - 1.0).abs() < 1e-3;
        assert!(near(found.batch.estimate, 2190.6) && near(found.least_steps, 1293.83), "{found:?}");
        assert!(near(found.overhead(256.0).unwrap().estimate, 745.3));
    }

    #[test]
    fn batch_sizes_that_do_not_reach_give_a_bound() {
        let small =
            facts(&until(&["batch=8,16,32,64", "lr=0.1,0.167,0.25,0.333"], 150.0)).critical_batch.remove(0);
        assert_eq!(
            (small.batch.status, small.batch.estimate, small.least_steps),
            (Status::Bound, None, None)
        );
        assert!(small.batch.low.is_some_and(|low| low < 150.0) && small.batch.high.is_none(), "{small:?}");
    }

    #[test]
    fn runs_that_never_got_there_are_kept_as_censored() {
        let record = until(&["batch=8..4096", "lr=0.03125,0.125,0.5"], 150.0);
        let far = facts(&record).cells.into_iter().filter(|cell| cell.state == State::Censored).count();
        assert!(far > 0, "small rates at small batch sizes take longer than the cap");
    }

    #[test]
    fn without_a_target_there_is_none() {
        assert!(facts(&crate::fixtures::studies()[1].1).critical_batch.is_empty());
    }
}
