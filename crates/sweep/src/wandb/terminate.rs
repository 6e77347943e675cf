//! The early termination of W&B: Hyperband's stopping rule, which is the stopping form of successive halving.
//!
//! A run that reaches a bracket, a number of reports of the metric, is stopped unless it is among the best 1/eta there.
//! Brackets are `min_iter`·etaᵏ, or `max_iter`/etaᵏ for k from 1 to `s`.

use serde_json::Value as Json;
use sweep_study::SpecFile;

use super::Notes;

/// The default bracket multiplier.
const ETA: f64 = 3.0;

/// Brackets from `min_iter` on: as many as W&B's documentation lists.
const BRACKETS: i32 = 4;

/// The largest number of halvings that the pruner supports.
const MOST: i32 = 9;

/// Sets the pruner; gives the number of reports that make a whole run.
pub fn read(rule: &Json, spec: &mut SpecFile, notes: &mut Notes) -> Option<u64> {
    if rule["type"].as_str() != Some("hyperband") {
        notes.refuse(format!("early_terminate.type: {} is not hyperband", rule["type"]));
        return None;
    }
    let eta = rule["eta"].as_f64().unwrap_or(ETA);
    let count = |key: &str| rule[key].as_f64().filter(|count| *count >= 1.0);
    if !(1.5..=100.0).contains(&eta) {
        notes.refuse(format!("early_terminate.eta: {eta} must be from 1.5 to 100"));
        return None;
    }
    let (iterations, brackets) = match (count("max_iter"), count("s"), count("min_iter")) {
        (Some(most), Some(brackets), _) => {
            // A bracket before the first report is none.
            let within = (most.ln() / eta.ln() + 1e-9).floor() as i32;
            (most, (brackets as i32).min(within).min(MOST))
        }
        (None, _, Some(least)) => (least * eta.powi(BRACKETS), BRACKETS),
        _ => {
            notes.refuse("early_terminate needs min_iter, or max_iter and s");
            return None;
        }
    };
    if brackets < 1 {
        notes.remark(format!(
            "early_terminate: max_iter {iterations} has no bracket with eta {eta}, so no run is stopped early"
        ));
        return None;
    }
    spec.pruner = Some("asha".to_owned());
    let settings = [("eta", eta), ("rungs", f64::from(brackets + 1)), ("stops", 1.0)];
    spec.pruner_set = settings.map(|(name, value)| (name.to_owned(), value.to_string())).to_vec();
    Some(iterations.round() as u64)
}
