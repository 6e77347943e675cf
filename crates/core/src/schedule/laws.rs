//! Properties of every schedule, tested over the whole list.

use std::collections::BTreeSet;

use super::*;
use crate::state::StateMismatch;

pub(super) fn horizon(total_steps: u64) -> Horizon {
    Horizon {
        total_steps,
        steps_per_epoch: 50.0,
        total_examples: 32 * total_steps,
        examples_per_epoch: 1600,
        in_steps: false,
    }
}

/// Just before update `step` of a run of `total` steps at B = 32.
pub(super) fn progress(step: u64, total: u64) -> Progress {
    Progress {
        step,
        examples: 32 * step,
        epoch: step as f64 / 50.0,
        total_steps: total,
        total_examples: 32 * total,
        total_epochs: total as f64 / 50.0,
    }
}

pub(super) fn settings(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    pairs.iter().for_each(|(name, value)| settings.set(*name, *value));
    settings
}

/// The rates of a whole run with `lr` = 0.4.
fn rates(name: &str, warmup: &str, total: u64) -> Vec<f64> {
    let settings = settings(&[("schedule", name), ("warmup", warmup)]);
    let schedule = Schedule::read(&settings, 0.4, &horizon(total)).unwrap();
    (0..total).map(|step| schedule.rate(&progress(step, total))).collect()
}

#[test]
fn rates_are_positive_and_never_above_lr() {
    for name in NAMES {
        for (warmup, total) in [("0", 1), ("0", 7), ("0", 1000), ("10%", 7), ("10%", 1000), ("100%", 20)] {
            for (step, rate) in rates(name, warmup, total).into_iter().enumerate() {
                assert!(
                    rate > 0.0 && rate <= 0.4 * (1.0 + 1e-12),
                    "{name} {warmup} {total}: {rate} at {step}"
                );
            }
        }
    }
}

#[test]
fn lr_is_the_largest_rate() {
    for name in NAMES {
        for warmup in ["0", "10%"] {
            let largest = rates(name, warmup, 1000).into_iter().fold(0.0, f64::max);
            assert!((largest - 0.4).abs() < 1e-12, "{name}, warmup {warmup}: {largest}");
        }
    }
}

#[test]
fn warmup_rises_to_lr_and_the_schedule_follows_from_its_own_start() {
    for name in NAMES {
        let warm = rates(name, "100st", 1000);
        for (step, rate) in warm.iter().take(100).enumerate() {
            assert_eq!(*rate, 0.4 * ((step as f64 + 1.0) / 100.0), "{name}");
        }
        let scaled_by_the_warmup = ["inverse_sqrt", "noam"];
        let own_lengths = ["multistep", "wsd", "piecewise"];
        if !scaled_by_the_warmup.contains(name) && !own_lengths.contains(name) {
            assert_eq!(warm[100..], rates(name, "0", 900), "{name}");
        }
    }
}

#[test]
fn smooth_schedules_are_continuous() {
    let total = 10_000;
    let jumps = ["step", "multistep", "piecewise", "cosine_restarts"];
    for name in NAMES.iter().filter(|name| !jumps.contains(name)) {
        for pair in rates(name, "10%", total).windows(2) {
            let at_a_joint = pair[0] > 0.39 && ["onecycle", "cyclic"].contains(name) && pair[1] < 0.05;
            let change = (pair[1] - pair[0]).abs() / 0.4;
            assert!(at_a_joint || change < 12.0 / total as f64, "{name}: {} to {}", pair[0], pair[1]);
        }
    }
}

#[test]
fn steps_can_be_evaluated_in_any_order() {
    for name in NAMES {
        let settings = settings(&[("schedule", name), ("warmup", "3%")]);
        let schedule = Schedule::read(&settings, 0.4, &horizon(500)).unwrap();
        let forward: Vec<f64> = (0..500).map(|step| schedule.rate(&progress(step, 500))).collect();
        let mut backward: Vec<f64> = (0..500).rev().map(|step| schedule.rate(&progress(step, 500))).collect();
        backward.reverse();
        assert_eq!(forward, backward, "{name}");
    }
}

#[test]
fn a_restored_schedule_continues_identically() {
    let readings = |step: u64| 1.0 / (1.0 + step as f64).min(9.0) + ((step * 7919) % 13) as f64 * 0.01;
    for name in NAMES {
        let settings = settings(&[("schedule", name), ("schedule.plateau.patience", "2")]);
        let fresh = || Schedule::read(&settings, 0.4, &horizon(60)).unwrap();
        let mut whole = fresh();
        let mut resumed = fresh();
        for step in 0..60 {
            if step % 7 == 3 {
                let state = resumed.state();
                resumed = fresh();
                resumed.restore(&state).unwrap();
            }
            let at = progress(step, 60);
            assert_eq!(whole.rate(&at).to_bits(), resumed.rate(&at).to_bits(), "{name} at {step}");
            assert_eq!(whole.batch(32, &at), resumed.batch(32, &at), "{name} at {step}");
            whole.observe(readings(step));
            resumed.observe(readings(step));
        }
        assert_eq!(whole.reacts(), !whole.state().is_empty());
        assert_eq!(fresh().restore(&[1.0]), Err(StateMismatch), "{name}");
    }
}

#[test]
fn batches_only_grow_and_stay_within_the_data() {
    for name in NAMES {
        let settings = settings(&[("schedule", name), ("schedule.plateau.patience", "1")]);
        let mut schedule = Schedule::read(&settings, 0.4, &horizon(1000)).unwrap();
        let mut last = 32;
        for step in 0..1000 {
            let batch = schedule.batch(32, &progress(step, 1000));
            assert!((last..=1600).contains(&batch), "{name}: {last} to {batch}");
            assert!(schedule.changes_batch() || batch == 32);
            last = batch;
            schedule.observe(1.0);
        }
        assert_eq!(schedule.changes_batch(), last > 32, "{name}");
    }
}

#[test]
fn the_table_is_sound() {
    let mut seen = BTreeSet::new();
    for setting in super::settings() {
        assert!(seen.insert(setting.name), "{} is there twice", setting.name);
        assert!(!setting.help.is_empty());
        if let Some(("schedule", under)) = setting.when {
            assert!(under.iter().all(|name| NAMES.contains(name)), "{}", setting.name);
        }
        // Typing the default gives the same result as leaving it out.
        if let Some(default) = setting.default {
            let name = setting.when.map_or("constant", |(_, under)| under[0]);
            let mut typed = settings(&[("schedule", name)]);
            if setting.name != "schedule" {
                typed.set(setting.name, default);
            }
            Schedule::read(&typed, 0.4, &horizon(100)).unwrap();
        }
    }
}

#[test]
fn a_schedule_decays_if_its_rate_ends_low() {
    let decays = |name: &str| {
        let schedule = Schedule::read(&settings(&[("schedule", name)]), 0.4, &horizon(1000)).unwrap();
        schedule.decays(&progress(999, 1000))
    };
    let lasting = ["constant", "plateau", "batch_growth", "batch_linear", "batch_plateau"];
    for name in NAMES {
        assert_eq!(decays(name), !lasting.contains(name), "{name}");
    }
}
