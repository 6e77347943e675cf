//! The places of each batch size with their intervals over seeds, and the range that a sweep should start from.

use serde::Serialize;
use sweep_settings::round_significant;
use sweep_stats::log_interval;

use super::{BatchRange, Place, RangeRecord, SeedPlaces};
use crate::facts::{Estimate, Status};

/// The confidence of the intervals.
pub const CONFIDENCE: f64 = 0.95;

/// The use of a range test.
pub const NOTE: &str = "A range test is the start of a sweep, not a substitute for one: its places do not follow the \
    best η as the batch size changes, and they move with the length of the ramp.";

/// The results of a range test, as numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RangeFacts {
    /// The places of each batch size, rising.
    pub batches: Vec<BatchPlaces>,
    /// From the smallest useful rate of any batch size to the largest edge of any, in two digits; `None` where no
    /// curve has a descent.
    pub range: Option<(f64, f64)>,
}

/// The places of one batch size: geometric means over its seeds, with t-intervals on ln η.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchPlaces {
    /// Examples an update.
    pub batch: u64,
    /// Where the loss has begun to fall.
    pub smallest_useful: Estimate,
    /// Where it falls fastest in ln η; its interval is half a step of the ramp wider to either side.
    pub steepest: Estimate,
    /// The edge of stability.
    pub edge: Estimate,
    /// Why seeds have no places: their curves have no descent.
    pub refusals: Vec<String>,
}

/// The facts of a range test.
pub fn facts(record: &RangeRecord) -> RangeFacts {
    let batches: Vec<BatchPlaces> = record.batches.iter().map(|batch| of_batch(batch, record.lr)).collect();
    RangeFacts { range: range(&batches, record.lr), batches }
}

fn of_batch(batch: &BatchRange, lr: (f64, f64)) -> BatchPlaces {
    let found: Vec<&SeedPlaces> =
        batch.replicates.iter().filter_map(|replicate| replicate.places.as_ref().ok()).collect();
    let of = |place: fn(&SeedPlaces) -> Place| {
        estimate(&found.iter().map(|places| place(places)).collect::<Vec<Place>>())
    };
    let mut steepest = of(|places| places.steepest);
    // A ramp resolves this place only to its own step.
    let half_step = (lr.1 / lr.0).powf(0.5 / (batch.ramp_steps.max(2) - 1) as f64);
    steepest.low = steepest.low.map(|low| low / half_step);
    steepest.high = steepest.high.map(|high| high * half_step);
    let refusals = batch.replicates.iter().filter_map(|replicate| replicate.places.as_ref().err().cloned());
    BatchPlaces {
        batch: batch.batch,
        smallest_useful: of(|places| places.smallest_useful),
        steepest,
        edge: of(|places| places.edge),
        refusals: refusals.collect(),
    }
}

/// The estimate over seeds. Where any seed's place lies outside the ramp there is none, and only the bound on that side
/// is given.
fn estimate(places: &[Place]) -> Estimate {
    let beyond = |bound: fn(&Place) -> Option<f64>| places.iter().find_map(bound);
    let above = beyond(|place| if let Place::Above(bound) = place { Some(*bound) } else { None });
    let below = beyond(|place| if let Place::Below(bound) = place { Some(*bound) } else { None });
    let mut estimate = Estimate {
        estimate: None,
        low: above,
        high: below.filter(|_| above.is_none()),
        confidence: None,
        unit: "learning rate",
        n: places.len(),
        status: if above.or(below).is_some() { Status::Edge } else { Status::None },
    };
    let rates: Vec<f64> = places
        .iter()
        .filter_map(|place| if let Place::At(rate) = place { Some(*rate) } else { None })
        .collect();
    if rates.len() == places.len() && !rates.is_empty() {
        let (mean, interval) = log_interval(&rates, CONFIDENCE);
        estimate.estimate = Some(mean);
        estimate.low = interval.map(|(low, _)| low);
        estimate.high = interval.map(|(_, high)| high);
        estimate.confidence = interval.map(|_| CONFIDENCE);
        estimate.status = Status::Ok;
    }
    estimate
}

/// The range over all batch sizes; where a place lies outside the ramp, the ramp's end stands for it.
fn range(batches: &[BatchPlaces], lr: (f64, f64)) -> Option<(f64, f64)> {
    let found = || batches.iter().filter(|batch| batch.steepest.status == Status::Ok);
    let low = found().map(|batch| batch.smallest_useful.estimate.unwrap_or(lr.0)).reduce(f64::min)?;
    let end = |edge: &Estimate, steepest: &Estimate| match (edge.estimate, edge.low, steepest.estimate) {
        (Some(edge), ..) => edge,
        (None, Some(above), _) => above,
        (None, None, steepest) => steepest.unwrap_or(lr.1),
    };
    let high = found().map(|batch| end(&batch.edge, &batch.steepest)).reduce(f64::max)?;
    Some((round_significant(low, 2), round_significant(high, 2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::range::fixtures::{record, seed};

    #[test]
    fn places_are_averaged_on_their_logarithm() {
        let facts = facts(&record(vec![(
            16,
            vec![seed(0.01, 0.1, Place::At(1.0)), seed(0.04, 0.4, Place::At(1.0))],
        )]));
        let steepest = &facts.batches[0].steepest;
        assert!((steepest.estimate.unwrap() - 0.2).abs() < 1e-12 && steepest.n == 2);
        // sd of ln over √2 is ln 2; t(0.975, 1) is 12.706.
        let low = 0.2 * (-12.706_204_7 * 2f64.ln()).exp() / 1e6f64.powf(0.5 / 48.0);
        assert!((steepest.low.unwrap() / low - 1.0).abs() < 1e-6, "{steepest:?}");
        assert_eq!(facts.batches[0].edge.low, Some(1.0), "no spread is an interval of no width");
        assert_eq!(facts.range, Some((0.02, 1.0)));
    }

    #[test]
    fn a_place_outside_the_ramp_is_no_estimate() {
        let facts = facts(&record(vec![
            (16, vec![seed(0.01, 0.1, Place::At(1.0)), seed(0.01, 0.1, Place::Above(10.0))]),
            (32, vec![seed(0.02, 0.1, Place::At(1.0))]),
        ]));
        let edge = &facts.batches[0].edge;
        assert_eq!((edge.estimate, edge.low, edge.high, edge.status), (None, Some(10.0), None, Status::Edge));
        assert_eq!(facts.batches[1].edge.confidence, None, "one seed has no interval");
        assert_eq!(facts.range, Some((0.01, 10.0)));
    }

    #[test]
    fn without_a_descent_there_is_no_range() {
        let facts = facts(&record(vec![(16, vec![Err("the loss never falls".to_owned())])]));
        assert_eq!((facts.range, facts.batches[0].steepest.status), (None, Status::None));
        assert_eq!(facts.batches[0].refusals, ["the loss never falls"]);
    }
}
