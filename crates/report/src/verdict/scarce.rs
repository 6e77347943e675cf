//! Batch sizes at which too few learning rates were tried share one line.

use sweep_study::StudyRecord;

use crate::facts::{BatchBest, Facts, Status};
use crate::{format, text};

/// From how many of them on they share it.
const MOST: usize = 4;

/// The rows that have a line of their own, and the line of the others: those with too few learning rates around their
/// best, but for the best of all.
pub fn parted<'a>(record: &StudyRecord, facts: &'a Facts) -> (Vec<&'a BatchBest>, Option<String>) {
    let best = facts.best.as_ref().map(|best| best.cell);
    let scarce = |row: &&BatchBest| {
        row.cell != best && matches!(row.lr.status, Status::Few | Status::None | Status::Waiting)
    };
    let (mut others, rows): (Vec<&BatchBest>, Vec<&BatchBest>) =
        facts.best_per_batch.iter().partition(scarce);
    if others.len() < MOST {
        return (facts.best_per_batch.iter().collect(), None);
    }
    others.sort_by(|a, b| facts.measure.order(a.value, b.value));
    let first = others[0];
    let name = text::row_name(&record.study, first.panel.as_ref(), first.batch);
    let value = first.value.map_or(String::new(), |value| {
        format!(", the best of them {name} at {}", format::with_error(facts, value, first.stderr))
    });
    (rows, Some(format!("{} more with too few learning rates around their best{value}", others.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn rows_with_one_point_share_a_line() {
        let mut made = Made::new(&["lr=0.001..1", "batch=8,16,32,64,128,256"]).sampler("random");
        for (batch, value) in [(8, 0.3), (16, 0.1), (32, 0.2), (64, 0.25), (128, 0.4), (256, 0.5)] {
            made = made.trial(&format!("lr=0.05 batch={batch}"), &[value]);
        }
        let record = made.record();
        let facts = crate::facts(&record);
        let (rows, others) = parted(&record, &facts);
        assert_eq!(rows.iter().map(|row| row.batch).collect::<Vec<_>>(), [Some(16.0)]);
        let line = "5 more with too few learning rates around their best, the best of them B=32 at 0.200";
        assert_eq!(others.unwrap(), line);
        assert!(crate::verdict::verdict(&record, &facts).contains(line));
    }
}
