//! The memory that a study needs, and its limit.

use anyhow::Result;
use bytesize::ByteSize;
use sweep_settings::names;
use sweep_study::{Point, Value};

use crate::event::Planned;
use crate::executor::native::Native;
use crate::refusal::refuse;

/// Bytes that the data and `jobs` runs like the one at `point` take together.
pub fn needed(executor: &Native, point: &Point, jobs: usize) -> u64 {
    let each = executor.needs(point).bytes;
    executor.data_bytes() + each * jobs as u64
}

/// Refuses trials that, `jobs` at once, would need more than `most` bytes.
///
/// # Errors
/// The first such point, what it needs, and the largest batch size that fits.
pub fn check(executor: &Native, trials: &[Planned], jobs: usize, most: Option<u64>) -> Result<()> {
    let Some(most) = most else { return Ok(()) };
    let jobs = jobs.min(trials.len()).max(1);
    let too_large = |trial: &&Planned| needed(executor, &trial.point, jobs) > most;
    let Some(Planned { point, .. }) = trials.iter().find(too_large) else { return Ok(()) };
    let at = |batch: u64| {
        let mut other = point.clone();
        other.0.insert(names::BATCH.to_owned(), Value::Int(batch as i64));
        needed(executor, &other, jobs)
    };
    let fits = (0..=executor.train_examples().ilog2()).rev().map(|power| 1 << power).find(|&b| at(b) <= most);
    let advice = match fits {
        Some(batch) => format!("the largest power of two that fits is batch={batch}"),
        None => format!("even batch=1 does not fit: it needs {}", size_text(at(1))),
    };
    refuse(format!(
        "the point {point} needs {} with {jobs} trials in parallel, more than --max-memory {}; {advice}",
        size_text(needed(executor, point, jobs)),
        size_text(most)
    ))
}

fn size_text(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}
