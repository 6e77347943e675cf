//! Known values and refusals, beyond the reference files.

use super::laws::settings;
use super::*;
use rand::RngExt;

/// An optimizer of one tensor.
fn build(pairs: &[(&str, &str)], size: usize) -> Optimizer {
    OptimizerSpec::read(&settings(pairs)).unwrap().build(std::slice::from_ref(&(0..size)))
}

/// Where one parameter goes from 0 under a gradient of 1 and these rates.
fn trace(pairs: &[(&str, &str)], rates: &[f64]) -> Vec<f32> {
    let mut optimizer = build(pairs, 1);
    let mut params = [0.0];
    let step = |rate: &f64| {
        optimizer.step(&mut params, &mut [1.0], *rate);
        params[0]
    };
    rates.iter().map(step).collect()
}

#[track_caller]
fn assert_near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} for {expected}");
    }
}

/// PyTorch keeps the rate out of the velocity, so a drop of the rate acts at once (Keras keeps it in).
#[test]
fn momentum_follows_a_dropping_rate_at_once() {
    let rates = [0.1, 0.1, 0.01, 0.01, 0.01];
    let plain = trace(&[("momentum", "0.9")], &rates);
    assert_near(&plain, &[-0.1, -0.29, -0.3171, -0.35149, -0.392441]);
    let nesterov = trace(&[("momentum", "0.9"), ("nesterov", "true")], &rates);
    assert_near(&nesterov, &[-0.19, -0.461, -0.49539, -0.536341, -0.583197]);
}

#[test]
fn adam_adds_its_epsilon_after_the_correction() {
    let mut optimizer = build(&[("optimizer", "adam")], 1);
    let mut params = [0.0];
    optimizer.step(&mut params, &mut [1e-8], 0.001);
    assert!((params[0] + 5.0e-4).abs() < 1e-8, "{}", params[0]);
}

/// η/(1−m) is the effective rate only where ηh ≪ (1−√m)²: steps until θ² has dropped a hundredfold.
#[test]
fn momentum_is_no_mere_factor_of_the_rate() {
    let pairs = [(0.1, "0"), (0.05, "0.5"), (0.01, "0.9"), (0.001, "0.99")];
    let expected = [(1.0, [22, 21, 21, 51]), (0.1, [230, 228, 217, 212]), (0.01, [2302, 2301, 2290, 2164])];
    for (curvature, steps) in expected {
        for ((rate, momentum), steps) in pairs.iter().zip(steps) {
            let mut optimizer = build(&[("momentum", momentum)], 1);
            let mut params = [1.0_f32];
            let mut taken = 0;
            while params[0] * params[0] > 0.01 {
                let mut gradient = [curvature * params[0]];
                optimizer.step(&mut params, &mut gradient, *rate);
                taken += 1;
            }
            assert_eq!(taken, steps, "h={curvature} η={rate} m={momentum}");
        }
    }
}

/// One step of LARS and of LAMB by hand: each tensor has a rate of its own, one of zeros takes the plain one.
#[test]
fn layer_wise_rates_are_as_in_the_papers() {
    let (start, slope) = ([3.0_f32, 4.0, 0.0, 0.0], [0.6_f32, 0.8, 1.0, 0.0]);
    let step = |pairs: &[(&str, &str)], rate: f64| {
        let mut optimizer = OptimizerSpec::read(&settings(pairs)).unwrap().build(&[0..2, 2..4]);
        let mut params = start;
        optimizer.step(&mut params, &mut slope.clone(), rate);
        params
    };
    // ‖θ‖ = 5, ‖g‖ = 1, λ = 0.1: the ratio is 0.001·5/(1 + 0.5).
    let lars = step(&[("optimizer", "lars"), ("weight_decay", "0.1")], 2.0);
    let ratio = 0.001 * 5.0 / 1.5;
    assert_near(&lars, &[3.0 - 2.0 * ratio * 0.9, 4.0 - 2.0 * ratio * 1.2, -2.0, 0.0]);
    // Adam's first direction is the sign of the gradient: r = (1 + 0.3, 1 + 0.4), and (1, 0) where θ = 0.
    let lamb = step(&[("optimizer", "lamb"), ("weight_decay", "0.1")], 0.01);
    let trust = 5.0 / (1.3_f64 * 1.3 + 1.4 * 1.4).sqrt();
    assert_near(&lamb, &[3.0 - 0.01 * trust * 1.3, 4.0 - 0.01 * trust * 1.4, -0.01, 0.0]);
}

#[test]
fn the_average_begins_with_the_first_weights_and_follows() {
    let mut optimizer = build(&[("ema", "0.5")], 1);
    let (mut params, mut scratch) = ([0.0], Vec::new());
    assert_eq!(optimizer.evaluation_parameters(&params, &mut scratch), [0.0]);
    for expected in [-1.0, -1.5, -2.25] {
        optimizer.step(&mut params, &mut [1.0], 1.0);
        assert_eq!(optimizer.evaluation_parameters(&params, &mut scratch), [expected]);
    }
    assert_eq!(params, [-3.0]);
}

#[test]
fn a_clipped_gradient_moves_no_further_than_its_norm() {
    let mut optimizer = build(&[("clip_norm", "0.5")], 2);
    let mut params = [0.0; 2];
    optimizer.step(&mut params, &mut [30.0, 40.0], 1.0);
    assert_near(&params, &[-0.3, -0.4]);
}

#[test]
fn a_cycled_momentum_is_in_force() {
    let cycled = [("schedule", "onecycle"), ("schedule.onecycle.cycle_momentum", "true")];
    let mut optimizer = build(&cycled, 1);
    let mut params = [0.0];
    for momentum in [0.9, 0.5] {
        optimizer.set_momentum(momentum);
        optimizer.step(&mut params, &mut [1.0], 0.1);
    }
    assert_near(&params, &[-0.1 - 0.1 * 1.5]);
}

#[test]
fn contradictions_are_refused_with_the_reason() {
    let why = |pairs: &[(&str, &str)]| OptimizerSpec::read(&settings(pairs)).unwrap_err().to_string();
    assert!(why(&[("optimizer", "adamn")]).contains("is not one of sgd, adam"));
    assert!(why(&[("nesterov", "true")]).contains("needs a momentum above 0"));
    let damped = [("nesterov", "true"), ("momentum", "0.9"), ("dampening", "0.1")];
    assert!(why(&damped).contains("no dampening"));
    assert!(why(&[("momentum", "1")]).contains("below 1"));
    assert!(why(&[("optimizer", "adam"), ("beta2", "1")]).contains("below 1"));
    assert!(why(&[("optimizer", "adam"), ("betas", "0.9")]).contains("two numbers"));
    assert!(
        why(&[("optimizer", "adam"), ("betas", "0.9/0.99"), ("beta1", "0.8")]).contains("one or the other")
    );
    assert!(why(&[("optimizer", "schedule_free_sgd"), ("ema", "0.9")]).contains("one average too many"));
    assert!(why(&[("optimizer", "schedule_free_adamw"), ("beta1", "0")]).contains("above 0"));
    assert!(why(&[("clip_norm", "0")]).contains("above 0"));
    assert!(why(&[("weight_decay", "-1")]).contains("at least 0"));
}

/// On ½θ² with gradient noise of variance 4 at η = 0.1, m = 0.9 the variance of θ settles at
/// ηc(1 + m) / ((1 − m)(2(1 + m) − η)) = 2.0540541, not at the 2 of plain SGD with the rate η/(1 − m).
#[test]
fn momentum_settles_at_the_known_variance() {
    const RUNS: usize = 4000;
    let mut optimizer = build(&[("momentum", "0.9")], RUNS);
    let mut rng = crate::stream(5, "test");
    let (mut params, mut gradient) = (vec![0.0_f32; RUNS], vec![0.0_f32; RUNS]);
    let (mut squares, mut count) = (0.0, 0.0);
    for step in 0..1000 {
        for (gradient, param) in gradient.iter_mut().zip(&params) {
            let noise: f32 = rng.sample(rand_distr::StandardNormal);
            *gradient = param + 2.0 * noise;
        }
        optimizer.step(&mut params, &mut gradient, 0.1);
        // Twenty steps apart the values are nearly independent.
        if step >= 200 && step % 20 == 0 {
            squares += params.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            count += RUNS as f64;
        }
    }
    let variance = squares / count;
    assert!((variance - 2.0540541).abs() < 0.027, "{variance}");
}
