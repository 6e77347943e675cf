//! Known values, edge cases and refusals.

use super::laws::{horizon, progress, settings};
use super::*;

fn build(pairs: &[(&str, &str)], lr: f64, total: u64) -> Schedule {
    Schedule::read(&settings(pairs), lr, &horizon(total)).unwrap()
}

fn rates(schedule: &Schedule, total: u64) -> Vec<f64> {
    (0..total).map(|step| schedule.rate(&progress(step, total))).collect()
}

fn refusal(pairs: &[(&str, &str)]) -> String {
    Schedule::read(&settings(pairs), 0.1, &horizon(100)).unwrap_err().to_string()
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (step, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} for {expected} at {step}");
    }
}

#[test]
fn defaults_are_the_documented_ones() {
    let step = rates(&build(&[("schedule", "step")], 1.0, 100), 100);
    let drops: Vec<usize> = (1..100).filter(|at| step[*at] < step[at - 1]).collect();
    assert_eq!(drops, [34, 67]);
    assert!((step[99] - 0.01).abs() < 1e-15);
    for (name, end) in [("exponential", 0.01), ("inverse_time", 0.1), ("cosine", 0.0), ("linear", 0.0)] {
        let schedule = build(&[("schedule", name)], 1.0, 100);
        assert!((schedule.rate(&progress(100, 100)) - end).abs() < 1e-12, "{name}");
    }
}

#[test]
fn units_of_length_agree() {
    // 100 steps of 1,000 are 2 epochs of 50 steps and 10 % of the budget.
    let sized = |size| rates(&build(&[("schedule", "step"), ("schedule.step.size", size)], 0.1, 1000), 1000);
    assert_eq!(sized("100st"), sized("2ep"));
    assert_eq!(sized("100st"), sized("10%"));
}

#[test]
fn wsd_never_wastes_its_last_update() {
    let wsd = build(&[("schedule", "wsd"), ("schedule.wsd.decay", "4st")], 1.0, 8);
    assert_near(&rates(&wsd, 8), &[1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]);
    let sqrt = [("schedule", "wsd"), ("schedule.wsd.decay", "4st"), ("schedule.wsd.form", "sqrt")];
    let tail = [1.0, 0.5, 1.0 - 0.5_f64.sqrt(), 1.0 - 0.75_f64.sqrt()];
    assert_near(&rates(&build(&sqrt, 1.0, 8), 8)[4..], &tail);
}

#[test]
fn inverse_sqrt_after_a_warmup_is_noam() {
    let schedule = build(&[("schedule", "inverse_sqrt"), ("warmup", "10st")], 0.3, 100);
    for (step, rate) in rates(&schedule, 100).into_iter().enumerate() {
        let s = step as f64 + 1.0;
        let noam = 0.3 * 10.0_f64.sqrt() * s.powf(-0.5).min(s * 10.0_f64.powf(-1.5));
        assert!((rate - noam).abs() < 1e-15, "{rate} for {noam} at {step}");
    }
    assert_eq!(rates(&build(&[("schedule", "noam")], 0.3, 100), 100), rates(&schedule, 100));
}

#[test]
fn one_cycle_reaches_lr_even_where_pct_start_is_no_whole_step() {
    let ours = build(&[("schedule", "onecycle"), ("schedule.onecycle.pct_start", "0.25")], 1.0, 10);
    assert!(rates(&ours, 10).contains(&1.0));
    let pairs = [("max_lr", "1"), ("total_steps", "10"), ("pct_start", "0.25")];
    let torch = from_framework_names("OneCycleLR", pairs).unwrap();
    let largest = rates(&torch, 10).into_iter().fold(0.0, f64::max);
    assert!((largest - 0.989).abs() < 1e-3, "PyTorch skips the peak: {largest}");
}

#[test]
fn one_cycle_of_one_step_up_does_not_divide_by_zero() {
    let pairs = [("max_lr", "1"), ("total_steps", "10"), ("pct_start", "0.1")];
    let schedule = from_framework_names("onecycle", pairs).unwrap();
    assert!(rates(&schedule, 20).into_iter().all(|rate| rate.is_finite() && rate > 0.0));
}

#[test]
fn one_cycle_moves_the_momentum_against_the_rate() {
    let pairs = [("max_lr", "1"), ("total_steps", "10")];
    let schedule = from_framework_names("onecycle", pairs).unwrap();
    let at = |step| schedule.momentum(&progress(step, 10)).unwrap();
    assert_near(&[at(0), at(1), at(2), at(3), at(9)], &[0.95, 0.9, 0.85, 0.854_951_6, 0.95]);
    assert_eq!(build(&[("schedule", "onecycle")], 1.0, 10).momentum(&progress(0, 10)), None);
    let asked = [("schedule", "onecycle"), ("schedule.onecycle.cycle_momentum", "true")];
    assert_eq!(build(&asked, 1.0, 10).momentum(&progress(2, 10)), Some(0.85));
}

/// Golden values of single steps from the two libraries, beyond the reference files.
#[test]
fn framework_edge_cases() {
    let sequence = |name: &str, pairs: &[(&'static str, &'static str)], steps: &[u64]| {
        let schedule = from_framework_names(name, pairs.iter().copied()).unwrap();
        steps.iter().map(|step| schedule.rate(&progress(*step, 20))).collect::<Vec<f64>>()
    };
    let cosine = [("lr", "0.1"), ("T_max", "10"), ("eta_min", "0.001")];
    assert_near(
        &sequence("CosineAnnealingLR", &cosine, &[9, 10, 11, 20]),
        &[0.0034227, 0.001, 0.0034227, 0.1],
    );
    let cosine = [("initial_learning_rate", "0.1"), ("decay_steps", "10"), ("alpha", "0.01")];
    assert_near(&sequence("CosineDecay", &cosine, &[0, 10, 15]), &[0.1, 0.001, 0.001]);
    let piecewise = [("boundaries", "3/6"), ("values", "1/0.5/0.25")];
    assert_near(&sequence("piecewise_constant", &piecewise, &[0, 3, 4, 6, 7]), &[1.0, 1.0, 0.5, 0.5, 0.25]);
    let milestones = [("lr", "0.1"), ("milestones", "2/5"), ("gamma", "0.5")];
    assert_near(&sequence("MultiStepLR", &milestones, &[1, 2, 4, 5]), &[0.1, 0.05, 0.05, 0.025]);
    let noam = [("d_model", "512"), ("warmup_steps", "4000")];
    assert_near(&sequence("noam", &noam, &[0, 3999]), &[1.746_928e-7, 6.987_712e-4]);
    let constant = [("lr", "0.1"), ("factor", "0.5"), ("total_iters", "3")];
    assert_near(&sequence("ConstantLR", &constant, &[0, 2, 3]), &[0.05, 0.05, 0.1]);
}

/// If a schedule exists in one of the two libraries, the settings of this program give the same rates.
#[test]
fn settings_and_framework_names_agree() {
    type Pairs = &'static [(&'static str, &'static str)];
    let cases: [(&str, Pairs, Pairs); 9] = [
        ("step", &[("step.size", "7st"), ("step.gamma", "0.5")], &[("step_size", "7"), ("gamma", "0.5")]),
        ("multistep", &[("multistep.milestones", "20%/30st")], &[("milestones", "12/30")]),
        ("exponential", &[("exponential.gamma", "0.9"), ("exponential.every", "1st")], &[("gamma", "0.9")]),
        ("polynomial", &[("polynomial.horizon", "1ep")], &[("total_iters", "50"), ("power", "2")]),
        (
            "linear",
            &[("linear.end", "0.2")],
            &[("start_factor", "1"), ("end_factor", "0.2"), ("total_iters", "60")],
        ),
        ("cosine", &[("cosine.end", "0.01")], &[("T_max", "60"), ("eta_min", "0.004")]),
        ("cosine_restarts", &[("cosine_restarts.first", "8st")], &[("T_0", "8"), ("T_mult", "2")]),
        ("onecycle", &[], &[("max_lr", "0.4"), ("total_steps", "60")]),
        ("cyclic", &[("cyclic.up", "9st")], &[("base_lr", "0.04"), ("max_lr", "0.4"), ("step_size_up", "9")]),
    ];
    for (name, ours, theirs) in cases {
        let mut settings = settings(&[("schedule", name)]);
        ours.iter().for_each(|(setting, value)| settings.set(format!("schedule.{setting}"), *value));
        let ours = Schedule::read(&settings, 0.4, &horizon(60)).unwrap();
        let own_rate = ["onecycle", "cyclic"].contains(&name);
        let lr: Pairs = if own_rate { &[] } else { &[("lr", "0.4")] };
        let theirs = from_framework_names(name, lr.iter().chain(theirs).copied()).unwrap();
        for (step, (a, b)) in rates(&ours, 60).into_iter().zip(rates(&theirs, 60)).enumerate() {
            assert!((a - b).abs() < 1e-12, "{name}: {a} and {b} at {step}");
        }
    }
}

/// Counting as in PyTorch: patience + 1 bad readings, cooldown, NaN as bad.
#[test]
fn plateau_counts_as_torch_does() {
    let mut metrics = vec![1.0];
    metrics.extend([0.9; 11]);
    metrics.extend([0.8999, 0.8, 0.8, 0.8]);
    let run = |cooldown: &'static str| {
        let pairs = [("lr", "0.1"), ("factor", "0.1"), ("patience", "2"), ("cooldown", cooldown)];
        let mut schedule = from_framework_names("ReduceLROnPlateau", pairs).unwrap();
        let mut exponents = Vec::new();
        for metric in &metrics {
            exponents.push(schedule.rate(&progress(0, 1)).log10().round() as i32);
            schedule.observe(*metric);
        }
        exponents
    };
    assert_eq!(run("0"), [-1, -1, -1, -1, -1, -2, -2, -2, -3, -3, -3, -4, -4, -4, -4, -4]);
    assert_eq!(run("2"), [-1, -1, -1, -1, -1, -2, -2, -2, -2, -2, -3, -3, -3, -3, -3, -3]);
}

#[test]
fn contradictions_are_refused_with_the_reason() {
    let at = |name: &'static str, setting: &'static str, value: &'static str| {
        refusal(&[("schedule", name), (setting, value)])
    };
    assert!(refusal(&[("schedule", "cosin")]).contains("is not one of constant, step"));
    assert!(refusal(&[("warmup", "3ep")]).contains("longer than the run of 100"));
    assert!(refusal(&[("warmup", "5")]).contains("5st (steps), 5ep (epochs) or 5%"));
    assert!(at("multistep", "schedule.multistep.milestones", "60st/30st").contains("must rise"));
    assert!(at("multistep", "schedule.multistep.milestones", "30st/x").contains("is not a length"));
    assert!(at("step", "schedule.step.gamma", "0").contains("must be above 0"));
    assert!(at("step", "schedule.step.gamma", "-0.5").contains("must be above 0"));
    assert!(at("step", "schedule.step.size", "0").contains("longer than 0"));
    assert!(at("plateau", "schedule.plateau.patience", "-1").contains("whole number from 0"));
    assert!(at("plateau", "schedule.plateau.patience", "1.5").contains("whole number"));
    assert!(at("plateau", "schedule.plateau.factor", "1").contains("below 1"));
    assert!(at("wsd", "schedule.wsd.decay", "3ep").contains("longer than the 100 steps"));
    assert!(at("cosine_restarts", "schedule.cosine_restarts.mult", "0.5").contains("at least 1"));
    assert!(at("batch_growth", "schedule.batch_growth.at", "50%/20%").contains("must rise"));
    let three = [
        ("schedule", "onecycle"),
        ("schedule.onecycle.three_phase", "true"),
        ("schedule.onecycle.pct_start", "0.6"),
    ];
    assert!(refusal(&three).contains("no steps for the fall"));
    let twice = [
        ("schedule", "exponential"),
        ("schedule.exponential.gamma", "0.9"),
        ("schedule.exponential.end", "0.1"),
    ];
    assert!(refusal(&twice).contains("both set how fast"));
}

#[test]
fn framework_parameters_are_checked() {
    let why = |name: &str, pairs: &[(&'static str, &'static str)]| {
        from_framework_names(name, pairs.iter().copied()).unwrap_err().to_string()
    };
    assert!(
        why("step", &[("lr", "0.1"), ("step_size", "7"), ("gama", "0.5")])
            .contains("gama=0.5 is not a parameter")
    );
    assert!(why("step", &[("lr", "0.1")]).contains("step_size= is needed"));
    assert!(why("step", &[("lr", "0.1"), ("step_size", "0")]).contains("must be above 0"));
    assert!(why("steps", &[]).contains("is not one of"));
    assert!(why("multistep", &[("lr", "0.1"), ("milestones", "5/2")]).contains("must rise"));
    assert!(why("piecewise_constant", &[("boundaries", "5"), ("values", "1")]).contains("one more"));
}
