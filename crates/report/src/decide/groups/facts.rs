//! What is best in each group of a table of runs.

use std::collections::BTreeMap;

use serde::Serialize;
use sweep_study::{Direction, Point, StudyRecord, Value};

use crate::decide::law::best_batches;
use crate::facts::{Estimate, Facts, State, Status, parts};

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its values, in the order of the columns that part the runs.
    pub at: Vec<Value>,
    /// How many runs it has.
    pub runs: usize,
    /// How many of its points diverged or collapsed.
    pub diverged: usize,
    /// Its best point; `None` where no run completed.
    pub best: Option<Point>,
    /// The learning rate there.
    pub lr: Option<f64>,
    /// The batch size there.
    pub batch: Option<f64>,
    /// The value there.
    pub value: Option<f64>,
    /// The standard error of the value.
    pub stderr: Option<f64>,
    /// The best learning rate at that batch size, with its interval.
    pub best_lr: Estimate,
    /// The batch size at which the best value over learning rates is lowest, with its interval.
    pub best_batch: Estimate,
    /// The critical batch size, of runs that were trained to a target.
    pub critical_batch: Option<Estimate>,
    /// The batch size that needs a fifth more examples than that of [`GroupFacts::than`].
    pub overhead_batch: Option<Estimate>,
    /// What the common setting loses here, as a share of the best value.
    pub price: Option<f64>,
}

/// The setting that loses least over all groups, among those that every group has run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Common {
    /// The setting.
    pub params: Point,
    /// What it loses on average, as a share of the best value of each group.
    pub mean: f64,
    /// What it loses in the group where it loses most.
    pub worst: f64,
}

/// The groups of a table of runs.
#[derive(Clone, Debug)]
pub struct GroupFacts {
    /// The name of the study.
    pub study: String,
    /// The metric that ranks the runs.
    pub metric: String,
    /// Which way it is better.
    pub direction: Direction,
    /// The columns that part the runs.
    pub by: Vec<String>,
    /// The batch size with which those that need a fifth more examples are compared; the smallest of each group if none
    /// was given.
    pub than: Option<f64>,
    /// The groups, by rising values.
    pub groups: Vec<Group>,
    /// What serves them all, where a setting was run in every group.
    pub common: Option<Common>,
    /// The facts of each group as a study of its own.
    pub facts: Vec<Facts>,
}

/// The runs of `record` parted by the axes `names`; no group where one of these is no axis.
/// Batch sizes that need a fifth more examples are compared with `than`, else with the smallest of their group.
pub fn facts(record: &StudyRecord, names: &[String], than: Option<f64>) -> GroupFacts {
    let by: Vec<&str> = names.iter().map(String::as_str).collect();
    let parts = parts(record, &by);
    let each: Vec<Facts> = parts.iter().map(|part| crate::facts(&part.record)).collect();
    let batches = best_batches(&each.iter().collect::<Vec<_>>());
    // What reaches a target in the fewest steps is no setting to recommend.
    let common = if each.iter().any(|facts| !facts.critical_batch.is_empty()) { None } else { common(&each) };
    let group = |((part, facts), best_batch): ((&crate::facts::Part, &Facts), &Estimate)| {
        let best = facts.best_cell();
        let row = |cell: &crate::facts::Cell| {
            let same = |row: &&crate::facts::BatchBest| row.batch == cell.batch && row.panel == cell.panel;
            facts.best_per_batch.iter().find(same).map(|row| row.lr.clone())
        };
        let gone = |state: State| matches!(state, State::Diverged | State::Collapsed);
        Group {
            at: part.at.clone(),
            runs: part.record.trials.len(),
            diverged: facts.cells.iter().filter(|cell| gone(cell.state)).count(),
            best: best.map(|cell| cell.params.clone()),
            lr: best.and_then(|cell| cell.lr),
            batch: best.and_then(|cell| cell.batch),
            value: best.and_then(|cell| cell.value),
            stderr: best.and_then(|cell| cell.stderr),
            best_lr: best.and_then(row).unwrap_or_else(|| Estimate::none("learning rate", 0, Status::Few)),
            best_batch: best_batch.clone(),
            critical_batch: critical(facts).map(|critical| critical.batch.clone()),
            overhead_batch: critical(facts).and_then(|critical| {
                critical.overhead(than.or_else(|| critical.per_batch.first().map(|at| at.batch))?)
            }),
            price: common.as_ref().and_then(|common| price(facts, &common.params)),
        }
    };
    let groups = parts.iter().zip(&each).zip(&batches).map(group).collect();
    GroupFacts {
        study: record.study.name.clone(),
        metric: record.study.goal.metric.clone(),
        direction: record.study.goal.direction,
        by: names.to_vec(),
        than,
        groups,
        common,
        facts: each,
    }
}

/// A setting whose numbers are rounded: levels that differ in the fourth digit are one.
fn rounded(at: &Point) -> String {
    let round = |value: &Value| match value {
        Value::Float(number) => Value::Float(sweep_settings::round_significant(*number, 3)),
        other => other.clone(),
    };
    Point(at.0.iter().map(|(name, value)| (name.clone(), round(value))).collect()).key()
}

fn critical(facts: &Facts) -> Option<&crate::facts::CriticalBatch> {
    facts.critical_batch.first()
}

/// What a setting loses in a group, as a share of its best value.
fn price(facts: &Facts, at: &Point) -> Option<f64> {
    let best = facts.best_cell()?.value?;
    let value = facts.cells.iter().find(|cell| rounded(&cell.params) == rounded(at))?.value?;
    Some((value - best).abs() / best.abs()).filter(|price| price.is_finite())
}

/// The setting that loses least on average, among those that have a value in every group.
fn common(each: &[Facts]) -> Option<Common> {
    let mut prices: BTreeMap<String, (&Point, Vec<f64>)> = BTreeMap::new();
    for facts in each {
        for cell in facts.cells.iter().filter(|cell| cell.value.is_some()) {
            let Some(price) = price(facts, &cell.params) else { continue };
            prices.entry(rounded(&cell.params)).or_insert_with(|| (&cell.params, Vec::new())).1.push(price);
        }
    }
    let everywhere = prices.into_values().filter(|(_, prices)| each.len() > 1 && prices.len() == each.len());
    let common = everywhere.map(|(params, prices)| Common {
        params: params.clone(),
        mean: prices.iter().sum::<f64>() / prices.len() as f64,
        worst: prices.iter().copied().fold(0.0, f64::max),
    });
    common.min_by(|a, b| a.mean.total_cmp(&b.mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn each_group_has_its_best_and_one_setting_serves_all() {
        let rates = ["0.01", "0.02", "0.04", "0.08"];
        let mut made = Made::new(&[&format!("lr={}", rates.join(",")), "hidden=10,20"]);
        for (n, values) in [("10", [2.2, 2.0, 1.9, 2.5]), ("20", [1.5, 1.4, 1.6, 1.9])] {
            for (rate, value) in rates.iter().zip(values) {
                made = made.trial(&format!("lr={rate} hidden={n}"), &[value]);
            }
        }
        let groups = facts(&made.record(), &["hidden".to_owned()], None);
        let best: Vec<Option<f64>> = groups.groups.iter().map(|group| group.lr).collect();
        assert_eq!(best, [Some(0.04), Some(0.02)]);
        let common = groups.common.unwrap();
        assert_eq!(common.params.get("lr"), Some(&Value::Float(0.02)));
        assert!((common.worst - 0.1 / 1.9).abs() < 1e-12 && (common.mean - 0.05 / 1.9).abs() < 1e-12);
        assert_eq!(groups.groups[1].price, Some(0.0));
    }
}
