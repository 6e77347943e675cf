//! The horizon: how the best learning rate moves with the length of training, where that is an axis.

use serde::Serialize;
use sweep_stats::linear;
use sweep_study::StudyRecord;

use super::axes::Axes;
use super::best::{self, BatchBest};
use super::estimate::{CONFIDENCE, Estimate, Status};
use super::noise;
use super::parts::parts;
use super::ridge::{Spot, scatter};
use super::transform::{self, OnScale};

/// The fewest training lengths that a power law is fitted to.
pub const FEWEST: usize = 3;

/// The best learning rates of one batch size of one panel, by the length of training.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Horizon {
    /// The panel; `None` where neither agent nor schedule is an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The unit of the length: epochs, steps or examples.
    pub length_unit: &'static str,
    /// The best learning rate at each length, lengths rising.
    pub lengths: Vec<LengthBest>,
    /// The exponent a of the power law η* ∝ lengthᵃ; without an estimate below three lengths whose best has an
    /// interval.
    #[serde(flatten)]
    pub exponent: Estimate,
}

/// The best learning rate at one length of training.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LengthBest {
    /// The length, in the `length_unit` of the horizon.
    pub length: f64,
    /// The best learning rate.
    #[serde(flatten)]
    pub lr: Estimate,
    /// The best learning rate measured, be it inside or not.
    pub measured: Option<f64>,
    /// Its value.
    pub value: Option<f64>,
}

/// The horizons of a study, one per panel and batch size; empty where fewer than two lengths were tried, or no axis is
/// the learning rate.
pub fn horizons(record: &StudyRecord) -> Vec<Horizon> {
    let unit = record.study.budget().0;
    let mut horizons: Vec<Horizon> = Vec::new();
    for (length, part) in lengths(record, unit) {
        let axes = Axes::of(&part.study);
        let OnScale { measure, cells, valleys, .. } = transform::on_scale(&part, &axes);
        let smallest = noise::smallest(&cells, &valleys, None, &measure);
        for row in best::per_batch(&part.study, &cells, &valleys, smallest, &measure) {
            let measured = row.cell.and_then(|index| cells.get(index)?.lr);
            let BatchBest { panel, batch, lr, value, .. } = row;
            let at = LengthBest { length, lr, measured, value };
            match horizons.iter_mut().find(|other| other.panel == panel && other.batch == batch) {
                Some(horizon) => horizon.lengths.push(at),
                None => {
                    let exponent = Estimate::none("exponent of the length", 0, Status::Few);
                    horizons.push(Horizon { panel, batch, length_unit: unit, lengths: vec![at], exponent });
                }
            }
        }
    }
    horizons.retain(|horizon| horizon.lengths.len() > 1);
    horizons.iter_mut().for_each(|horizon| horizon.exponent = exponent(&horizon.lengths));
    horizons
}

/// The study parted by the lengths on its budget's axis, rising; empty where the budget is not an axis.
pub fn lengths(record: &StudyRecord, unit: &str) -> Vec<(f64, StudyRecord)> {
    parts(record, &[unit])
        .into_iter()
        .filter_map(|part| Some((part.at.first()?.number()?, part.record)))
        .collect()
}

/// The slope of the line through the logarithms of lengths and best rates, weighted by the errors of the latter.
/// Scatter beyond these widens the interval (quasi-likelihood), and then Student's t replaces the normal.
fn exponent(lengths: &[LengthBest]) -> Estimate {
    let spots: Vec<Spot> = lengths.iter().filter_map(|at| Spot::of(at.length, &at.lr)).collect();
    let none = Estimate::none("exponent of the length", spots.len(), Status::Few);
    if spots.len() < FEWEST {
        return none;
    }
    let rows: Vec<Vec<f64>> = spots.iter().map(|Spot(x, _, _)| vec![1.0, *x]).collect();
    let y: Vec<f64> = spots.iter().map(|Spot(_, y, _)| *y).collect();
    let weights: Vec<f64> = spots.iter().map(|Spot(_, _, error)| error.powi(-2)).collect();
    let Some(fit) = linear::fit(&rows, &y, &weights) else { return none };
    let (scatter, quantile) = scatter(&fit);
    let reach = quantile * fit.covariance(1, 1, scatter).sqrt();
    let slope = fit.coefficients[1];
    Estimate {
        estimate: Some(slope),
        low: Some(slope - reach),
        high: Some(slope + reach),
        confidence: Some(CONFIDENCE),
        status: Status::Ok,
        ..none
    }
}

#[cfg(test)]
mod tests {
    use sweep_study::Value;

    use super::*;
    use crate::fixtures::horizon;

    #[test]
    fn a_power_law_of_the_length_is_found_at_each_batch_size() {
        let horizons = horizons(&horizon(-0.25));
        assert_eq!(
            horizons.iter().map(|horizon| horizon.batch).collect::<Vec<_>>(),
            [Some(32.0), Some(128.0)]
        );
        for horizon in &horizons {
            assert_eq!((horizon.length_unit, horizon.lengths.len()), ("epochs", 4));
            let (low, high) = (horizon.exponent.low.unwrap(), horizon.exponent.high.unwrap());
            assert!(low < -0.25 && -0.25 < high && high < 0.0, "{:?}", horizon.exponent);
        }
    }

    #[test]
    fn one_length_is_no_horizon_and_two_have_no_exponent() {
        let mut record = horizon(-0.25);
        record.trials.retain(|trial| trial.point.get("epochs").and_then(Value::number) <= Some(3.0));
        assert_eq!(horizons(&record)[0].exponent.status, Status::Few);
        assert_eq!(horizons(&crate::fixtures::Made::new(&["lr=0.1,1"]).record()), []);
    }
}
