//! Schedules on the noisy quadratic model (G. Zhang et al. 2019), whose expected risk is exact: 100 directions of
//! curvature and gradient variance 1/i, each starting at distance one from the minimum, 400 steps at B = 8 and a peak
//! rate of 0.8.

use rand::RngExt;

use super::laws::{horizon, progress, settings};
use super::*;
use crate::divergence::Divergence;
use crate::optimizer::OptimizerSpec;
use crate::train::cool_down::share;

const STEPS: u64 = 400;
const SIZE: usize = 100;

/// The risk before the first step.
const START: f64 = 2.5936888;

/// The risk after steps with the given rates and batch sizes.
fn risk(steps: impl Iterator<Item = (f64, usize)>) -> f64 {
    risk_where(1.0, 1.0, steps)
}

/// The same where direction i has the curvature i^−`power` and `noise` times as much gradient variance.
fn risk_where(power: f64, noise: f64, steps: impl Iterator<Item = (f64, usize)>) -> f64 {
    let curvature: Vec<f64> = (1..=SIZE).map(|index| (index as f64).powf(-power)).collect();
    let mut squares = [1.0; SIZE];
    for (rate, batch) in steps {
        for (square, h) in squares.iter_mut().zip(&curvature) {
            *square = (1.0 - rate * h).powi(2) * *square + noise * rate * rate * h / batch as f64;
        }
    }
    squares.iter().zip(&curvature).map(|(square, h)| 0.5 * square * h).sum()
}

fn build(pairs: &[(&str, &str)]) -> Schedule {
    Schedule::read(&settings(pairs), 0.8, &horizon(STEPS)).unwrap()
}

#[track_caller]
fn assert_risk(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
}

#[test]
fn each_schedule_ends_at_its_known_risk() {
    for (pairs, expected) in [
        (&[("schedule", "constant")][..], 0.1537783),
        (&[("schedule", "step"), ("schedule.step.size", "100st"), ("schedule.step.gamma", "0.5")], 0.0308859),
        (&[("schedule", "cosine")], 0.0284704),
        (&[("schedule", "linear")], 0.0278966),
        (
            &[
                ("schedule", "exponential"),
                ("schedule.exponential.gamma", "0.99"),
                ("schedule.exponential.every", "1st"),
            ],
            0.0599304,
        ),
        (
            &[
                ("schedule", "inverse_time"),
                ("schedule.inverse_time.rate", "0.01"),
                ("schedule.inverse_time.every", "1st"),
            ],
            0.0417078,
        ),
        (&[("schedule", "wsd"), ("schedule.wsd.decay", "20%")], 0.0484264),
    ] {
        let schedule = build(pairs);
        let found = risk((0..STEPS).map(|step| (schedule.rate(&progress(step, STEPS)), 8)));
        assert!((found - expected).abs() < 1e-6, "{found} for {expected}: {pairs:?}");
    }
}

/// With the same number of examples a larger batch does nearly the same as a lower rate, in a quarter of the updates;
/// only nearly, since 0.8 is not a small rate for the steepest direction.
#[test]
fn growing_the_batch_nearly_equals_decaying_the_rate() {
    let decay =
        build(&[("schedule", "step"), ("schedule.step.size", "200st"), ("schedule.step.gamma", "0.25")]);
    assert_risk(risk((0..STEPS).map(|step| (decay.rate(&progress(step, STEPS)), 8))), 0.0412266);
    let grow = build(&[("schedule", "batch_growth"), ("schedule.batch_growth.at", "200st")]);
    let grown = (0..250).map(|step| {
        let progress = progress(step, STEPS);
        (grow.rate(&progress), grow.batch(8, &progress))
    });
    assert_risk(risk(grown), 0.0460438);
    assert_risk(risk((0..250).map(|_| (0.8, 8))), 0.1554644);
}

/// The mean risk of `runs` runs with the program's own optimizer and drawn gradient noise, and its standard error.
fn drawn(schedule: &Schedule, runs: usize) -> (f64, f64) {
    let size = SIZE * runs;
    let mut optimizer = OptimizerSpec::read(&settings(&[])).unwrap().build(std::slice::from_ref(&(0..size)));
    let (mut params, mut gradient) = (vec![1.0_f32; size], vec![0.0_f32; size]);
    let mut rng = crate::stream(11, "test");
    let curvature: Vec<f32> = (1..=SIZE).map(|index| 1.0 / index as f32).collect();
    for step in 0..STEPS {
        for (params, gradient) in params.chunks(SIZE).zip(gradient.chunks_mut(SIZE)) {
            for ((gradient, param), h) in gradient.iter_mut().zip(params).zip(&curvature) {
                let noise: f32 = rng.sample(rand_distr::StandardNormal);
                *gradient = h * param + (h / 8.0).sqrt() * noise;
            }
        }
        optimizer.step(&mut params, &mut gradient, schedule.rate(&progress(step, STEPS)));
    }
    let risk = |params: &[f32]| -> f64 {
        params.iter().zip(&curvature).map(|(x, h)| 0.5 * f64::from(h * x * x)).sum()
    };
    let risks: Vec<f64> = params.chunks(SIZE).map(risk).collect();
    let mean = risks.iter().sum::<f64>() / runs as f64;
    let variance = risks.iter().map(|risk| (risk - mean).powi(2)).sum::<f64>() / (runs as f64 - 1.0);
    (mean, (variance / runs as f64).sqrt())
}

#[test]
fn training_with_drawn_noise_reaches_the_known_risk() {
    for (schedule, expected) in [("cosine", 0.0284704), ("linear", 0.0278966)] {
        let (mean, error) = drawn(&build(&[("schedule", schedule)]), 400);
        assert!((mean - expected).abs() < 3.0 * error, "{schedule}: {mean} ± {error} for {expected}");
        assert!(error < 0.02 * expected, "{schedule}: {error}");
    }
}

/// The best of all constant rates is 0.28, and worse than any schedule that decays by half or more.
#[test]
fn the_best_constant_rate_is_known() {
    let ends = |rate: f64| risk((0..STEPS).map(|_| (rate, 8)));
    assert_risk(ends(0.28), 0.0650921);
    let rates = (1..100).map(|index| f64::from(index) / 100.0);
    let best = rates.min_by(|a, b| ends(*a).total_cmp(&ends(*b))).unwrap();
    assert!((best - 0.28).abs() < 1e-9, "{best}");
}

/// At a third of the budget of a cosine the loss hardly predicts which rate will be best: it is high for large rates,
/// whose noise has not been removed yet. A cool-down of a quarter of the steps so far removes most of it. Curvatures
/// are i^−1.5, the gradient variance is four times that.
#[test]
fn a_cool_down_finds_the_best_rate_of_a_cosine_early() {
    let (total, third) = (1250, 417);
    let rates: Vec<f64> = (0..40).map(|index| 0.001 * 2000_f64.powf(f64::from(index) / 39.0)).collect();
    let cosine = |lr: f64| {
        let schedule = Schedule::read(&settings(&[("schedule", "cosine")]), lr, &horizon(total)).unwrap();
        move |step: u64| schedule.rate(&progress(step, total))
    };
    let risk = |rates: &mut dyn Iterator<Item = f64>| risk_where(1.5, 4.0, rates.map(|rate| (rate, 16)));
    let whole = |lr: &f64| risk(&mut (0..total).map(cosine(*lr)));
    let best = *rates.iter().min_by(|a, b| whole(a).total_cmp(&whole(b))).unwrap();
    let place = |early: &dyn Fn(f64) -> f64| 1 + rates.iter().filter(|lr| early(**lr) < early(best)).count();
    let raw = |lr: f64| risk(&mut (0..third).map(cosine(lr)));
    let cooled = |lr: f64| {
        let (rate, steps) = (cosine(lr)(third), third.div_ceil(4));
        risk(&mut (0..third).map(cosine(lr)).chain((0..steps).map(|done| rate * share(done, steps))))
    };
    assert_eq!((place(&raw), place(&cooled)), (21, 5));
}

/// Above 2/h no schedule helps: the risk grows without end, and the run is ended as diverged.
#[test]
fn beyond_the_stability_limit_the_risk_explodes() {
    let after = |steps: usize| risk((0..steps).map(|_| (2.1, 8)));
    assert!((after(50) / 2.5e4 - 1.0).abs() < 0.05);
    let mut watch = Divergence::new(Some(START));
    assert!((0..50).any(|step| watch.observe(8.0 * after(step), 8, 8)));
    let mut watch = Divergence::new(Some(START));
    assert!(!(0..50).any(|step| watch.observe(8.0 * risk((0..step).map(|_| (0.8, 8))), 8, 8)));
}
