//! Reading a ramp's curve: where the loss begins to fall, and where it falls fastest.

use super::Place;
use super::ramp::Curve;
use super::smooth::{Fit, median, smooth};

/// The minimum number of losses of a curve.
const FEWEST: usize = 12;

/// The share of the first losses that give the level the ramp starts from, and the least number of them.
const START: (f64, usize) = (0.1, 5);

/// A fall counts only if it exceeds this many of its standard errors: the minimum of some twenty independent stretches
/// of pure noise lies two or three below their mean.
const SIGNIFICANT: f64 = 6.0;

/// … and this share of the level the ramp starts from.
const LEAST_SHARE: f64 = 0.01;

/// The share of the whole fall after which a rate counts as useful.
const USEFUL: f64 = 0.1;

/// How far smoothing reaches to either side, in ln η, to find the least loss (three tenths of a decade; any further,
/// and the blow-up after it would shift it) and the slope before it (a decade, as needed for single batches of eight
/// examples).
pub(super) const REACH: (f64, f64) = (0.3 * std::f64::consts::LN_10, std::f64::consts::LN_10);

/// The places of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    /// The smallest rate from which the loss stays below its start by a tenth of its whole fall; below the ramp if it
    /// fell from the first step.
    pub smallest_useful: Place,
    /// Where the loss falls fastest in ln η.
    pub steepest: f64,
    /// The loss halfway down.
    pub half_way: f64,
}

/// Why a curve cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoDescent {
    /// The ramp ended too soon.
    #[error("the ramp ended after {steps} steps, at η = {lr:.2e}: start it at a smaller rate")]
    Short {
        /// Number of losses.
        steps: usize,
        /// The last rate.
        lr: f64,
    },
    /// The loss falls by no more than noise could explain.
    #[error(
        "the loss never falls: it starts at {start:.4} and is {least:.4} at its least, and only a fall of {needed:.4} \
         would stand out from the noise"
    )]
    Flat {
        /// The level the ramp starts from.
        start: f64,
        /// The least smoothed loss.
        least: f64,
        /// The smallest fall that would count.
        needed: f64,
    },
}

/// Reads a curve.
///
/// The places are searched between the start and the lowest smoothed loss, backwards from there: a spike or a bump on
/// the way is skipped, and everything after is ignored.
///
/// # Errors
/// A curve without a descent, or too short to have one.
pub fn places(curve: &Curve) -> Result<Places, NoDescent> {
    places_up_to(curve, f64::INFINITY)
}

/// Reads a curve as [`places`] does, none of its places beyond the rate `edge`.
///
/// # Errors
/// As [`places`].
pub fn places_up_to(curve: &Curve, edge: f64) -> Result<Places, NoDescent> {
    let count = curve.loss.len();
    if count < FEWEST {
        return Err(NoDescent::Short { steps: count, lr: curve.lr.last().copied().unwrap_or(0.0) });
    }
    let x: Vec<f64> = curve.lr.iter().map(|lr| lr.ln()).collect();
    let narrow = smooth(&x, &curve.loss, REACH.0);
    let bottom = least(&narrow, |fit| fit.value);
    let first = START.1.max((START.0 * count as f64) as usize);
    let (start, end) = (median(&curve.loss[..first]), narrow[bottom].value);
    let fall = start - end;
    let noise = {
        // Losses beyond the lowest one are noisier; but a few losses are too few to estimate their spread.
        let single = deviation(&curve.loss[..=bottom.max(count / 3)], &narrow);
        // The variance of a median is π/2 times that of the mean.
        let start = std::f64::consts::FRAC_PI_2 / first as f64;
        SIGNIFICANT * single * (narrow[bottom].error.powi(2) + start).sqrt()
    };
    let needed = noise.max(LEAST_SHARE * start.abs());
    // A NaN loss does not count as a fall, nor do the first losses, which define the start.
    if bottom < first || fall.partial_cmp(&needed) != Some(std::cmp::Ordering::Greater) {
        return Err(NoDescent::Flat { start, least: end, needed });
    }
    let fits = smooth(&x[..=bottom], &curve.loss[..=bottom], REACH.1);
    let level = start - USEFUL * fall;
    let above = fits[..bottom].iter().rposition(|fit| fit.value >= level);
    let smallest_useful = above.map_or(Place::Below(curve.lr[0]), |index| {
        let (high, low) = (fits[index].value, fits[index + 1].value);
        // The last fit may still lie above the level, if the whole fall is at the end.
        let share = if high > low { ((high - level) / (high - low)).min(1.0) } else { 1.0 };
        Place::At((x[index] + share * (x[index + 1] - x[index])).exp())
    });
    let from = above.unwrap_or(0);
    let within = |limit: usize| curve.lr[limit] <= edge;
    let end = (from..fits.len()).rev().find(|index| within(*index));
    // Where even the first rate that learns is beyond the edge, the edge is as far as a run may go.
    let steepest = end.map_or(edge, |end| curve.lr[from + least(&fits[from..=end], |fit| fit.slope)]);
    let smallest_useful = match smallest_useful {
        Place::At(rate) => Place::At(rate.min(steepest)),
        place => place,
    };
    Ok(Places { smallest_useful, steepest, half_way: start - fall / 2.0 })
}

/// The index of the fit with the lowest value.
fn least(fits: &[Fit], figure: impl Fn(&Fit) -> f64) -> usize {
    let better = |a: &(usize, &Fit), b: &(usize, &Fit)| figure(a.1).total_cmp(&figure(b.1));
    fits.iter().enumerate().min_by(better).map_or(0, |(index, _)| index)
}

/// The standard deviation of single losses around the fits, by the median of their distances.
fn deviation(losses: &[f64], fits: &[Fit]) -> f64 {
    let distances: Vec<f64> = losses.iter().zip(fits).map(|(loss, fit)| (loss - fit.value).abs()).collect();
    // The median distance of a normal variable from its mean is 0.6745 standard deviations.
    median(&distances) / 0.6745
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, Normal};

    use super::*;
    use crate::stream;

    /// A hundred steps from 1e-8 to 1: 2.3 falling to 0.7, fastest in ln η at 1e-3, with noise of 0.2 % of the fall's
    /// height in each loss.
    fn falling(seed: u64, noise: f64) -> Curve {
        let rng = &mut stream(seed, "noise");
        let normal = Normal::new(0.0, noise).unwrap();
        let lr: Vec<f64> = (0..100).map(|step| 10f64.powf(-8.0 + 8.0 * f64::from(step) / 99.0)).collect();
        let fall = |lr: &f64| 1.6 / (1.0 + (-(lr.log10() + 3.0) / 0.4).exp());
        let loss = lr.iter().map(|lr| 2.3 - fall(lr) + normal.sample(rng)).collect();
        Curve { lr, loss, blown_up: None }
    }

    #[test]
    fn the_steepest_place_is_found_within_a_factor_of_two() {
        for (noise, least) in [(0.0032, 100), (0.05, 95)] {
            let near = |seed: &u64| {
                let places = places(&falling(*seed, noise)).unwrap();
                (places.steepest / 1e-3).ln().abs() < 2f64.ln()
            };
            let found = (0..100).filter(near).count();
            assert!(found >= least, "{found} of 100 with noise {noise}");
        }
    }

    /// The same curves read in linear η, as in finders that take the lowest ΔL/Δη, point to where steps of η are
    /// smallest.
    #[test]
    fn a_derivative_in_linear_rates_is_decades_off() {
        let linear = |seed| {
            let curve = falling(seed, 0.0032);
            let slope =
                |at: &usize| (curve.loss[at + 1] - curve.loss[*at]) / (curve.lr[at + 1] - curve.lr[*at]);
            curve.lr[(0..99).min_by(|a, b| slope(a).total_cmp(&slope(b))).unwrap()]
        };
        let mut found: Vec<f64> = (0..100).map(linear).collect();
        found.sort_by(f64::total_cmp);
        assert!(found[50] < 1e-6, "{}", found[50]);
    }

    #[test]
    fn the_smallest_useful_rate_lies_where_a_tenth_of_the_fall_is_done() {
        let Place::At(found) = places(&falling(0, 0.0032)).unwrap().smallest_useful else { panic!() };
        // A logistic is at a tenth of its height ln 9 of its widths before the middle.
        let expected = 10f64.powf(-3.0 - 0.4 * 9f64.ln());
        assert!((found / expected).ln().abs() < 2f64.ln(), "{found} for {expected}");
    }

    #[test]
    fn no_place_lies_beyond_the_edge_of_stability() {
        let curve = falling(0, 0.0032);
        let free = places(&curve).unwrap();
        assert_eq!(places_up_to(&curve, 1.0).unwrap(), free);
        for edge in [5e-4, 1e-4, 1e-7] {
            let found = places_up_to(&curve, edge).unwrap();
            assert!(found.steepest <= edge, "{found:?} for {edge}");
            assert!(!matches!(found.smallest_useful, Place::At(rate) if rate > found.steepest), "{found:?}");
        }
    }

    #[test]
    fn an_early_spike_and_a_blow_up_change_nothing() {
        let calm = places(&falling(3, 0.0032)).unwrap();
        let mut curve = falling(3, 0.0032);
        (curve.loss[2], curve.loss[14], curve.loss[15]) = (9.0, 30.0, 25.0);
        for (step, loss) in curve.loss.iter_mut().enumerate().skip(85) {
            *loss += 0.5 * (step as f64 - 84.0).powi(2);
        }
        let found = places(&curve).unwrap();
        assert!((found.steepest / calm.steepest).ln().abs() < 2f64.ln(), "{found:?} for {calm:?}");
    }

    #[test]
    fn a_loss_that_only_fluctuates_has_no_descent() {
        for seed in 0..100 {
            let mut curve = falling(seed, 0.1);
            let flat = falling(seed, 0.1)
                .loss
                .iter()
                .zip(&falling(seed, 0.0).loss)
                .map(|(a, b)| a - b + 2.3)
                .collect();
            curve.loss = flat;
            let found = places(&curve);
            assert!(matches!(found, Err(NoDescent::Flat { .. })), "seed {seed}: {found:?}");
        }
        let constant = Curve { loss: vec![2.3; 100], ..falling(0, 0.0) };
        let why = places(&constant).unwrap_err().to_string();
        assert!(why.contains("never falls") && why.contains("2.3000"), "{why}");
    }

    #[test]
    fn a_ramp_that_begins_too_high_is_reported() {
        let curve = falling(0, 0.0032);
        let cut = |from: usize, to: usize| Curve {
            lr: curve.lr[from..to].to_vec(),
            loss: curve.loss[from..to].to_vec(),
            blown_up: None,
        };
        assert_eq!(places(&cut(0, 5)).unwrap_err(), NoDescent::Short { steps: 5, lr: curve.lr[4] });
        let late = places(&cut(62, 100)).unwrap();
        assert!(late.steepest < 3.0 * curve.lr[62], "{late:?}");
    }
}
