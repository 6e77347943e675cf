//! Made-up records for tests: a study from its axes as typed, and trials with values given by hand.

mod horizon;
mod learning;
pub mod quadratic;
mod studies;
mod target;

use std::collections::BTreeMap;

use sweep_study::{
    Catalogue, Curve, Direction, Entry, FRESH, Goal, Kind, Metrics, Outcome, Point, SECONDS, Scale, SpecFile,
    Study, StudyRecord, Trial, Value,
};

pub use horizon::horizon;
pub use learning::learning;
pub use studies::studies;
pub use target::until;

fn catalogue() -> Catalogue {
    let number = || Kind::Float { low: 0.0, high: f64::INFINITY, closed: (true, true) };
    let words = |words: &[&str]| Kind::Choice(words.iter().map(|word| (*word).to_owned()).collect());
    let entry = |name: &str, kind: Kind, scale: Option<Scale>, default: Option<&str>| Entry {
        name: name.into(),
        kind,
        scale,
        default: default.map(Value::read),
        when: None,
        help: String::new(),
    };
    let entries = vec![
        entry("lr", number(), Some(Scale::Log), Some("0.01")),
        entry("batch", Kind::Batch, Some(Scale::Pow2), Some("32")),
        entry("model", words(&["mlp"]), None, Some("mlp")),
        entry("hidden", Kind::List, None, Some("128")),
        entry("agent", words(&["policy_gradient", "dqn"]), None, None),
        entry("schedule", words(&["constant", "step", "cosine"]), None, Some("constant")),
        entry("momentum", number(), Some(Scale::OneMinus), Some("0")),
        entry("activation", words(&["relu", "tanh"]), None, Some("relu")),
        entry("epochs", number(), None, None),
    ];
    Catalogue { entries, open: false, ..Catalogue::default() }
}

/// A study with the axes given, on MNIST, three epochs, 50,000 training examples.
pub fn study(axes: &[&str]) -> Study {
    let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
    let spec = SpecFile { axes, name: Some("made-up".into()), ..SpecFile::default() };
    Study { train_examples: 50_000, ..spec.resolve(&catalogue()).unwrap() }
}

/// How a made-up trial ended: with a value, or otherwise with the value it had.
pub type Ended = Result<f64, (Outcome, f64)>;

/// A trial that diverged in a step.
pub fn diverged(step: u64) -> Ended {
    Err((Outcome::Diverged { step }, f64::NAN))
}

/// A trial that ended no better than chance.
pub fn stuck(value: f64) -> Ended {
    Err((Outcome::Complete { stuck: true }, value))
}

/// A record in the making.
#[derive(Clone)]
pub struct Made {
    record: StudyRecord,
}

impl Made {
    /// A record of a grid over `axes`, without trials.
    pub fn new(axes: &[&str]) -> Made {
        let study = study(axes);
        let planned = study.space.cells() as u64;
        Made {
            record: StudyRecord {
                study,
                trials: Vec::new(),
                planned,
                looks: 1,
                spans: Vec::new(),
                paces: Vec::new(),
            },
        }
    }

    /// Each point run `replicates` times.
    pub fn replicates(mut self, replicates: u32) -> Made {
        self.record.study.replicates = replicates;
        self.record.planned *= u64::from(replicates);
        self
    }

    /// Another sampler than grid.
    pub fn sampler(mut self, name: &str) -> Made {
        self.record.study.sampler = name.to_owned();
        self
    }

    /// A metric of which higher is better; values of trials added before and after are of it.
    pub fn maximize(mut self, metric: &str) -> Made {
        let old = std::mem::replace(
            &mut self.record.study.goal,
            Goal { metric: metric.to_owned(), direction: Direction::Maximize },
        );
        for trial in &mut self.record.trials {
            if let Some(value) = trial.metrics.remove(&old.metric) {
                trial.metrics.insert(metric.to_owned(), value);
            }
        }
        self
    }

    /// Trials of one learning rate each, without replicates.
    pub fn row(mut self, lrs: &[&str], values: &[f64]) -> Made {
        for (lr, value) in lrs.iter().zip(values) {
            self = self.trial(&format!("lr={lr}"), &[*value]);
        }
        self
    }

    /// The replicates of a point typed as `lr=0.1 batch=16`, all ended well with `values`.
    pub fn trial(self, point: &str, values: &[f64]) -> Made {
        self.outcomes(point, values.iter().map(|value| Ok(*value)).collect())
    }

    /// The replicates of a point and how each ended.
    pub fn outcomes(mut self, point: &str, ended: Vec<Ended>) -> Made {
        let point = self.point(point);
        for (replicate, ended) in ended.into_iter().enumerate() {
            let trial = self.made(&point, replicate as u32, ended);
            self.record.trials.push(trial);
        }
        self
    }

    /// The fresh seeds on which a point was confirmed, all ended well with `values`.
    pub fn confirmed(mut self, point: &str, values: Vec<f64>) -> Made {
        let point = self.point(point);
        for (index, value) in values.into_iter().enumerate() {
            let trial = self.made(&point, FRESH + index as u32, Ok(value));
            self.record.trials.push(trial);
        }
        self
    }

    /// Changes each trial.
    pub fn change(mut self, change: impl Fn(&mut Trial)) -> Made {
        self.record.trials.iter_mut().for_each(change);
        self
    }

    /// Changes the study.
    pub fn with(mut self, change: impl FnOnce(&mut Study)) -> Made {
        change(&mut self.record.study);
        self
    }

    /// The study so far.
    pub fn study(&self) -> &Study {
        &self.record.study
    }

    /// The record.
    pub fn record(self) -> StudyRecord {
        self.record
    }

    fn point(&self, text: &str) -> Point {
        let value = |(name, value): (&str, &str)| {
            let read = Value::read(value);
            let read = match read.number() {
                Some(number) if name == "lr" => Value::Float(number),
                _ => read,
            };
            (name.to_owned(), read)
        };
        Point(text.split(' ').filter_map(|word| word.split_once('=')).map(value).collect::<BTreeMap<_, _>>())
    }

    /// A trial whose loss falls as 2.3 towards its last value, read each epoch of three.
    fn made(&self, point: &Point, replicate: u32, ended: Ended) -> Trial {
        let (outcome, value) = match ended {
            Ok(value) => (Outcome::Complete { stuck: false }, value),
            Err(end) => end,
        };
        let batch = self.record.study.batch(point).unwrap_or(32.0);
        let epoch_steps = (50_000.0 / batch).ceil();
        let (steps, epochs) = match outcome {
            Outcome::Diverged { step } => (step, step as f64 / epoch_steps),
            _ => (3 * epoch_steps as u64, 3.0),
        };
        let metric = self.record.study.goal.metric.clone();
        let mut curve = Curve::default();
        let second = 0.02 + epoch_steps * (2e-5 + 1e-6 * batch);
        for epoch in 1..=epochs as u32 {
            let share = f64::from(epoch) / 3.0;
            let now = match (value.is_finite(), metric.ends_with("loss")) {
                // Losses fall about as a power of the epoch.
                (true, true) => (value * share.powf(-0.6)).min(2.4).max(value),
                (true, false) => value * (0.9 + 0.1 * share),
                (false, _) => 2.5,
            };
            let mut metrics = Metrics::from([
                (metric.clone(), now),
                ("train_loss".to_owned(), now * 1.1),
                ("lr".to_owned(), self.record.study.lr(point).unwrap_or(0.01)),
                (SECONDS.to_owned(), second * f64::from(epoch)),
            ]);
            metrics.entry("val_accuracy".to_owned()).or_insert((-now / 3.0).exp());
            curve.push(u64::from(epoch) * epoch_steps as u64, f64::from(epoch), &metrics);
        }
        let mut metrics = curve.row(curve.len().saturating_sub(1));
        metrics.remove("lr");
        metrics.insert(metric, value);
        let number = self.record.trials.len() as u64;
        let seed = self.record.study.seed + u64::from(replicate);
        let trial = Trial::ended(number, point.clone(), (replicate, seed), outcome);
        Trial { steps, epochs, metrics, curve, ..trial }
    }
}
