//! The trials as the page's script reads them: one JSON object, kept small.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};
use sweep_settings::round_significant;
use sweep_study::{Outcome, StudyRecord, Trial, Value};

use super::figures::Tile;
use crate::budget_unit::BudgetUnit;
use crate::facts::{Cell, Facts, Figure};
use crate::thin::thinned;
use crate::{format, text};

/// The readings of all curves together that a page carries, about two megabytes of them.
const MOST_READINGS: usize = 130_000;

/// The most readings of one curve, more than a picture has room for.
const MOST_A_CURVE: usize = 300;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether its values are numbers, so that they are set to the right.
    pub number: bool,
}

/// The columns of the table: the trial, its point, its seed, how it ended, and what it measured.
pub fn columns(record: &StudyRecord) -> Vec<Column> {
    let column = |name: &str, number: bool| Column { name: name.to_owned(), number };
    let metric = text::metric_name(&record.study.goal.metric);
    let mut columns = vec![column("trial", true)];
    let axes = record.study.space.parameters.iter();
    columns.extend(axes.map(|axis| column(&axis.name, axis.domain.scale().is_some())));
    columns.extend([column("seed", true), column("outcome", false), column("steps", true)]);
    columns.push(column("epochs", true));
    columns.push(column(&metric, true));
    columns.extend(more(record).iter().map(|name| column(&text::metric_name(name), true)));
    columns
}

/// The metrics that the table shows in addition to the study's own.
fn more(record: &StudyRecord) -> Vec<&'static str> {
    let measured = |name: &&str| record.trials.iter().any(|trial| trial.metrics.contains_key(*name));
    let other = |name: &&str| *name != record.study.goal.metric;
    ["val_loss", "val_accuracy", "train_loss"].into_iter().filter(other).filter(measured).collect()
}

/// How many readings a curve keeps, so that those of all trials have room on the page.
pub fn readings(record: &StudyRecord) -> usize {
    (MOST_READINGS / record.trials.len().max(1)).clamp(6, MOST_A_CURVE)
}

/// The longest curve that the study has.
pub fn longest(record: &StudyRecord) -> usize {
    record.trials.iter().map(|trial| trial.curve.len()).max().unwrap_or(0)
}

/// The object as text that may stand within a script element.
pub fn json(record: &StudyRecord, facts: &Facts, tiles: &[Tile]) -> String {
    let more = more(record);
    let by_steps = BudgetUnit::reported(record) != BudgetUnit::Epochs;
    let index: BTreeMap<u64, usize> =
        record.trials.iter().enumerate().map(|(index, trial)| (trial.number, index)).collect();
    let most = readings(record);
    let tile = |tile: &Tile| match tile.narrow {
        Some(narrow) => json!([tile.cell, tile.wide, narrow]),
        None => json!([tile.cell, tile.wide]),
    };
    let object = json!({
        "metric": text::metric_name(&facts.metric),
        "curve": text::metric_name(&record.study.curve_metric()),
        "log": record.study.curve_metric().ends_with("loss"),
        "along": BudgetUnit::reported(record).title(),
        "axes": record.study.space.parameters.iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>(),
        "columns": columns(record),
        "rows": record.trials.iter().map(|trial| row(record, trial, &more)).collect::<Vec<_>>(),
        "curves": record.trials.iter().map(|trial| curve(record, trial, by_steps, most)).collect::<Vec<_>>(),
        "cells": facts.cells.iter().map(|cell| self::cell(facts, cell, &index)).collect::<Vec<_>>(),
        "tiles": tiles.iter().map(tile).collect::<Vec<_>>(),
    });
    // Within a script only `</script` and `<!--` would end or change it, and both begin with what is escaped here.
    object.to_string().replace('<', "\\u003c")
}

fn row(record: &StudyRecord, trial: &Trial, more: &[&str]) -> Json {
    let mut row = vec![json!(trial.number)];
    row.extend(record.study.space.parameters.iter().map(|axis| match trial.point.get(&axis.name) {
        Some(Value::Float(number)) => rounded(*number, 4),
        Some(Value::Int(number)) => json!(number),
        Some(other) => json!(other.to_string()),
        None => Json::Null,
    }));
    row.extend([
        json!(trial.seed),
        json!(outcome(trial)),
        json!((!trial.counted).then_some(trial.steps)),
        rounded(trial.epochs, 4),
    ]);
    row.push(rounded(record.study.value(trial), 5));
    row.extend(
        more.iter().map(|name| trial.metrics.get(*name).map_or(Json::Null, |value| rounded(*value, 5))),
    );
    Json::Array(row)
}

/// How a trial ended, in words.
fn outcome(trial: &Trial) -> String {
    match &trial.outcome {
        Outcome::Complete { stuck: true } => "stuck".to_owned(),
        Outcome::Diverged { step } => format!("diverged in step {step}"),
        Outcome::EndedEarly => "ended early".to_owned(),
        other => other.name().to_owned(),
    }
}

/// The text of a heatmap tile, the rows of its trials, and its point if it has no trials.
fn cell(facts: &Facts, cell: &Cell, index: &BTreeMap<u64, usize>) -> Json {
    let rows: Vec<usize> = cell.trials.iter().filter_map(|number| index.get(number).copied()).collect();
    let text = match cell.result() {
        Some(Figure { value, stderr }) => format::with_error(facts, value, stderr),
        None if cell.n > 1 => format!("{}, {} of {} completed", cell.state.name(), cell.n_usable, cell.n),
        None => cell.state.name().to_owned(),
    };
    if rows.is_empty() { json!([text, rows, cell.params.to_string()]) } else { json!([text, rows]) }
}

/// The finite readings of a trial, at most `most` of them, evenly chosen with both ends; null without any.
fn curve(record: &StudyRecord, trial: &Trial, by_steps: bool, most: usize) -> Json {
    let values = trial.curve.metric(&record.study.curve_metric());
    let along = trial.curve.step.iter().zip(&trial.curve.epoch);
    let points: Vec<(f64, f64)> = along
        .zip(values)
        .map(|((step, epoch), value)| (if by_steps { *step as f64 } else { *epoch }, *value))
        .filter(|(_, value)| value.is_finite())
        .collect();
    if points.is_empty() {
        return Json::Null;
    }
    let kept = thinned(&points, most);
    let side =
        |of: fn(&(f64, f64)) -> f64| kept.iter().map(|point| rounded(of(point), 4)).collect::<Vec<_>>();
    json!([side(|point| point.0), side(|point| point.1)])
}

/// A number with this many significant digits, an integer as it is; null where it is not finite.
fn rounded(number: f64, digits: usize) -> Json {
    if !number.is_finite() {
        return Json::Null;
    }
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return json!(number as i64);
    }
    json!(round_significant(number, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(rounded(0.063_591_471, 4).to_string(), "0.06359");
        assert_eq!(rounded(3.0, 4).to_string(), "3");
        assert_eq!(rounded(123_456.0, 4).to_string(), "123456");
        assert_eq!(rounded(f64::NAN, 4), Json::Null);
    }
}
