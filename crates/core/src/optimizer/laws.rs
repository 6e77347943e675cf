//! Laws that every optimizer keeps, run over the whole list.

use std::collections::BTreeSet;

use super::*;
use sweep_settings::Kind;

const SIZE: usize = 37;

/// Three tensors, of which the last is a single number.
pub(super) fn blocks() -> Vec<Range<usize>> {
    vec![0..20, 20..36, 36..SIZE]
}

pub(super) fn settings(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    pairs.iter().for_each(|(name, value)| settings.set(*name, *value));
    settings
}

/// Every optimizer plainly, and with whatever else it can be given.
fn every() -> Vec<Vec<(&'static str, &'static str)>> {
    let plain = NAMES.iter().map(|name| vec![("optimizer", *name)]);
    let decayed = NAMES.iter().map(|name| vec![("optimizer", *name), ("weight_decay", "0.01")]);
    let clipped = NAMES.iter().map(|name| vec![("optimizer", *name), ("clip_norm", "0.1")]);
    let averaged = NAMES.iter().filter(|name| !name.starts_with("schedule_free"));
    let averaged = averaged.map(|name| vec![("optimizer", *name), ("ema", "0.9")]);
    let more = [
        vec![("momentum", "0.9")],
        vec![("momentum", "0.9"), ("nesterov", "true"), ("weight_decay", "0.01")],
        vec![("momentum", "0.9"), ("dampening", "0.3")],
        vec![("optimizer", "adam"), ("amsgrad", "true")],
        vec![("optimizer", "rmsprop"), ("momentum", "0.9"), ("centered", "true")],
        vec![("optimizer", "rmsprop"), ("centered", "true")],
        vec![("optimizer", "lars"), ("momentum", "0.9"), ("weight_decay", "0.01")],
        vec![("schedule", "onecycle"), ("schedule.onecycle.cycle_momentum", "true")],
    ];
    plain.chain(decayed).chain(clipped).chain(averaged).chain(more).collect()
}

fn build(pairs: &[(&str, &str)]) -> Optimizer {
    OptimizerSpec::read(&settings(pairs)).unwrap().build(&blocks())
}

fn start() -> Vec<f32> {
    (0..SIZE).map(|i| ((i * 7 + 3) % 11) as f32 * 0.1 - 0.5).collect()
}

/// The gradient of a bowl with a different curvature in every direction, and a little noise.
fn gradient(params: &[f32], step: usize) -> Vec<f32> {
    let noise = |i: usize| ((i * 31 + step * 17) % 13) as f32 * 0.01 - 0.06;
    params.iter().enumerate().map(|(i, p)| p * (0.1 + i as f32 * 0.05) + noise(i)).collect()
}

fn bits(floats: &[f32]) -> Vec<u32> {
    floats.iter().map(|float| float.to_bits()).collect()
}

#[test]
fn a_restored_optimizer_goes_on_bit_for_bit() {
    for pairs in every() {
        let (mut whole, mut resumed) = (build(&pairs), build(&pairs));
        let (mut a, mut b) = (start(), start());
        for step in 0..40 {
            if step % 9 == 4 || step == 1 {
                let state = resumed.state();
                resumed = build(&pairs);
                resumed.restore(&state).unwrap();
            }
            whole.set_momentum(0.9);
            resumed.set_momentum(0.9);
            let (mut slope_a, mut slope_b) = (gradient(&a, step), gradient(&b, step));
            whole.step(&mut a, &mut slope_a, 0.05);
            resumed.step(&mut b, &mut slope_b, 0.05);
            assert_eq!(bits(&a), bits(&b), "{pairs:?} at {step}");
            let (mut x, mut y) = (Vec::new(), Vec::new());
            let evaluated =
                (whole.evaluation_parameters(&a, &mut x), resumed.evaluation_parameters(&b, &mut y));
            assert_eq!(bits(evaluated.0), bits(evaluated.1), "{pairs:?} at {step}");
        }
        assert_eq!(whole.state(), resumed.state());
    }
}

#[test]
fn wide_registers_change_no_bit() {
    for pairs in every() {
        let (mut wide, mut plain) = (build(&pairs), build(&pairs));
        let (mut a, mut b) = (start(), start());
        for step in 0..20 {
            let mut slope = gradient(&a, step);
            wide.step(&mut a, &mut slope.clone(), 0.05);
            plain.update(&mut b, &mut slope, 0.05);
            assert_eq!(bits(&a), bits(&b), "{pairs:?} at {step}");
        }
        assert_eq!(wide.state(), plain.state(), "{pairs:?}");
    }
}

#[test]
fn a_state_of_another_optimizer_or_size_is_refused() {
    for name in NAMES {
        let mut optimizer = build(&[("optimizer", name)]);
        let before = optimizer.state();
        let longer = [before.as_slice(), &[0; 4]].concat();
        assert_eq!(optimizer.restore(&longer), Err(StateMismatch), "{name}");
        assert_eq!(optimizer.restore(&before[1..]), Err(StateMismatch), "{name}");
        assert_eq!(optimizer.state(), before);
    }
}

#[test]
fn every_optimizer_goes_down_a_bowl() {
    for pairs in every() {
        let mut optimizer = build(&pairs);
        let mut params = start();
        // LARS multiplies its rate by a thousandth, Prodigy finds its own and Adadelta is slow to begin.
        let rate = match pairs[0].1 {
            "lars" => 5.0,
            "prodigy" | "adadelta" => 1.0,
            _ => 0.01,
        };
        let height = |params: &[f32]| -> f32 {
            params.iter().enumerate().map(|(i, p)| p * p * (0.1 + i as f32 * 0.05)).sum()
        };
        for _ in 0..2000 {
            let mut slope: Vec<f32> =
                params.iter().enumerate().map(|(i, p)| p * (0.1 + i as f32 * 0.05)).collect();
            optimizer.step(&mut params, &mut slope, rate);
        }
        let mut scratch = Vec::new();
        let found = height(optimizer.evaluation_parameters(&params, &mut scratch));
        assert!(found < 0.5 * height(&start()), "{pairs:?}: {found} from {}", height(&start()));
    }
}

#[test]
fn state_that_decays_for_ever_never_becomes_subnormal() {
    let subnormal = |floats: &[f32]| floats.iter().filter(|float| float.is_subnormal()).count();
    for pairs in every() {
        let mut optimizer = build(&pairs);
        let mut params = start();
        for step in 0..100_000 {
            optimizer.set_momentum(0.9);
            let mut slope = if step < 10 { gradient(&params, step) } else { vec![0.0; SIZE] };
            optimizer.step(&mut params, &mut slope, 0.01);
            if step % 50 == 0 {
                assert_eq!(subnormal(optimizer.memory.flat()), 0, "{pairs:?}: state at {step}");
                assert_eq!(subnormal(&params), 0, "{pairs:?}: parameters at {step}");
            }
        }
        if let Some(average) = &optimizer.average {
            assert_eq!(subnormal(&average.weights), 0, "{pairs:?}");
        }
    }
}

#[test]
fn nothing_moves_without_a_gradient_or_decay() {
    for name in NAMES {
        let mut optimizer = build(&[("optimizer", name), ("weight_decay", "0")]);
        let mut params = start();
        for _ in 0..5 {
            optimizer.step(&mut params, &mut [0.0; SIZE], 0.1);
        }
        let mut scratch = Vec::new();
        for (found, was) in optimizer.evaluation_parameters(&params, &mut scratch).iter().zip(start()) {
            assert!((found - was).abs() < 1e-6, "{name}");
        }
    }
}

#[test]
fn a_gradient_that_is_no_number_shows_in_the_parameters() {
    for name in NAMES {
        let mut optimizer = build(&[("optimizer", name)]);
        let mut params = start();
        let mut slope = gradient(&params, 0);
        slope[3] = f32::NAN;
        for _ in 0..2 {
            optimizer.step(&mut params, &mut slope.clone(), 0.1);
        }
        assert!(params.iter().any(|p| p.is_nan()), "{name} hides it");
    }
}

#[test]
fn buffers_are_counted() {
    for pairs in every() {
        let spec = OptimizerSpec::read(&settings(&pairs)).unwrap();
        let optimizer = spec.build(&blocks());
        let averaged = optimizer.average.as_ref().map_or(0, |average| average.weights.len());
        assert_eq!(spec.buffers() * SIZE, optimizer.memory.flat().len() + averaged, "{pairs:?}");
    }
}

#[test]
fn the_table_is_sound() {
    let mut seen = BTreeSet::new();
    for setting in super::settings() {
        assert!(seen.insert(setting.name), "{} is there twice", setting.name);
        let under = setting.when.map_or(&["sgd"][..], |(_, under)| under);
        assert!(under.iter().all(|name| NAMES.contains(name)), "{}", setting.name);
        // A default that is typed in is the same as one that is left out; a β of 1 and a negative number are not.
        for name in under {
            let with = |value: &str| {
                let pairs = [("optimizer", *name), (setting.name, value)];
                OptimizerSpec::read(&settings(&pairs))
            };
            if let (Some(default), false) = (setting.default, setting.name == "optimizer") {
                with(default).unwrap();
            }
            if matches!(setting.kind, Kind::Float { .. }) {
                assert!(with("-1").is_err(), "{}=-1", setting.name);
            }
            if setting.name.starts_with("beta") {
                assert!(with("1").is_err() && with("1/1").is_err(), "{}", setting.name);
            }
        }
    }
}
