//! What pruning saved, and how often it was wrong.

use sweep_settings::plain;

use crate::facts::Facts;
use crate::format::{brief, percent};
use crate::text;

/// How much training pruning saved.
pub fn saved(facts: &Facts) -> Vec<String> {
    let Some(saved) = &facts.saved else { return Vec::new() };
    let (unit, share) = (saved.unit, percent(saved.amount / saved.of));
    vec![format!("Pruning saved {} of {} {unit} ({share} %).", brief(saved.amount), plain(saved.of))]
}

/// How often pruning was wrong.
pub fn audit(facts: &Facts) -> Vec<String> {
    let Some(audit) = &facts.audit else { return Vec::new() };
    let rate = &audit.false_stops;
    let Some(share) = rate.estimate else {
        return vec![format!(
            "The rate of wrong pruning is unknown: {} of {} ran to completion; the estimate needs 20.",
            rate.n,
            text::count(audit.pruned as u64, "pruned trial")
        )];
    };
    let wrong = (share * rate.n as f64).round();
    vec![format!(
        "{wrong} of {} pruned trials that ran to completion ended in the best tenth: {} % were pruned wrongly{}.",
        rate.n,
        percent(share),
        match (rate.low, rate.high) {
            (Some(low), Some(high)) => format!(" (95 % interval {} to {} %)", percent(low), percent(high)),
            _ => String::new(),
        }
    )]
}
