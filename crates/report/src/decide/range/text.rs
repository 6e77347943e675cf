//! A range test in words.

use super::{RangeFacts, RangeRecord};
use crate::facts::{Estimate, Status};
use crate::format::short;
use crate::table::aligned;
use crate::text::count;
use sweep_settings::{plain, round_significant};

/// The places as an aligned table under a heading, the confidence of the intervals, and why curves were rejected.
pub fn table(record: &RangeRecord, facts: &RangeFacts) -> String {
    let seeds = record.batches.iter().map(|batch| batch.replicates.len()).max().unwrap_or(0);
    let (low, high) = record.lr;
    let mut text = format!(
        "Learning-rate range test: {}, η from {} to {}, {}\n\n",
        record.subject,
        plain(low),
        plain(high),
        count(seeds as u64, "seed")
    );
    let heading = ["B", "smallest useful η", "steepest descent", "edge of stability"];
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    for batch in &facts.batches {
        let mut line = vec![batch.batch.to_string()];
        line.extend([&batch.smallest_useful, &batch.steepest, &batch.edge].map(place));
        lines.push(line);
    }
    text += &aligned(&lines);
    if facts.batches.iter().any(|batch| batch.steepest.confidence.is_some()) {
        text += "In brackets: 95 % intervals over seeds.\n";
    }
    for batch in facts.batches.iter().filter(|batch| !batch.refusals.is_empty()) {
        let (refused, why) = (batch.refusals.len(), batch.refusals.first().map_or("", String::as_str));
        text += &format!(
            "B={}: no descent in {refused} of {}: {why}\n",
            batch.batch,
            count(seeds as u64, "seed")
        );
    }
    text
}

/// `0.13 (0.09–0.18)`, or the end of the ramp that it lies beyond.
fn place(estimate: &Estimate) -> String {
    let two = |rate: f64| plain(round_significant(rate, 2));
    match (estimate.estimate, estimate.low, estimate.high) {
        (Some(rate), Some(low), Some(high)) => format!("{} ({}–{})", two(rate), two(low), two(high)),
        (Some(rate), ..) => two(rate),
        (None, Some(low), _) if estimate.status == Status::Edge => format!("above {}", short(low)),
        (None, _, Some(high)) => format!("below {}", short(high)),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::range::fixtures::{record, seed};
    use crate::decide::range::{Place, facts};

    #[test]
    fn places_and_refusals_are_reported() {
        let record = record(vec![
            (16, vec![seed(0.01, 0.1, Place::At(1.0)), seed(0.011, 0.11, Place::At(1.1))]),
            (256, vec![seed(0.02, 0.3, Place::Above(10.0)), Err("the loss never falls".to_owned())]),
        ]);
        let text = table(&record, &facts(&record));
        for words in
            ["16   0.01 (0.0057–0.019)", "above 10", "B=256: no descent in 1 of 2 seeds: the loss", "0.3  "]
        {
            assert!(text.contains(words), "`{words}` in\n{text}");
        }
    }
}
