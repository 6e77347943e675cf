//! Training examples per second against the batch size.

use serde::Serialize;
use sweep_study::{SECONDS, StepTime, StudyRecord, Trial};

/// How fast one batch size goes through its examples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Throughput {
    /// The batch size in examples.
    pub batch: f64,
    /// The median, in examples per second.
    pub median: f64,
    /// The lower quartile over steps timed alone, or the slowest trial.
    pub low: f64,
    /// The upper quartile, or the fastest trial.
    pub high: f64,
    /// Steps that were timed alone, or trials.
    pub n: usize,
    /// Bytes that a trial takes, without the data, if it was timed alone; `None` where it is as the study ran, readings
    /// included in parallel with whatever else ran then.
    pub bytes: Option<u64>,
}

/// The throughput of each batch size, rising: alone, else from the trials that used their budget; empty where nothing
/// was timed.
pub fn throughput(record: &StudyRecord) -> Vec<Throughput> {
    let mut timed: Vec<Throughput> =
        record.pace.steps.iter().filter_map(|time| alone(record, time)).collect();
    timed.sort_by(|a, b| a.batch.total_cmp(&b.batch).then(b.median.total_cmp(&a.median)));
    timed.dedup_by_key(|row| row.batch);
    if timed.is_empty() { as_it_ran(record) } else { timed }
}

/// The throughput of a step timed alone; none where workers share the batch.
fn alone(record: &StudyRecord, time: &StepTime) -> Option<Throughput> {
    let trial = record.trial(time.trial).filter(|_| time.workers == 1)?;
    let batch = record.study.batch(&trial.point)?;
    let rate = |seconds: f64| batch / seconds;
    Some(Throughput {
        batch,
        median: rate(time.seconds),
        low: rate(time.high),
        high: rate(time.low),
        n: time.steps as usize,
        bytes: Some(time.bytes),
    })
}

fn as_it_ran(record: &StudyRecord) -> Vec<Throughput> {
    let rate = |trial: &Trial| {
        let (batch, took) = (record.study.batch(&trial.point)?, trial.metrics.get(SECONDS).copied()?);
        (trial.outcome.usable() && !trial.counted && took > 0.0)
            .then(|| (batch, trial.steps as f64 * batch / took))
    };
    let mut rates: Vec<(f64, f64)> = record.trials.iter().filter_map(rate).collect();
    rates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let each = rates.chunk_by(|a, b| a.0 == b.0);
    let of = |own: &[(f64, f64)]| {
        let (first, last) = (own.first()?, own.last()?);
        let median = (own.get((own.len() - 1) / 2)?.1 + own.get(own.len() / 2)?.1) / 2.0;
        Some(Throughput { batch: first.0, median, low: first.1, high: last.1, n: own.len(), bytes: None })
    };
    each.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{learning, timed_alone};

    #[test]
    fn steps_of_known_cost_give_their_rate() {
        let found = throughput(&learning(&["lr=0.1,0.2", "batch=16,256"]));
        let batches: Vec<(f64, usize)> = found.iter().map(|row| (row.batch, row.n)).collect();
        assert_eq!(batches, [(16.0, 4), (256.0, 4)]);
        // A step takes 300 μs and 2 μs per example.
        for row in found {
            let expected = row.batch / (3e-4 + 2e-6 * row.batch);
            assert!((row.median / expected - 1.0).abs() < 1e-9 && row.low <= row.median, "{row:?}");
        }
    }

    #[test]
    fn what_was_timed_alone_counts() {
        let record = learning(&["lr=0.1,0.2", "batch=16,256"]);
        let record = timed_alone(record);
        let found = throughput(&record);
        assert_eq!(found.iter().map(|row| row.batch).collect::<Vec<_>>(), [16.0, 256.0]);
        for row in found {
            let median = row.batch / (3e-4 + 1.2e-5 * row.batch);
            let close = |found: f64, right: f64| (found / right - 1.0).abs() < 1e-9;
            assert!(close(row.median, median) && close(row.low, median / 1.1), "{row:?}");
            assert_eq!((row.n, row.bytes), (200, Some(3_000_000 + 4_000 * row.batch as u64)));
        }
    }
}
