//! Runs that used their budget and lost what they had learned.

use super::cells::{Cell, State};
use super::measure::Measure;

/// The fewest points below a gap that show where runs that learned end.
const FEWEST: usize = 5;

/// Marks the cells that collapsed: they completed, at a higher learning rate than one that is better, and ended apart
/// from all that learned.
///
/// Apart means that between all their runs and the best half or more of the points lies the widest gap of all, wider
/// than everything below it, on the scale of costs. A collapsed cell keeps the values of its runs and has no mean: it is
/// drawn and counted, and stands in no fit.
pub fn mark_collapsed(cells: &mut [Cell], measure: &Measure) {
    let cost = |cell: &Cell| cell.value.and_then(|value| measure.cost(value));
    let mut costs: Vec<f64> = cells.iter().filter_map(cost).collect();
    costs.sort_by(f64::total_cmp);
    let gap = |index: usize| costs[index] - costs[index - 1];
    let widest = (1..costs.len()).map(gap).fold(0.0, f64::max);
    let apart = |index: &usize| gap(*index) >= widest && gap(*index) > costs[index - 1] - costs[0];
    let Some(first) = (FEWEST.max(costs.len() / 2)..costs.len()).find(apart) else { return };
    let learned = costs[first - 1];
    let ended_well = |cell: &Cell| cost(cell).is_some_and(|cost| cost <= learned);
    let lower = |cell: &Cell, lr: f64| ended_well(cell) && cell.lr.is_some_and(|other| other < lr);
    let marks: Vec<bool> = cells
        .iter()
        .map(|cell| {
            let lost = |value: &f64| measure.cost(*value).is_some_and(|cost| cost > learned);
            let far = cell.value.is_some() && cell.values.iter().flatten().all(lost);
            let above = |lr: f64| {
                cells
                    .iter()
                    .any(|other| other.batch == cell.batch && other.panel == cell.panel && lower(other, lr))
            };
            far && cell.lr.is_some_and(above)
        })
        .collect();
    for (cell, _) in cells.iter_mut().zip(marks).filter(|(_, mark)| *mark) {
        cell.state = State::Collapsed;
        (cell.value, cell.stderr) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{State, facts};
    use crate::fixtures::Made;

    fn states(lrs: &[&str], values: &[f64]) -> Vec<State> {
        let made = Made::new(&[&format!("lr={}", lrs.join(","))]).row(lrs, values);
        facts(&made.record()).cells.iter().map(|cell| cell.state).collect()
    }

    #[test]
    fn a_run_far_above_all_that_learned_collapsed() {
        let lrs = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64"];
        let states_of = |values: &[f64]| states(&lrs, values);
        let floor = states_of(&[2.62, 2.57, 2.556, 2.58, 2.70, 6.1, 6.9]);
        assert_eq!(floor[4..], [State::Complete, State::Collapsed, State::Collapsed]);
        // One that is only worse, and one that was too slow, did not collapse.
        assert!(
            states_of(&[2.62, 2.57, 2.556, 2.58, 2.65, 2.70, 2.80]).iter().all(|s| *s == State::Complete)
        );
        assert!(states_of(&[2.3, 0.4, 0.2, 0.12, 0.1, 0.11, 0.3]).iter().all(|s| *s == State::Complete));
    }
}
