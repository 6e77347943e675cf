//! How the best batch size moves when trials are compared at equal epochs, steps or seconds.

use serde::Serialize;
use sweep_settings::names;
use sweep_study::StudyRecord;

use super::axes::Axes;
use super::cells::{Cell, cells};
use super::measure::Measure;
use crate::budget_unit::BudgetUnit;
use crate::read::at_equal_budget;

/// The best point of one batch size, with all trials at an equal budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EqualBest {
    /// The panel; `None` where neither agent nor schedule is an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: f64,
    /// The best learning rate measured.
    pub lr: Option<f64>,
    /// The value there.
    pub value: f64,
    /// Its standard error; `None` without replicates.
    pub stderr: Option<f64>,
    /// Whether it is the best of all.
    pub best: bool,
}

/// The batch sizes at an equal amount of one unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EqualBudget {
    /// `epochs`, `steps` or `seconds`.
    pub unit: &'static str,
    /// How much each trial had been given.
    pub amount: f64,
    /// Each batch size at its best, rising within each panel.
    pub per_batch: Vec<EqualBest>,
}

/// The batch sizes of a study at equal amounts of what `by` counts; `None` for fewer than two of them, or where the
/// trials cannot be read so.
pub fn equal_budget(record: &StudyRecord, by: BudgetUnit) -> Option<EqualBudget> {
    record.study.space.get(names::BATCH).filter(|axis| super::varies(axis))?;
    let read = at_equal_budget(record, by).ok()?;
    let (axes, measure) = (Axes::of(&read.study), Measure::of(&read.study.goal));
    let cells = cells(&read, &axes, &measure);
    let mut rows: Vec<EqualBest> = Vec::new();
    for (cell, batch, value) in cells.iter().filter_map(|cell: &Cell| Some((cell, cell.batch?, cell.value?)))
    {
        let (panel, lr, stderr) = (cell.panel.clone(), cell.lr, cell.stderr);
        let row = EqualBest { panel, batch, lr, value, stderr, best: false };
        match rows.iter_mut().find(|old| old.panel == row.panel && old.batch == batch) {
            None => rows.push(row),
            Some(old) if measure.better(value, old.value) => *old = row,
            Some(_) => {}
        }
    }
    if rows.len() < 2 {
        return None;
    }
    let panels: Vec<Option<String>> = rows.iter().map(|row| row.panel.clone()).collect();
    let first = |row: &EqualBest| panels.iter().position(|panel| *panel == row.panel);
    rows.sort_by(|a, b| first(a).cmp(&first(b)).then(a.batch.total_cmp(&b.batch)));
    let better = |a: usize, b: usize| match (rows.get(a), rows.get(b)) {
        (Some(a), Some(b)) => measure.better(b.value, a.value),
        _ => false,
    };
    let best = (0..rows.len()).reduce(|best, row| if better(best, row) { row } else { best })?;
    rows.get_mut(best)?.best = true;
    let amount = read.study.settings.get(by.unit())?.number()?;
    Some(EqualBudget { unit: by.unit(), amount, per_batch: rows })
}

/// The batch sizes at equal epochs and at equal steps, where both can be read. Seconds come from a clock and stand
/// apart.
pub fn equal_budgets(record: &StudyRecord) -> Vec<EqualBudget> {
    [BudgetUnit::Epochs, BudgetUnit::Steps].into_iter().filter_map(|by| equal_budget(record, by)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::learning;

    /// Small batches learn more of an example, large ones more in a step; a step of a large one takes hardly longer.
    #[test]
    fn the_winner_moves_with_the_unit() {
        let record = learning(&["lr=0.1,0.2", "batch=16,64,256"]);
        let winner = |by: BudgetUnit| {
            let equal = equal_budget(&record, by).unwrap();
            let best: Vec<f64> = equal.per_batch.iter().filter(|row| row.best).map(|row| row.batch).collect();
            (equal.per_batch.len(), best)
        };
        assert_eq!(winner(BudgetUnit::Epochs), (3, vec![16.0]));
        assert_eq!(winner(BudgetUnit::Examples), (3, vec![16.0]));
        assert_eq!(winner(BudgetUnit::Steps), (3, vec![256.0]));
        assert_eq!(winner(BudgetUnit::Seconds), (3, vec![64.0]));
    }

    #[test]
    fn the_amount_is_what_all_were_given() {
        let record = learning(&["lr=0.1,0.2", "batch=16,64,256"]);
        let amounts: Vec<(&str, f64)> =
            equal_budgets(&record).iter().map(|equal| (equal.unit, equal.amount)).collect();
        // 3 epochs; 3 × ⌈50,000 / 256⌉ steps.
        assert_eq!(amounts, [("epochs", 3.0), ("steps", 588.0)]);
    }

    #[test]
    fn one_batch_size_is_not_compared() {
        assert_eq!(equal_budgets(&learning(&["lr=0.1,0.2", "batch=16"])), []);
    }
}
