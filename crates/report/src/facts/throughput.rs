//! Training examples a second against the batch size.

use serde::Serialize;
use sweep_study::{SECONDS, StudyRecord, Trial};

/// How fast the trials of one batch size went through their examples, readings included, beside whatever else ran then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Throughput {
    /// The batch size in examples.
    pub batch: f64,
    /// The median over its trials, in examples a second.
    pub median: f64,
    /// The slowest trial.
    pub low: f64,
    /// The fastest.
    pub high: f64,
    /// Trials that were timed.
    pub n: usize,
}

/// The throughput of each batch size, rising, from the trials that used their budget; empty where none was timed.
pub fn throughput(record: &StudyRecord) -> Vec<Throughput> {
    let rate = |trial: &Trial| {
        let (batch, took) = (record.study.batch(&trial.point)?, trial.metrics.get(SECONDS).copied()?);
        (trial.outcome.usable() && took > 0.0).then(|| (batch, trial.steps as f64 * batch / took))
    };
    let mut rates: Vec<(f64, f64)> = record.trials.iter().filter_map(rate).collect();
    rates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let each = rates.chunk_by(|a, b| a.0 == b.0);
    let of = |own: &[(f64, f64)]| {
        let (first, last) = (own.first()?, own.last()?);
        let median = (own.get((own.len() - 1) / 2)?.1 + own.get(own.len() / 2)?.1) / 2.0;
        Some(Throughput { batch: first.0, median, low: first.1, high: last.1, n: own.len() })
    };
    each.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::learning;

    #[test]
    fn steps_of_known_cost_give_their_rate() {
        let found = throughput(&learning(&["lr=0.1,0.2", "batch=16,256"]));
        let batches: Vec<(f64, usize)> = found.iter().map(|row| (row.batch, row.n)).collect();
        assert_eq!(batches, [(16.0, 4), (256.0, 4)]);
        // A step takes 300 μs and 2 μs an example.
        for row in found {
            let expected = row.batch / (3e-4 + 2e-6 * row.batch);
            assert!((row.median / expected - 1.0).abs() < 1e-9 && row.low <= row.median, "{row:?}");
        }
    }
}
