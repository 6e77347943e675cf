//! Recommendations as a table and as one JSON document.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use crate::facts::{Aim, Estimate, Facts, Recommendation, Status, brief, interval};
use crate::table::aligned;
use crate::words;

/// The document, its schema in `schema/recommend.schema.json`: a row a goal; what rests on seconds stands in `timing`.
pub fn recommend_document(record: &StudyRecord, facts: &Facts, rows: &[Recommendation]) -> Json {
    let (timed, plain): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.aim == Aim::Seconds);
    json!({
        "format": "sweep-recommend",
        "version": 1,
        "study": record.study.name,
        "metric": facts.metric,
        "rows": plain,
        "timing": { "rows": timed },
    })
}

/// One line a goal: the point, what it takes with its interval, and the price of the second best.
pub fn recommend_table(record: &StudyRecord, facts: &Facts, rows: &[Recommendation]) -> String {
    let mut lines = vec![["least", "use", "best η", "takes", "second best"].map(str::to_owned).to_vec()];
    let mut notes = Vec::new();
    for row in rows {
        let Some(params) = &row.params else {
            notes.push(format!("{}: {}.", row.aim.name(), row.missing.unwrap_or("unknown")));
            continue;
        };
        let second = row.second.as_ref().map_or("-".to_owned(), |second| {
            let batch = second.batch.map(|batch| format!("B={}", words::batch(&record.study, batch)));
            let same = second.batch == row.batch;
            let named = batch.filter(|_| !same).unwrap_or_else(|| second.params.to_string());
            format!("{named}: {}", more(&second.price))
        });
        lines.push(vec![
            row.aim.name().to_owned(),
            params.to_string(),
            row.lr.as_ref().map_or("-".to_owned(), rate),
            format!(
                "{} {}{}",
                brief(row.value.estimate.unwrap_or(f64::NAN)),
                what(facts, row),
                interval(&row.value)
            ),
            second,
        ]);
        if let Some(target) = row.target {
            let metric = words::metric_name(&facts.metric);
            notes.push(format!(
                "{} are counted to {metric} {}, which every batch size reached.",
                words::capital(row.aim.name()),
                brief(target)
            ));
        }
    }
    let table = if lines.len() > 1 { aligned(&lines) } else { String::new() };
    notes.into_iter().fold(table, |text, note| format!("{text}{note}\n"))
}

fn what(facts: &Facts, row: &Recommendation) -> String {
    match row.aim {
        Aim::Loss => words::metric_name(&facts.metric),
        _ => row.value.unit.to_owned(),
    }
}

/// A learning rate with its interval, or that it was measured and why there is none.
fn rate(lr: &Estimate) -> String {
    let figure = brief(lr.estimate.unwrap_or(f64::NAN));
    let why = match lr.status {
        Status::Ok => return format!("{figure}{}", interval(lr)),
        Status::Edge => "on the border of what was tried",
        Status::Cliff => "next to one that ended badly",
        Status::Flat => "flat or noisy around it",
        _ => "measured",
    };
    format!("{figure} ({why})")
}

fn more(price: &Estimate) -> String {
    if price.unit == "metric" {
        return format!("{} more{}", brief(price.estimate.unwrap_or(f64::NAN)), interval(price));
    }
    let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
    let shown = Estimate {
        estimate: percent(price.estimate),
        low: percent(price.low),
        high: percent(price.high),
        ..price.clone()
    };
    format!("{} % more{}", brief(shown.estimate.unwrap_or(f64::NAN)), interval(&shown))
}
