//! JSON lines, in `metrics.jsonl` or among what a program prints: `{"step": 100, "val_loss": 0.31}`, also after the
//! prefix `[tune-metric]:`.

use serde_json::{Map, Value as Json};

use super::Report;
use crate::lenient::plain;

/// What some schedulers' scripts print before a line of metrics.
const PREFIX: &str = "[tune-metric]:";

/// The report in a line of JSON; `None` if it is not JSON or holds no number. Numbers in quotes are numbers, NaN and
/// infinities too; null and empty words say that something was not measured, and other words are not metrics.
pub fn read(line: &str) -> Option<Report> {
    let line = line.trim();
    let line = line.strip_prefix(PREFIX).unwrap_or(line).trim();
    if !line.starts_with('{') {
        return None;
    }
    let Json::Object(fields) = serde_json::from_str(&plain(line)).ok()? else { return None };
    of_fields(&fields)
}

/// The report in the fields of an object.
pub fn of_fields(fields: &Map<String, Json>) -> Option<Report> {
    let mut report = Report::default();
    for (name, value) in fields {
        let number = match value {
            Json::Number(number) => number.as_f64(),
            Json::String(word) => word.trim().parse().ok(),
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
    fn what_is_no_number_is_told_from_what_was_not_measured() {
        for word in ["NaN", "Infinity", "-Infinity", "\"nan\"", "\"inf\""] {
            let report = read(&format!(r#"{{"val_loss": {word}}}"#)).unwrap();
            assert!(!report.metrics["val_loss"].is_finite(), "{word}");
        }
        assert_eq!(read(r#"{"val_loss": " 0.25 "}"#).unwrap().metrics["val_loss"], 0.25);
        let some = read(r#"{"val_loss": null, "step": "3", "loss": 1, "auc": "None", "f1": ""}"#).unwrap();
        assert_eq!((some.step, some.metrics.keys().next_back().unwrap().as_str()), (Some(3), "loss"));
        let odd = read(r#"{"step": -1, "epoch": NaN, "loss": 1}"#).unwrap();
        assert_eq!((odd.step, odd.epoch, odd.metrics.len()), (None, None, 1));
        for line in [
            "",
            "{",
            r#"{"val_loss": null}"#,
            "{}",
            "[1]",
            "{\"step\": 3}",
            "{'val_loss': 0.3}",
            "loss 0.3",
            "{\"a\": \"b\"}",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
