//! Schedules equal PyTorch's and Keras' value by value: every `schedule_*` and `keras_*` file of the fixtures.

#[cfg(test)]
mod golden;

use golden::{Case, all_pass, cases, compare, family, names, numbers};
use serde_json::Value;
use sweep_core::schedule::{FRAMEWORK_SCHEDULERS, Progress, Schedule, from_framework_names};

/// Relative to the largest rate of a sequence: PyTorch's are f64, Keras' f32.
const TORCH: f64 = 1e-12;
const KERAS: f64 = 1.5e-5;

#[test]
fn torch_schedules() {
    all_pass(cases("torch", "schedule_").iter().map(|case| check(case, "schedule_", TORCH)));
}

#[test]
fn keras_schedules() {
    all_pass(cases("keras", "keras_").iter().map(|case| check(case, "keras_", KERAS)));
}

#[test]
fn every_fixture_has_a_test() {
    for name in names("torch") {
        let known = ["schedule", "optimizer", "layer", "loss"];
        assert!(family(&name, &known).is_some(), "no test reads torch/{name}.json");
    }
    for name in names("keras") {
        assert!(name.starts_with("keras_"), "no test reads keras/{name}.json");
    }
}

/// Builds the schedule from the case's own configuration and compares every rate.
fn check(case: &Case, prefix: &str, tolerance: f64) -> Result<(), String> {
    let name = &case.name;
    let mut schedule = build(case, prefix)?;
    let readings = &case.inputs["metric"];
    if readings.is_array() {
        let mut rates = vec![rate(&schedule, 0)];
        for (step, reading) in numbers(readings).into_iter().enumerate() {
            schedule.observe(reading);
            rates.push(rate(&schedule, step as u64 + 1));
        }
        let expected = numbers(&case.expected["lr_before_each_metric_and_after_last"]);
        return compare(&format!("{name}, rate at step"), &rates, &expected, tolerance);
    }
    let steps = case.inputs["steps"].as_u64().ok_or(format!("{name}: neither steps nor metric"))?;
    let rates: Vec<f64> = (0..steps).map(|step| rate(&schedule, step)).collect();
    compare(&format!("{name}, rate at step"), &rates, &numbers(&case.expected["lr"]), tolerance)
}

fn build(case: &Case, prefix: &str) -> Result<Schedule, String> {
    let name = &case.name;
    let short = name.strip_prefix(prefix).unwrap_or(name);
    let scheduler = match short.strip_prefix("warmup_then_") {
        Some(rest) => family(rest, FRAMEWORK_SCHEDULERS).map(|then| format!("warmup_then_{then}")),
        None => family(short, FRAMEWORK_SCHEDULERS).map(str::to_owned),
    };
    let scheduler = scheduler.ok_or(format!("{name}: no code knows this case"))?;
    let mut pairs = Vec::new();
    flatten("", &case.config, &mut pairs);
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    from_framework_names(&scheduler, pairs).map_err(|why| format!("{name}: {why}"))
}

/// Names and values as a person would type them: lists joined by `/`, names of an inner object after a dot.
fn flatten(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, pairs);
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            pairs.push((prefix.to_owned(), items.join("/")));
        }
        Value::String(word) => pairs.push((prefix.to_owned(), word.clone())),
        other => pairs.push((prefix.to_owned(), other.to_string())),
    }
}

fn rate(schedule: &Schedule, step: u64) -> f64 {
    schedule.rate(&Progress { step, ..Progress::default() })
}
