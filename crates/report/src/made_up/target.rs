//! A made-up study whose trials run until they reach a target.

use sweep_study::{Curve, Metrics, STEPS_TO_TARGET, StepTime, StudyRecord, Trial, Value, WORKERS};

use super::{Made, diverged};
use crate::facts::untimed;

/// The most steps that a trial may take.
const CAP: f64 = 8000.0;

/// Three seeds at each cell of a grid over lr and batch, whose fewest steps are 200 (1 + `critical` / B), reached at
/// η = 0.5 / (1 + 32/B); what would take more than 8,000 steps is censored, what is over three times that rate diverges.
pub fn until(axes: &[&str], critical: f64) -> StudyRecord {
    let mut made = Made::new(axes).replicates(3).with(|study| {
        study.settings.remove("epochs");
        study.settings.insert("steps".into(), Value::Int(CAP as i64));
        study.settings.insert("until".into(), Value::Text("val_loss=0.15".into()));
        study.goal.metric = STEPS_TO_TARGET.into();
    });
    let study = made.study().clone();
    for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
        let (lr, batch) = (study.lr(&point).unwrap(), study.batch(&point).unwrap());
        let best = 0.5 / (1.0 + 32.0 / batch);
        let steps = |seed: u32| {
            let noise = ((lr * 7919.0 + batch * 31.0 + f64::from(seed) * 17.3).sin() * 43758.5453).fract();
            200.0 * (1.0 + critical / batch) * (0.35 * (lr / best).log2().powi(2) + 0.1 * noise).exp()
        };
        let end = |seed| if lr > 3.0 * best { diverged(7) } else { Ok(steps(seed).round()) };
        made = made.outcomes(&point.to_string(), (0..3).map(end).collect());
    }
    made.change(ends_at_its_target).record()
}

/// Twelve readings of a loss that falls to `end` as a power of the step.
fn falling(trial: &Trial, end: f64) -> Curve {
    let batch = trial.point.get("batch").and_then(Value::number).unwrap_or(32.0);
    let mut curve = Curve::default();
    for reading in 1..=12 {
        let share = f64::from(reading) / 12.0;
        let step = share * trial.steps as f64;
        let metrics = Metrics::from([("val_loss".to_owned(), end * share.powf(-0.6))]);
        curve.push(step as u64, step * batch / 50_000.0, &metrics);
    }
    curve
}

fn ends_at_its_target(trial: &mut Trial) {
    let Some(steps) = trial.metrics.get(STEPS_TO_TARGET).copied().filter(|steps| steps.is_finite()) else {
        trial.metrics.remove(STEPS_TO_TARGET);
        return;
    };
    trial.steps = steps.min(CAP) as u64;
    let end = if steps > CAP { 0.3 } else { 0.149 };
    trial.curve = falling(trial, end);
    trial.metrics.insert("val_loss".into(), end);
    if steps > CAP {
        trial.metrics.remove(STEPS_TO_TARGET);
    }
}

/// The study with its steps timed alone: 300 μs and 12 μs an example of each worker; several wait 50 μs for each other.
pub fn timed_alone(mut record: StudyRecord) -> StudyRecord {
    for number in untimed(&record, &crate::facts(&record)) {
        let trial = record.trial(number);
        let setting = |name: &str| record.study.setting(&trial?.point, name)?.number();
        let (batch, workers) = (setting("batch").unwrap(), setting(WORKERS).unwrap_or(1.0));
        let wait = if workers > 1.0 { 3.5e-4 } else { 3e-4 };
        let seconds = wait + 1.2e-5 * batch / workers;
        record.pace.steps.push(StepTime {
            trial: number,
            workers: workers as u64,
            threads: 64,
            parameters: 100_000,
            steps: 200,
            seconds,
            low: 0.95 * seconds,
            high: 1.1 * seconds,
            bytes: 3_000_000 + 4_000 * batch as u64,
        });
    }
    record
}
