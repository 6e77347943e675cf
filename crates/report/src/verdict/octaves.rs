//! Batch sizes drawn at random, told by octave: each has too few learning rates for a line of its own.

use sweep_study::StudyRecord;

use crate::facts::{BatchBest, Facts};
use crate::{format, text};

/// More batch sizes than this are no grid's.
const MOST: usize = 24;

/// Whether there are so many batch sizes that they were drawn at random.
pub fn drawn(facts: &Facts) -> bool {
    let mut all: Vec<f64> = facts.best_per_batch.iter().filter_map(|row| row.batch).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.len() > MOST
}

/// A line for each octave: the batch sizes in it, the best of its points, and how many it has.
pub fn lines(record: &StudyRecord, facts: &Facts) -> Vec<[String; 3]> {
    let octave = |row: &&BatchBest| row.batch.map(|batch| (row.panel.clone(), batch.log2().floor() as i64));
    let mut octaves: Vec<(Option<String>, i64)> =
        facts.best_per_batch.iter().filter_map(|row| octave(&row)).collect();
    octaves.dedup();
    let line = |of: (Option<String>, i64)| {
        let rows: Vec<&BatchBest> =
            facts.best_per_batch.iter().filter(|row| octave(row).as_ref() == Some(&of)).collect();
        let batches = || rows.iter().filter_map(|row| row.batch);
        let (low, high) = (batches().fold(f64::INFINITY, f64::min), batches().fold(0.0, f64::max));
        let best = rows.iter().copied().min_by(|a, b| facts.measure.order(a.value, b.value))?;
        let cell = facts.cells.get(best.cell?)?;
        let name = text::row_name(&record.study, of.0.as_ref(), Some(low));
        let name = if high > low { format!("{name} to {}", format::brief(high)) } else { name };
        let run = facts.cells.iter().filter(|cell| cell.panel == of.0 && cell.n > 0);
        let run = run.filter(|cell| cell.batch.is_some_and(|batch| low <= batch && batch <= high)).count();
        let rate = format!(
            "best of {}: η = {} at B={}",
            text::count(run as u64, "point"),
            cell.lr.map(format::short).unwrap_or_default(),
            best.batch.map(format::brief).unwrap_or_default()
        );
        Some([name, rate, best.value.map(|value| format::with_error(facts, value, best.stderr))?])
    };
    octaves.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixtures::Made;

    #[test]
    fn batch_sizes_drawn_at_random_are_told_by_octave() {
        let mut made = Made::new(&["lr=0.001..1", "batch=16..127:int"]).sampler("random");
        for batch in 16..76 {
            made = made.trial(&format!("lr=0.0{batch} batch={batch}"), &[0.3 - 0.001 * f64::from(batch)]);
        }
        let record = made.record();
        let text = crate::verdict::verdict(&record, &crate::facts(&record));
        assert!(text.contains("B=16 to 31  best of 16 points: η = 0.031 at B=31  0.269"), "{text}");
        assert!(text.contains("B=64 to 75  best of 12 points"), "{text}");
        assert!(!text.contains("border"), "{text}");
    }
}
