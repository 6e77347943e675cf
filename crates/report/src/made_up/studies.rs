//! Made-up studies of every kind, as realistic as a formula makes them.

use sweep_study::{Direction, Goal, Outcome, Pruning, Rest, SECONDS, Span, StudyRecord};

use super::{Ended, Made, diverged, horizon, learning, stuck, timed_alone, until};

/// A plausible end of a trial on MNIST: a valley in ln(lr) whose floor moves with the batch size, chance far below it,
/// divergence far above.
fn end(lr: f64, batch: f64, seed: u32) -> Ended {
    let best = 0.5 * (batch / 128.0).min(1.0).powf(0.7);
    let u = (lr / best).ln();
    let noise = ((lr * 7919.0 + batch * 31.0 + f64::from(seed) * 17.3).sin() * 43758.5453).fract() * 0.03;
    let limit = 2.2 * (batch / 64.0).min(1.0).powf(0.5) * (1.0 + 12.0 * noise);
    if lr > limit {
        return if lr > 8.0 * limit {
            stuck(2.31)
        } else {
            diverged((1500.0 / batch / lr).ceil() as u64 + 3)
        };
    }
    let loss = 0.088
        * (1.0 + 0.02 * (batch / 128.0).ln().abs())
        * (0.085 * u * u * if u > 0.0 { 2.0 } else { 1.0 }).exp();
    Ok(loss.min(2.2) * (1.0 + noise))
}

fn filled(made: Made, replicates: u32, change: impl Fn(f64, &str) -> f64) -> StudyRecord {
    let mut made = made.replicates(replicates);
    let study = made.study().clone();
    for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
        let (lr, batch) = (study.lr(&point).unwrap(), study.batch(&point).unwrap());
        let text = point.to_string();
        let ends =
            (0..replicates).map(|seed| end(lr, batch, seed).map(|value| change(value, &text))).collect();
        made = made.outcomes(&text, ends);
    }
    made.record()
}

fn plain(axes: &[&str], replicates: u32) -> StudyRecord {
    filled(Made::new(axes), replicates, |value, _| value)
}

fn random(axes: &[&str], trials: u32) -> StudyRecord {
    let mut made = Made::new(axes).sampler("random");
    for trial in 0..trials {
        let share = (f64::from(trial) * 0.618_033_988_75).fract();
        let lr = 10f64.powf(-3.0 + 4.0 * share);
        let batch = [16, 32, 64, 128, 256][(trial as usize * 7) % 5];
        let text = if axes.len() > 1 { format!("batch={batch} lr={lr}") } else { format!("lr={lr}") };
        made = made.outcomes(&text, vec![end(lr, f64::from(batch), trial)]);
    }
    let mut record = made.record();
    record.planned = u64::from(trials);
    record
}

/// A study of which half the trials were put aside at a third of their budget, and some of these audited.
fn pruned() -> StudyRecord {
    let mut record = plain(&["lr=1e-3..1", "batch=16,32,64,128"], 1);
    record.study.pruning = Pruning { pruner: "asha".into(), audit: 0.1, ..Pruning::default() };
    for trial in record.trials.iter_mut().filter(|trial| trial.number % 2 == 1) {
        trial.rests = vec![Rest { share: 1.0 / 3.0, step: trial.curve.step[0] }];
        trial.audited = trial.number % 4 == 1;
        if !trial.audited {
            trial.outcome = Outcome::Pruned;
        }
    }
    worked(record, 3)
}

/// When each trial ran, had it been given in turn to the first of some workers that was free; halfway all stood still for an
/// hour.
fn worked(mut record: StudyRecord, workers: usize) -> StudyRecord {
    let mut free = vec![1.7e9; workers];
    let half = record.trials.len() / 2;
    for (index, trial) in record.trials.iter().enumerate() {
        if index == half {
            let last = free.iter().copied().fold(0.0, f64::max);
            free.fill(last + 3600.0);
        }
        let worker = (0..workers).min_by(|a, b| free[*a].total_cmp(&free[*b])).unwrap_or(0);
        let start = free[worker];
        free[worker] += trial.metrics.get(SECONDS).copied().unwrap_or(0.05);
        record.spans.push(Span { trial: trial.number, worker: worker as u32, start, end: free[worker] });
    }
    record
}

/// Three seeds a cell of a study that weighs seconds against the loss.
fn two_metrics() -> StudyRecord {
    let seconds = Goal { metric: SECONDS.into(), direction: Direction::Minimize };
    filled(
        Made::new(&["lr=1e-2..4:8", "batch=16..512"]).with(|study| study.also = vec![seconds]),
        3,
        |value, _| value,
    )
}

/// One study of each kind, by name.
pub fn studies() -> Vec<(&'static str, StudyRecord)> {
    let schedules = ["lr=1e-3..1", "batch=16,32,64,128", "schedule=constant,cosine"];
    let cosine = |value: f64, text: &str| if text.contains("cosine") { value * 0.9 } else { value };
    let three = ["lr=1e-3..10:13", "batch=8..2048", "schedule=constant,step,cosine"];
    let mut unfinished = plain(&["lr=1e-3..1", "batch=16,32,64,128"], 1);
    unfinished.trials.truncate(26);
    let failed = Err((Outcome::Failed { reason: "killed".into() }, f64::NAN));
    let few = Made::new(&["lr=0.1,1", "batch=16,32"])
        .trial("batch=16 lr=0.1", &[0.2])
        .outcomes("batch=16 lr=1", vec![failed]);
    vec![
        ("edge", plain(&["lr=1e-3..1e-1", "batch=16,32,64,128"], 1)),
        ("wide", plain(&["lr=1e-3..1e1", "batch=16,32,64,128"], 1)),
        ("replicates", worked(plain(&["lr=1e-2..4:8", "batch=16,32,64,128"], 3), 2)),
        ("schedules", filled(Made::new(&schedules), 1, cosine)),
        ("schedules3", filled(Made::new(&three), 1, cosine)),
        ("schedule-rows", filled(Made::new(&["lr=1e-3..1", "schedule=constant,cosine"]), 1, cosine)),
        ("lr-only", plain(&["lr=1e-3..1"], 1)),
        ("batch-only", filled(Made::new(&["batch=16..256"]), 3, |value, _| value)),
        ("random", random(&["lr=1e-3..10", "batch=16,32,64,128,256"], 30)),
        ("random-lr", random(&["lr=1e-3..10"], 20)),
        ("diverged", plain(&["lr=3..20:6", "batch=16,32,64"], 1)),
        ("gd", plain(&["lr=1e-3..1", "batch=1,32,full"], 1)),
        (
            "accuracy",
            filled(Made::new(&["lr=1e-3..1", "batch=16,32,64,128"]).maximize("val_accuracy"), 1, |x, _| {
                (-x / 3.0).exp()
            }),
        ),
        (
            "momentum",
            filled(Made::new(&["lr=1e-3..1", "momentum=0,0.5,0.9", "activation=relu,tanh"]), 1, |x, _| x),
        ),
        ("two-metrics", two_metrics()),
        ("pruned", pruned()),
        ("target", until(&["lr=0.0625..2:x2", "batch=8..4096"], 150.0)),
        ("workers", timed_alone(until(&["lr=0.125..1:x2", "batch=8..4096", "workers=1,2,4"], 150.0))),
        ("horizon", horizon(-0.25)),
        ("learning", learning(&["lr=0.05,0.1,0.2,0.4", "batch=8..512"])),
        ("timed", timed_alone(learning(&["lr=0.1,0.2", "batch=8,32,128,512"]))),
        ("unfinished", unfinished),
        ("few", few.record()),
        ("one", plain(&["lr=0.1"], 1)),
        ("nothing", Made::new(&["lr=0.1,1", "batch=16,32"]).record()),
    ]
}
