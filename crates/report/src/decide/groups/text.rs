//! Groups in words.

use sweep_study::Value;

use super::facts::{Group, GroupFacts};
use crate::facts::Estimate;
use crate::format::{brief, with_error};
use crate::table::aligned;
use crate::text;

/// A line for each group under a heading, then what serves them all.
pub fn lines(groups: &GroupFacts) -> Vec<String> {
    let runs: usize = groups.groups.iter().map(|group| group.runs).sum();
    let count = text::count(groups.groups.len() as u64, "group");
    let mut lines = vec![format!("{runs} runs in {count} by {}.", text::list(&groups.by)), String::new()];
    let has_batch = groups.groups.iter().any(|group| group.batch.is_some());
    let has_lr = groups.groups.iter().any(|group| group.lr.is_some());
    let mut heading: Vec<String> = groups.by.clone();
    heading.push("runs".to_owned());
    heading.extend(has_lr.then(|| "best η (95 %)".to_owned()));
    heading.extend(has_batch.then(|| "at B".to_owned()));
    let targets = groups.groups.iter().any(|group| group.critical_batch.is_some());
    heading.extend((has_batch && !targets).then(|| "best B (95 %)".to_owned()));
    if targets {
        let than =
            groups.than.map_or_else(|| "the smallest B".to_owned(), |than| format!("B={}", brief(than)));
        heading.push("critical B (95 %)".to_owned());
        heading.push(format!("20 % more examples than {than}"));
    }
    heading.push(groups.metric.clone());
    heading.extend(groups.common.is_some().then(|| "common".to_owned()));
    let row = |(index, group): (usize, &Group)| {
        let mut row: Vec<String> = group.at.iter().map(shown).collect();
        row.push(group.runs.to_string());
        row.extend(has_lr.then(|| best(&group.best_lr, group.lr)));
        row.extend(has_batch.then(|| group.batch.map_or("-".to_owned(), |batch| batch.to_string())));
        row.extend((has_batch && !targets).then(|| best(&group.best_batch, None)));
        if targets {
            let shown =
                |estimate: &Option<Estimate>| estimate.as_ref().map_or("-".to_owned(), |one| best(one, None));
            row.push(shown(&group.critical_batch));
            row.push(shown(&group.overhead_batch));
        }
        row.push(
            group.value.map_or("-".to_owned(), |value| with_error(&groups.facts[index], value, group.stderr)),
        );
        let price = |price: f64| format!("{:+.2} %", 100.0 * price);
        row.extend(groups.common.is_some().then(|| group.price.map_or("-".to_owned(), price)));
        row
    };
    let mut rows = vec![heading];
    rows.extend(groups.groups.iter().enumerate().map(row));
    lines.extend(aligned(&rows).lines().map(str::to_owned));
    if targets {
        return lines;
    }
    lines.push(String::new());
    lines.push(match &groups.common {
        Some(common) => {
            let setting: Vec<String> =
                common.params.0.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
            format!(
                "One setting for all: {} is {:.2} % worse than the best of its group on average and {:.2} % at most.",
                setting.join(" "),
                100.0 * common.mean,
                100.0 * common.worst
            )
        }
        None => "No setting was run in every group, so none can be named that serves them all.".to_owned(),
    });
    lines
}

/// A value, large numbers in brief.
fn shown(value: &Value) -> String {
    match value.number() {
        Some(number) if number.abs() >= 1e5 => brief(number),
        _ => value.to_string(),
    }
}

/// An estimate with its interval; else what was measured, in brackets.
fn best(estimate: &Estimate, measured: Option<f64>) -> String {
    match (estimate.estimate, measured) {
        (Some(value), _) => match (estimate.low, estimate.high) {
            (Some(low), Some(high)) => format!("{} ({} to {})", brief(value), brief(low), brief(high)),
            _ => brief(value),
        },
        (None, Some(measured)) => format!("[{}]", brief(measured)),
        (None, None) => "-".to_owned(),
    }
}
