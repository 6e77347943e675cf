//! JSON lines, in `metrics.jsonl` or among what a program prints: `{"step": 100, "val_loss": 0.31}`, also after the
//! prefix `[tune-metric]:`.

use serde_json::Value as Json;

use super::Report;
use crate::lenient::plain;

/// What some schedulers' scripts print before a line of metrics.
const PREFIX: &str = "[tune-metric]:";

/// The report in a line of JSON; `None` if it is not JSON or holds no number. Null, NaN and the like, also as words,
/// are read as NaN; other words are not metrics.
pub fn read(line: &str) -> Option<Report> {
    let line = line.trim();
    let line = line.strip_prefix(PREFIX).unwrap_or(line).trim();
    if !line.starts_with('{') {
        return None;
    }
    let Json::Object(fields) = serde_json::from_str(&plain(line)).ok()? else { return None };
    let mut report = Report::default();
    for (name, value) in &fields {
        let number = match value {
            Json::Null => Some(f64::NAN),
            Json::Number(number) => number.as_f64(),
            Json::String(word) => word.parse::<f64>().ok().filter(|number| !number.is_finite()),
            _ => None,
        };
        if let Some(number) = number {
            report.put(name, number);
        }
    }
    report.some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_with_step_and_epoch() {
        let report = read(r#" {"step": 100, "epoch": 0.5, "val_loss": 0.31, "note": "warm"} "#).unwrap();
        assert_eq!((report.step, report.epoch), (Some(100), Some(0.5)));
        assert_eq!(report.metrics, [("val_loss".to_owned(), 0.31)].into());
        let tune = read(r#"[tune-metric]: {"epoch": 3, "loss": 0.25, "global_step": 30}"#).unwrap();
        assert_eq!((tune.step, tune.epoch, tune.metrics["loss"]), (Some(30), Some(3.0), 0.25));
    }

    #[test]
    fn what_is_no_number_is_divergence_and_what_is_no_metric_is_nothing() {
        for word in ["NaN", "Infinity", "-Infinity", "null", "\"nan\"", "\"inf\""] {
            let report = read(&format!(r#"{{"val_loss": {word}}}"#)).unwrap();
            assert!(!report.metrics["val_loss"].is_finite(), "{word}");
        }
        for line in ["", "{", "{}", "[1]", "{\"step\": 3}", "{'val_loss': 0.3}", "loss 0.3", "{\"a\": \"b\"}"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
