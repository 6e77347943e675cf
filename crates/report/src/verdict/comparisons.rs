//! Which batch sizes are level with the best.

use sweep_stats::compare::Verdict;
use sweep_study::StudyRecord;

use crate::facts::{Arm, Comparison, Facts};
use crate::format::{brief, percent};
use crate::text;

/// The most equivalent pairs that are named.
const MOST_LEVEL: usize = 4;

/// Which batch sizes are level with the best, and how many seeds would decide.
pub fn comparisons(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let comparisons = &facts.comparisons;
    let name = |arm: &Arm| {
        let batch = arm.batch.map(|size| format!("B={}", text::batch_size(&record.study, size)));
        [arm.panel.clone(), batch].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let names: Vec<String> = comparisons.best.iter().map(name).collect();
    let what = match (&facts.axes.panel, facts.best_per_batch.is_empty()) {
        (None, _) => "batch size, each at its own best learning rate",
        (Some(_), false) => "batch size and schedule, each at its own best learning rate",
        (Some(panel), true) => panel,
    };
    let mut text = match names.as_slice() {
        [] => return Vec::new(),
        [one] => format!("{one} is significantly better than every other {what} (95 %)."),
        many => format!("Not significantly worse than the best {what} (95 %): {}.", text::list(many)),
    };
    let level = comparisons.pairs.iter().filter(|pair| pair.verdict == Verdict::Equivalent);
    let level: Vec<_> = level.collect();
    if let Some(pair) = level.first().filter(|_| level.len() <= MOST_LEVEL) {
        let pairs: Vec<String> =
            level.iter().map(|pair| format!("{} and {}", name(&pair.better), name(&pair.worse))).collect();
        text += &format!(" Equivalent, within {}: {}.", margin(pair), pairs.join("; "));
    }
    let open = comparisons.pairs.iter().filter(|pair| pair.verdict == Verdict::Undecided);
    let open =
        open.filter(|pair| comparisons.best.contains(&pair.better) && comparisons.best.contains(&pair.worse));
    if let Some(pair) = open.max_by_key(|pair| pair.advised) {
        let margin = margin(pair);
        text += &format!(" Finding differences of {margin} among them takes about {} seeds.", pair.advised);
    }
    vec![text]
}

/// The smallest difference of a pair that matters.
fn margin(pair: &Comparison) -> String {
    if pair.difference.unit == "metric" {
        brief(pair.smallest)
    } else {
        format!("{} %", percent(pair.smallest))
    }
}
