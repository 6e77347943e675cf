//! The learning rate carried to a batch size, a training length or a width that the study did not run.

use std::iter;

use serde::Serialize;
use sweep_settings::round_significant;
use sweep_stats::linear;
use sweep_study::{StudyRecord, Value};

use super::bound::Carried;
use super::refused::{Reason, Refused, Span};
use crate::facts::{
    BatchBest, CONFIDENCE, Estimate, FEWEST, Facts, Horizon, Model, Spot, Status, lengths, scatter, spots,
};

/// How far beyond the batch sizes tried the ridge is believed, as a factor.
pub(super) const BEYOND: f64 = 2.0;

/// The destination of a learning rate; fields that are `None` stay as at the best point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Destination {
    /// The batch size.
    pub batch: Option<f64>,
    /// The training length.
    pub length: Option<Length>,
    /// The width of the network.
    pub width: Option<u64>,
}

/// A training length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// So many times the longest of the study.
    Times(f64),
    /// So many of the study's unit.
    Amount(f64),
}

/// The learning rate at the destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transfer {
    /// The batch size; `None` where the study has none.
    pub batch: Option<f64>,
    /// The training length, in the unit of the study's budget; `None` where it stays.
    pub length: Option<f64>,
    /// The width; `None` where it stays.
    pub width: Option<u64>,
    /// The learning rate, with the interval in which a measurement there would lie.
    pub lr: Estimate,
    /// Its basis; the document has it in sentences.
    #[serde(skip)]
    pub basis: Vec<Basis>,
}

/// One basis of a transferred learning rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Basis {
    /// The best learning rate of this batch size was measured.
    Measured {
        /// The batch size, where there is one.
        batch: Option<f64>,
    },
    /// A curve through the best learning rates of several batch sizes.
    Batches {
        /// The batch size beyond which the ridge levels off; `None` for a power law.
        knee: Option<f64>,
        /// The batch sizes.
        span: Span,
    },
    /// A power law through the best learning rates of several lengths of training.
    Lengths {
        /// The lengths.
        span: Span,
        /// Their unit.
        unit: &'static str,
        /// The batch size at which they were measured, where there is one.
        batch: Option<f64>,
    },
    /// How the best learning rate moves with the length of training.
    Horizon(Horizon),
    /// A bound on the last iterate, from one schedule to another of the same length.
    Schedule {
        /// The schedule of the study.
        from: String,
        /// The other one.
        to: String,
        /// By which factor the best peak differs, and its error.
        carried: Carried,
    },
    /// Under μP the best learning rate stays where it is as the network is widened.
    Mup {
        /// The width.
        width: u64,
    },
}

/// Carries the learning rate to a destination.
///
/// # Errors
/// A destination that nothing in the study supports, with the runs that would.
pub fn facts(record: &StudyRecord, facts: &Facts, to: Destination) -> Result<Transfer, Refused> {
    let Some(best) = facts.best_cell() else {
        return Err(Refused { reason: Reason::Nothing, runs: Vec::new() });
    };
    let batch = to.batch.or(best.batch);
    let around = nearest(facts, best.panel.as_ref(), batch).or(best.lr).unwrap_or(0.1);
    if let Some(width) = to.width {
        let own = record.study.setting(&best.params, "parametrization").map(|value| value.to_string());
        if own.as_deref() != Some("mup") {
            let widths = [width.div_ceil(8), width.div_ceil(4), width.div_ceil(2)];
            let run =
                |width: &u64| format!("{}{} hidden={width} parametrization=mup", rates(around), named(batch));
            return Err(Refused { reason: Reason::NotMup, runs: widths.iter().map(run).collect() });
        }
    }
    let (mut basis, lr, length) = match to.length {
        None => {
            let (lr, basis) = at_batch(facts, best.panel.as_ref(), batch, around)?;
            (vec![basis], lr, None)
        }
        Some(length) => {
            let (lr, basis, length) = at_length(record, best.panel.as_ref(), batch, length, around)?;
            let own = |one: &&Horizon| one.panel == best.panel && one.batch == batch;
            let own = facts.horizon.iter().filter(own).cloned().map(Basis::Horizon);
            (iter::once(basis).chain(own).collect(), lr, Some(length))
        }
    };
    if let Some(width) = to.width {
        basis.push(Basis::Mup { width });
    }
    Ok(Transfer { batch, length, width: to.width, lr, basis })
}

/// The best rate measured at the batch size nearest to `batch`.
fn nearest(facts: &Facts, panel: Option<&String>, batch: Option<f64>) -> Option<f64> {
    let rows = facts.best_per_batch.iter().filter(|row| row.panel.as_ref() == panel && row.cell.is_some());
    let far = |row: &&BatchBest| match row.batch.zip(batch) {
        Some((other, batch)) => (other / batch).ln().abs(),
        None => f64::INFINITY,
    };
    facts.cells.get(rows.min_by(|a, b| far(a).total_cmp(&far(b)))?.cell?)?.lr
}

/// ` batch=64`; nothing where there is no batch size.
fn named(batch: Option<f64>) -> String {
    batch.map(|batch| format!(" batch={batch}")).unwrap_or_default()
}

/// Three rates an octave apart around `lr`, as an axis.
fn rates(lr: f64) -> String {
    let rate = |factor: f64| Value::Float(round_significant(factor * lr, 2)).to_string();
    format!("lr={},{},{}", rate(0.5), rate(1.0), rate(2.0))
}

/// The best rate at a batch size: as measured there, else by the ridge through the others.
fn at_batch(
    facts: &Facts,
    panel: Option<&String>,
    batch: Option<f64>,
    around: f64,
) -> Result<(Estimate, Basis), Refused> {
    let row = facts.best_per_batch.iter().find(|row| row.panel.as_ref() == panel && row.batch == batch);
    if let Some(row) = row.filter(|row| row.lr.low.is_some()) {
        return Ok((row.lr.clone(), Basis::Measured { batch }));
    }
    let Some(batch) = batch else {
        return Err(Refused { reason: Reason::NoRate, runs: vec![rates(around)] });
    };
    let spots = spots(facts.best_per_batch.iter().filter(|row| row.panel.as_ref() == panel));
    let one =
        |factor: f64| format!("lr={} batch={batch}", Value::Float(round_significant(factor * around, 2)));
    let refused = |reason| Refused { reason, runs: [0.5, 1.0, 2.0].map(one).to_vec() };
    if spots.len() < FEWEST {
        return Err(refused(Reason::FewBatches { known: spots.len() }));
    }
    let (low, high) = (spots[0].0.exp().round(), spots[spots.len() - 1].0.exp().round());
    let span = Span { count: spots.len(), low, high };
    if batch < low / BEYOND || batch > high * BEYOND {
        return Err(refused(Reason::FarBatch { span, batch }));
    }
    let ridge = facts.ridge.iter().find(|ridge| ridge.panel.as_ref() == panel);
    let knee = ridge.filter(|ridge| ridge.model == Model::Saturating).and_then(|ridge| ridge.knee);
    let lr = predict(&spots, batch.ln(), knee.map(f64::ln)).ok_or_else(|| refused(Reason::NoRidge))?;
    Ok((lr, Basis::Batches { knee, span }))
}

/// The best rate at a batch size and a training length: by a power law through the lengths of the study.
fn at_length(
    record: &StudyRecord,
    panel: Option<&String>,
    batch: Option<f64>,
    length: Length,
    around: f64,
) -> Result<(Estimate, Basis, f64), Refused> {
    let (unit, fixed) = record.study.budget();
    let lengths = lengths(record, unit);
    let longest = lengths
        .iter()
        .map(|(length, _)| *length)
        .fold(fixed.and_then(Value::number).unwrap_or(0.0), f64::max);
    let refused = |reason| {
        let run = |share: f64| {
            let length = Value::Float(round_significant((longest / share).max(1.0), 2));
            format!("{}{} {unit}={length}", rates(around), named(batch))
        };
        Refused { reason, runs: [9.0, 3.0, 1.0].map(run).to_vec() }
    };
    let mut spots: Vec<Spot> = Vec::new();
    for (length, record) in &lengths {
        if let Ok((lr, _)) = at_batch(&crate::facts(record), panel, batch, around) {
            spots.extend(Spot::of(*length, &lr));
        }
    }
    if spots.len() < FEWEST {
        return Err(refused(Reason::FewLengths { known: spots.len(), unit, batch }));
    }
    let (low, high) = (spots[0].0.exp(), spots[spots.len() - 1].0.exp());
    let span = Span { count: spots.len(), low, high };
    let wanted = match length {
        Length::Times(times) => longest * times,
        Length::Amount(amount) => amount,
    };
    let reach = high / low;
    if wanted > high * reach * (1.0 + 1e-9) || wanted * reach < low {
        return Err(refused(Reason::FarLength { span, unit, wanted }));
    }
    let lr = predict(&spots, wanted.ln(), None).ok_or_else(|| refused(Reason::NoPowerLaw))?;
    Ok((lr, Basis::Lengths { span, unit, batch }, wanted))
}

/// The best rate at `x` by a line through the spots, or by the curve that levels off at `knee`, with the interval in
/// which a measurement there would lie: the error of the curve and that of a spot. Scatter beyond the errors of the
/// spots widens both (quasi-likelihood), and then Student's t replaces the normal.
fn predict(spots: &[Spot], x: f64, knee: Option<f64>) -> Option<Estimate> {
    let bend = |at: f64| knee.map(|knee| (knee - at).exp());
    let row = |at: f64| match bend(at) {
        Some(bend) => vec![1.0, -bend / (1.0 + bend)],
        None => vec![1.0, at - x],
    };
    let offset = |at: f64| bend(at).map_or(0.0, f64::ln_1p);
    let rows: Vec<Vec<f64>> = spots.iter().map(|spot| row(spot.0)).collect();
    let y: Vec<f64> = spots.iter().map(|spot| spot.1 + offset(spot.0)).collect();
    let weights: Vec<f64> = spots.iter().map(|spot| spot.2.powi(-2)).collect();
    let fit = linear::fit(&rows, &y, &weights)?;
    let here = row(x);
    let centre = fit.coefficients[0] + here[1] * fit.coefficients[1] - offset(x);
    let (scatter, quantile) = scatter(&fit);
    let curve = fit.covariance(0, 0, 1.0)
        + 2.0 * here[1] * fit.covariance(0, 1, 1.0)
        + here[1].powi(2) * fit.covariance(1, 1, 1.0);
    let own = spots.iter().map(|spot| spot.2.powi(2)).sum::<f64>() / spots.len() as f64;
    let reach = quantile * (scatter * (curve + own)).sqrt();
    Some(Estimate {
        estimate: Some(centre.exp()),
        low: Some((centre - reach).exp()),
        high: Some((centre + reach).exp()),
        confidence: Some(CONFIDENCE),
        ..Estimate::none("learning rate", spots.len(), Status::Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::super::text::refusal;
    use super::*;
    use crate::fixtures::Made;

    const BATCHES: [f64; 6] = [16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

    /// Three seeds at nine rates an octave apart; the best rate is 0.02 √B, and noise of 3 % is on the losses.
    fn study(number: u32, axis: Option<&str>) -> StudyRecord {
        let rates: Vec<f64> = (0..9).map(|index| 0.02 * f64::from(index).exp2()).collect();
        let list = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        let (lr, batch) = (format!("lr={}", list(&rates)), format!("batch={}", list(&BATCHES)));
        let axes: Vec<&str> = [lr.as_str(), batch.as_str()].into_iter().chain(axis).collect();
        let mut made = Made::new(&axes).replicates(3);
        let study = made.study().clone();
        for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
            let (lr, batch) = (study.lr(&point).unwrap(), study.batch(&point).unwrap());
            let length = point.get("epochs").and_then(Value::number).unwrap_or(1.0);
            let best = 0.02 * batch.sqrt() * length.powf(-0.25);
            let loss = |seed: u32| {
                let hash = |salt: f64| {
                    let at = lr * 7919.0
                        + batch * 31.7
                        + f64::from(seed) * 17.3
                        + length * 5.3
                        + f64::from(number) * 101.9
                        + salt;
                    (at.sin() * 43758.5453).fract().abs()
                };
                // Two uniform draws make a normal one (G. Box and M. Muller 1958).
                let noise =
                    (-2.0 * hash(0.1).max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * hash(0.7)).cos();
                0.1 * (0.06 * (lr / best).log2().powi(2) + 0.03 * noise).exp()
            };
            made = made.trial(&point.to_string(), &[loss(0), loss(1), loss(2)]);
        }
        made.record()
    }

    #[test]
    fn a_batch_size_held_out_is_covered_nine_times_in_ten() {
        let (mut covered, mut tried) = (0, 0);
        for number in 0..20 {
            let facts = crate::facts(&study(number, None));
            for held in [64.0, 512.0] {
                let Some(row) = facts.best_per_batch.iter().find(|row| row.batch == Some(held)) else {
                    continue;
                };
                let (Some(measured), Some(_)) = (row.lr.estimate, row.lr.low) else { continue };
                let others = facts.best_per_batch.iter().filter(|row| row.batch != Some(held));
                let found = predict(&spots(others), held.ln(), None).unwrap();
                tried += 1;
                covered += i32::from(found.low.unwrap() <= measured && measured <= found.high.unwrap());
                assert!(found.high.unwrap() / found.low.unwrap() < 3.0, "a useful interval: {found:?}");
            }
        }
        assert!(tried >= 30 && 10 * covered >= 9 * tried, "{covered} of {tried}");
    }

    #[test]
    fn a_batch_size_between_others_is_read_off_the_ridge() {
        let record = study(3, None);
        let facts = crate::facts(&record);
        let to = |batch| {
            super::facts(&record, &facts, Destination { batch: Some(batch), ..Destination::default() })
        };
        let found = to(90.0).unwrap();
        let truth = 0.02 * 90f64.sqrt();
        assert!(found.lr.low.unwrap() < truth && truth < found.lr.high.unwrap(), "{found:?}");
        let far = to(8192.0).unwrap_err();
        assert!(refusal(&far).contains("B=8192 lies outside") && far.runs.len() == 3, "{far:?}");
        assert!(far.runs[0].contains("batch=8192"), "{far:?}");
    }

    #[test]
    fn a_length_takes_three_lengths_and_a_width_takes_mup() {
        let record = study(1, None);
        let short = crate::facts(&record);
        let longer =
            |times| Destination { length: Some(Length::Times(times)), batch: Some(64.0), width: None };
        let refused = facts(&record, &short, longer(10.0)).unwrap_err();
        assert!(refusal(&refused).contains("3 lengths"), "{refused:?}");
        assert_eq!(refused.runs.len(), 3);
        let wide = Destination { width: Some(1024), ..Destination::default() };
        assert!(facts(&record, &short, wide).unwrap_err().runs[0].contains("hidden=128 parametrization=mup"));
        let record = study(1, Some("epochs=1,3,10"));
        let found = facts(&record, &crate::facts(&record), longer(10.0)).unwrap();
        let truth = 0.02 * 8.0 * 100f64.powf(-0.25);
        assert!(found.lr.low.unwrap() < truth && truth < found.lr.high.unwrap(), "{found:?}, not {truth}");
        assert_eq!(found.length, Some(100.0));
        assert!(facts(&record, &crate::facts(&record), longer(200.0)).is_err());
    }
}
