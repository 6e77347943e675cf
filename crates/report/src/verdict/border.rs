//! Best values on the border of what was tried.

use sweep_settings::names;
use sweep_study::{Domain, StudyRecord, Value, WORKERS};

use super::octaves::drawn;
use crate::facts::{Facts, Status, varies};
use crate::{format, text};

/// That a best learning rate lies on the border, and which.
pub fn edge(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let rows = || facts.best_per_batch.iter().filter(|row| row.lr.status == Status::Edge);
    let mut borders: Vec<f64> = rows().filter_map(|row| row.border).collect();
    borders.sort_by(f64::total_cmp);
    borders.dedup();
    let lies: Vec<String> = borders
        .iter()
        .map(|border| {
            let on = rows().filter(|row| row.border == Some(*border));
            let names: Vec<String> =
                on.map(|row| text::row_name(&record.study, row.panel.as_ref(), row.batch)).collect();
            let whose = if names.iter().all(String::is_empty) {
                String::new()
            } else {
                format!(" for {}", text::list(&names))
            };
            format!("on the border lr={}{whose}", format::short(*border))
        })
        .collect();
    // Of batch sizes drawn at random each has a few learning rates, whose ends are no border.
    if lies.is_empty() || drawn(facts) {
        return Vec::new();
    }
    let mut text = format!(
        "The best learning rate lies {}. A better one may lie beyond, so none is estimated there.",
        text::list(&lies)
    );
    if facts.extend.is_empty() {
        text += " The study has not reached the end of its axis yet.";
    }
    vec![text]
}

/// Ordered axes other than the learning rate where the best point lies at an end.
pub fn other_borders(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let Some(best) = &facts.best else { return Vec::new() };
    let axes = record.study.space.parameters.iter();
    let ordered = axes.filter(|axis| axis.domain.scale().is_some() && varies(axis));
    ordered
        // Workers change the time, and the result only within rounding.
        .filter(|axis| axis.name != names::LR && axis.name != WORKERS)
        .filter_map(|axis| {
            let value = best.params.get(&axis.name)?;
            let end = match &axis.domain {
                Domain::Interval { low, high, .. } => value.number().is_some_and(|x| x == *low || x == *high),
                domain => {
                    let levels = domain.levels();
                    // The full training part is the maximum, so it is not a border.
                    let full = *value == Value::Text("full".to_owned());
                    !full && (levels.first() == Some(value) || levels.last() == Some(value))
                }
            };
            end.then(|| {
                format!("The best point has {}={value}, the last value tried on that axis.", axis.name)
            })
        })
        .collect()
}
