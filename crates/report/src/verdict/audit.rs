//! How often pruning was wrong.

use crate::facts::Facts;
use crate::format::percent;
use crate::text;

/// How often pruning was wrong.
pub fn audit(facts: &Facts) -> Vec<String> {
    let Some(audit) = &facts.audit else { return Vec::new() };
    let rate = &audit.false_stops;
    let Some(share) = rate.estimate else {
        return vec![format!(
            "How often pruning was wrong is unknown: {} of {} were run to their end, and it takes 20.",
            rate.n,
            text::count(audit.pruned as u64, "pruned trial")
        )];
    };
    let wrong = (share * rate.n as f64).round();
    vec![format!(
        "{wrong} of {} pruned trials that were run to their end ended among the best tenth: {} % were pruned wrongly{}.",
        rate.n,
        percent(share),
        match (rate.low, rate.high) {
            (Some(low), Some(high)) => format!(" (95 % interval {} to {} %)", percent(low), percent(high)),
            _ => String::new(),
        }
    )]
}
