//! The best points as an aligned table.

use sweep_settings::short;
use sweep_study::{StudyRecord, Value};

use crate::facts::{Cell, Facts};
use crate::format;

/// The `limit` best points (the confirmed ones, where the best was confirmed), the one that the verdict names first, one
/// per line under a heading: the axes,
/// the value with its standard error, accuracies where trials measured them, and the trials' numbers. Where several
/// points are within noise of the best, a `≈` marks them and a last line notes it. Empty when no point completed.
pub fn best_table(record: &StudyRecord, facts: &Facts, limit: usize) -> String {
    let measure = facts.measure;
    let confirmed = facts.best_cell().is_some_and(|cell| cell.confirmed);
    let listed = |cell: &&Cell| cell.value.is_some() && cell.confirmed == confirmed;
    let mut cells: Vec<&Cell> = facts.cells.iter().filter(listed).collect();
    // A stable sort: level points keep the order of the study.
    cells.sort_by(|a, b| measure.order(a.value, b.value));
    let best = facts.best_cell();
    cells.sort_by_key(|cell| best.is_none_or(|best| !std::ptr::eq(*cell, best)));
    cells.truncate(limit);
    if cells.is_empty() {
        return String::new();
    }
    let extra: Vec<&str> = ["val_accuracy", "test_accuracy"]
        .into_iter()
        .filter(|name| *name != facts.metric && cells.iter().any(|cell| mean(record, cell, name).is_some()))
        .collect();
    let study = &record.study;
    let derived = study.derived.iter().map(|derived| derived.name());
    let axes: Vec<&str> =
        study.space.parameters.iter().map(|axis| axis.name.as_str()).chain(derived).collect();
    let trials = if facts.replicates > 1 { "trials" } else { "trial" };
    let mut lines = vec![
        std::iter::once("")
            .chain(axes.iter().copied())
            .chain([facts.metric.as_str()])
            .chain(extra.iter().copied())
            .chain([trials])
            .map(str::to_owned)
            .collect::<Vec<String>>(),
    ];
    let ties = cells.iter().filter(|cell| cell.tied).count() > 1;
    for cell in cells {
        let params = study.params(&cell.params);
        let mut line = vec![if ties && cell.tied { "≈".to_owned() } else { String::new() }];
        line.extend(axes.iter().map(|name| params.get(name).map_or("-".into(), typed)));
        line.extend(cell.value.map(|value| format::with_error(facts, value, cell.stderr)));
        line.extend(
            extra.iter().map(|name| mean(record, cell, name).map_or("-".into(), |x| format!("{x:.4}"))),
        );
        line.push(cell.trials.iter().map(u64::to_string).collect::<Vec<_>>().join(" "));
        lines.push(line);
    }
    let note = if ties { "≈ within noise of the best\n" } else { "" };
    aligned(&lines) + note
}

/// A value as typed; a number drawn at random to four digits.
fn typed(value: &Value) -> String {
    match value {
        Value::Float(number) => format::short(*number),
        other => short(&other.to_string()),
    }
}

/// The mean of a metric over the replicates of a cell, where all have it.
pub fn mean(record: &StudyRecord, cell: &Cell, name: &str) -> Option<f64> {
    let value = |number: &u64| {
        let trial = record.trial(*number)?;
        trial.metrics.get(name).copied().filter(|value| value.is_finite())
    };
    let values: Option<Vec<f64>> = cell.trials.iter().map(value).collect();
    let values = values.filter(|values| !values.is_empty())?;
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

/// Lines of cells with columns of equal width, two spaces between them.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let lengths = lines.iter().filter_map(|line| line.get(column)).map(|text| text.chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let padded: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
        text += padded.join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// `cell` with blanks up to `width` letters; a width of `format!` may not be large.
fn padded(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn the_best_come_first_in_aligned_columns() {
        let made = Made::new(&["lr=0.1,1,10", "schedule=constant,cosine"]).replicates(2);
        let made =
            made.trial("lr=0.1 schedule=cosine", &[0.3, 0.32]).trial("lr=10 schedule=constant", &[0.1, 0.12]);
        let record = made.record();
        let table = best_table(&record, &crate::facts(&record), 5);
        assert_eq!(
            table,
            "  lr   schedule  val_loss       val_accuracy  trials\n  \
             10   constant  0.110 ± 0.010  0.9640        2 3\n  \
             0.1  cosine    0.310 ± 0.010  0.9018        0 1\n"
        );
        assert_eq!(best_table(&record, &crate::facts(&record), 1).lines().count(), 2);
    }

    #[test]
    fn nothing_usable_is_no_table() {
        let record = Made::new(&["lr=0.1,1"]).record();
        assert_eq!(best_table(&record, &crate::facts(&record), 5), "");
    }
}
