//! Schedules on the noisy quadratic model (G. Zhang et al. 2019), whose expected risk is exact: 100 directions of
//! curvature and gradient variance 1/i, each one away from the minimum, 400 steps at B = 8 and a peak rate of 0.8.

use super::laws::{horizon, progress, settings};
use super::*;

const STEPS: u64 = 400;

/// The risk after the steps that come with a rate and a batch size each.
fn risk(steps: impl Iterator<Item = (f64, usize)>) -> f64 {
    let curvature: Vec<f64> = (1..=100).map(|index| 1.0 / f64::from(index)).collect();
    let mut squares = vec![1.0; 100];
    for (rate, batch) in steps {
        for (square, h) in squares.iter_mut().zip(&curvature) {
            *square = (1.0 - rate * h).powi(2) * *square + rate * rate * h / batch as f64;
        }
    }
    squares.iter().zip(&curvature).map(|(square, h)| 0.5 * square * h).sum()
}

fn build(pairs: &[(&str, &str)]) -> Schedule {
    Schedule::build(&settings(pairs), 0.8, &horizon(STEPS)).unwrap()
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

/// With as many examples a larger batch does nearly what a lower rate does, in a quarter of the updates; only nearly,
/// since 0.8 is no small rate for the steepest direction.
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

/// Above 2/h no schedule helps: the risk grows without end.
#[test]
fn beyond_the_stability_limit_the_risk_explodes() {
    assert!((risk((0..50).map(|_| (2.1, 8))) / 2.5e4 - 1.0).abs() < 0.05);
}
