//! The verdict as text for a terminal.

use sweep_study::StudyRecord;

use crate::facts::{BatchBest, Facts, Status, Topic, row_name};
use crate::words;

/// The verdict: a warning first where the best lies on the border, then a line a batch size, then what went wrong.
///
/// Ends with a newline. The `sweep extend` command stands on a line of its own, ready to be copied.
pub fn verdict(record: &StudyRecord, facts: &Facts) -> String {
    let mut text = String::new();
    let about = |topics: &[Topic]| {
        let told = facts.verdicts.iter().filter(|verdict| topics.contains(&verdict.topic));
        told.map(|verdict| format!("{}\n", verdict.text)).collect::<String>()
    };
    text += &about(&[Topic::Edge, Topic::Nothing]);
    if !facts.extend.is_empty() {
        text += &format!("  sweep extend {} {}\n", record.study.name, facts.extend.join(" "));
    }
    if facts.best.is_some() {
        text += if text.is_empty() { "" } else { "\n" };
        text +=
            &if facts.best_per_batch.is_empty() { about(&[Topic::Best]) } else { by_batch(record, facts) };
    }
    let rest = about(&[Topic::Ties, Topic::Divergence, Topic::Unfinished, Topic::Border, Topic::Split]);
    if !rest.is_empty() {
        text += if text.is_empty() { "" } else { "\n" };
        text += &rest;
    }
    text
}

/// One aligned line a batch size under a heading with metric, budget and seeds.
fn by_batch(record: &StudyRecord, facts: &Facts) -> String {
    let names: Vec<String> = facts.best_per_batch.iter().map(|row| row_name(record, row)).collect();
    let says: Vec<String> = facts.best_per_batch.iter().map(|row| says(facts, row)).collect();
    let width = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let (name_width, says_width) = (width(&names), width(&says));
    let metric = words::capital(&words::metric(facts));
    let mut text = format!("{metric} by batch size ({})\n", words::conditions(facts, ", "));
    for ((name, says), row) in names.iter().zip(&says).zip(&facts.best_per_batch) {
        let value = row.value.map(|value| words::with_error(facts, value, row.stderr)).unwrap_or_default();
        text += format!("  {name:name_width$}  {says:says_width$}  {value}").trim_end();
        text.push('\n');
    }
    text
}

fn says(facts: &Facts, row: &BatchBest) -> String {
    let lr = row.cell.and_then(|index| facts.cells.get(index)?.lr).map(words::short).unwrap_or_default();
    match row.lr.status {
        Status::Ok => format!("best η = {lr}"),
        Status::Edge => format!("no best η; at the border η = {lr}"),
        Status::Few => format!("too few η drawn; at η = {lr}"),
        Status::None => "no η ended well".to_owned(),
    }
}
