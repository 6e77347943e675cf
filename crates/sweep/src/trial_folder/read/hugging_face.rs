//! `trainer_state.json` of the Hugging Face trainer: a list `log_history` of what was logged.

use serde_json::Value as Json;

use super::Report;
use super::lines;
use crate::lenient::plain;

/// The reports in the file from entry `from` on, and its number of entries; none if the file is incomplete.
pub fn read(text: &str, from: usize) -> (Vec<Report>, usize) {
    let state: Option<Json> = serde_json::from_str(&plain(text)).ok();
    let Some(history) = state.as_ref().and_then(|state| state["log_history"].as_array()) else {
        return (Vec::new(), 0);
    };
    let new = history.iter().skip(from);
    (new.filter_map(|entry| lines::read(&entry.to_string())).collect(), history.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the trainer of transformers 5 wrote it, shortened.
    const FILE: &str = r#"{"epoch": 2.0, "global_step": 8, "log_history": [
        {"epoch": 0.5, "grad_norm": 1.891, "learning_rate": 4.375e-05, "loss": 1.4876768589019775, "step": 2},
        {"epoch": 1.0, "eval_loss": 1.3988162279129028, "eval_runtime": 0.0081, "step": 4},
        {"epoch": 1.5, "grad_norm": NaN, "loss": NaN, "step": 6}
    ], "max_steps": 8}"#;

    #[test]
    fn the_history_is_told_from_where_it_was_left() {
        let (reports, entries) = read(FILE, 1);
        assert_eq!((reports.len(), entries), (2, 3));
        assert_eq!((reports[0].step, reports[0].epoch), (Some(4), Some(1.0)));
        assert_eq!(reports[0].metrics["eval_loss"], 1.3988162279129028);
        assert!(reports[1].metrics["loss"].is_nan());
        assert_eq!(read(&FILE[..100], 0), (Vec::new(), 0));
    }
}
