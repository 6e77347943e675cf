//! Recommendations as a table.

use sweep_study::StudyRecord;

use super::{Aim, Recommendation};
use crate::facts::{Estimate, Facts};
use crate::format::{brief, interval};
use crate::table::aligned;
use crate::text;
use crate::verdict::status;

/// One line per goal: the point, its cost with an interval, and the price of the second best.
pub fn table(record: &StudyRecord, facts: &Facts, rows: &[Recommendation]) -> String {
    let mut lines = vec![["least", "use", "best η", "takes", "second best"].map(str::to_owned).to_vec()];
    let mut notes = Vec::new();
    for row in rows {
        let Some(params) = &row.params else {
            notes.push(format!("{}: {}.", row.aim.name(), row.missing.unwrap_or("unknown")));
            continue;
        };
        let second = row.second.as_ref().map_or("-".to_owned(), |second| {
            let batch = second.batch.map(|batch| format!("B={}", text::batch_size(&record.study, batch)));
            let same = second.batch == row.batch;
            let named = batch.filter(|_| !same).unwrap_or_else(|| second.params.to_string());
            let value = facts.cells.iter().find(|cell| record.study.params(&cell.params) == second.params);
            let value = value.and_then(|cell| cell.value).filter(|_| row.aim == Aim::Loss);
            format!(
                "{named}: {}{}",
                more(&second.price),
                value.map_or(String::new(), |v| text::price(facts, v))
            )
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
            let metric = text::metric_name(&facts.metric);
            notes.push(format!(
                "{} are counted until {metric} {}, {} worse than the best{}; batch sizes that do not reach it are left out.",
                text::capital(row.aim.name()),
                brief(target),
                text::difference(facts, facts.noise.smallest),
                text::price(facts, target)
            ));
        }
    }
    let ended = record.trials.len() as u64;
    if ended < record.planned {
        notes.push(format!("From {ended} of {} trials: the others have not been run.", record.planned));
    }
    let table = if lines.len() > 1 { aligned(&lines) } else { String::new() };
    notes.into_iter().fold(table, |text, note| format!("{text}{note}\n"))
}

fn what(facts: &Facts, row: &Recommendation) -> String {
    match row.aim {
        Aim::Loss => text::metric_name(&facts.metric),
        _ => row.value.unit.to_owned(),
    }
}

/// A learning rate with its interval, or the measured one and why it has no interval.
fn rate(lr: &Estimate) -> String {
    let figure = brief(lr.estimate.unwrap_or(f64::NAN));
    match status::why_none(lr.status) {
        Some(why) => format!("{figure} ({why})"),
        None => format!("{figure}{}", interval(lr)),
    }
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
    match shown.estimate.unwrap_or(f64::NAN) {
        less if less < 0.0 => {
            let (low, high) = (shown.high.map(|end| -end), shown.low.map(|end| -end));
            format!("{} % less{}", brief(-less), interval(&Estimate { low, high, ..shown }))
        }
        more => format!("{} % more{}", brief(more), interval(&shown)),
    }
}
