//! The cost of keeping the learning rate of one schedule under another.

use serde::Serialize;

use super::best::BatchBest;
use super::cells::Cell;
use super::cost;
use super::cost::excess;
use super::estimate::{Estimate, Status};
use super::measure::Measure;

/// The schedules of one batch size against each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Regret {
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The schedules.
    pub schedules: Vec<String>,
    /// The best learning rate measured under each.
    pub rates: Vec<Option<f64>>,
    /// `matrix[under][of]`: by how much schedule `under` is worse at the best rate of schedule `of` than at its own, as
    /// a share of the loss (of the wrong answers, the steps), or as a difference. NONE where that rate did not complete
    /// under it or was not run; at its own rate it is zero.
    pub matrix: Vec<Vec<Estimate>>,
}

/// The regrets of each batch size of a study with more than one schedule.
pub fn regrets(cells: &[Cell], rows: &[BatchBest], measure: &Measure) -> Vec<Regret> {
    let mut batches: Vec<Option<f64>> = Vec::new();
    for row in rows.iter().filter(|row| row.panel.is_some() && row.cell.is_some()) {
        if !batches.contains(&row.batch) {
            batches.push(row.batch);
        }
    }
    let of = |batch: &Option<f64>| {
        let own: Vec<&BatchBest> =
            rows.iter().filter(|row| row.batch == *batch && row.cell.is_some()).collect();
        (own.len() > 1).then(|| regret(cells, *batch, &own, measure))
    };
    batches.iter().filter_map(of).collect()
}

fn regret(cells: &[Cell], batch: Option<f64>, own: &[&BatchBest], measure: &Measure) -> Regret {
    let best = |row: &BatchBest| row.cell.and_then(|index| cells.get(index));
    let entry = |under: &BatchBest, of: &BatchBest| {
        let none = Estimate::none(cost::unit(measure.logarithmic()), 0, Status::None);
        let (Some(home), Some(other)) = (best(under), best(of)) else { return none };
        // The same point, but for the learning rate.
        let away = cells.iter().find(|cell| {
            cell.lr == other.lr && cell.value.is_some() && super::best::differs_in_lr_alone(cell, home)
        });
        away.and_then(|away| difference(away, home, measure)).unwrap_or(none)
    };
    Regret {
        batch,
        schedules: own.iter().filter_map(|row| row.panel.clone()).collect(),
        rates: own.iter().map(|row| best(row).and_then(|cell| cell.lr)).collect(),
        matrix: own.iter().map(|under| own.iter().map(|of| entry(under, of)).collect()).collect(),
    }
}

/// By how much `away` costs more than `home`; with an interval where they share seeds and are two.
fn difference(away: &Cell, home: &Cell, measure: &Measure) -> Option<Estimate> {
    let more = excess(&measure.costs(&away.values)?, &measure.costs(&home.values)?, measure);
    let same = std::ptr::eq(away, home);
    Some(if same { Estimate { low: None, high: None, confidence: None, ..more } } else { more })
}

#[cfg(test)]
mod tests {
    use crate::facts::facts;
    use crate::fixtures::{Made, diverged};

    #[test]
    fn the_rate_of_one_schedule_costs_under_another() {
        let mut made = Made::new(&["lr=0.01,0.1,1,10", "schedule=constant,cosine"]).replicates(2);
        for (schedule, values) in [("constant", [0.3, 0.1, 0.2]), ("cosine", [0.3, 0.12, 0.08])] {
            for (lr, value) in ["0.01", "0.1", "1"].iter().zip(values) {
                made = made.trial(&format!("lr={lr} schedule={schedule}"), &[value, value * 1.1]);
            }
        }
        let made = made.outcomes("lr=10 schedule=constant", vec![diverged(1); 2]);
        let made = made.outcomes("lr=10 schedule=cosine", vec![diverged(1); 2]);
        let regret = facts(&made.record()).regret.remove(0);
        assert_eq!(
            (regret.schedules.as_slice(), regret.rates.as_slice()),
            (&["constant".into(), "cosine".into()][..], &[Some(0.1), Some(1.0)][..])
        );
        let shown = |under: usize, of: usize| regret.matrix[under][of].estimate.unwrap();
        assert!((shown(0, 1) - 1.0).abs() < 1e-12 && (shown(1, 0) - 0.5).abs() < 1e-12);
        assert_eq!((shown(0, 0), shown(1, 1)), (0.0, 0.0));
        assert!(
            (regret.matrix[0][1].low.unwrap() - 1.0).abs() < 1e-9,
            "the seeds differ alike: no noise is left"
        );
    }
}
