//! The course of a schedule, step by step.

use anyhow::Result;
use sweep_core::schedule::{NAMES, from_framework_names};
use sweep_core::{Horizon, Progress, Schedule, catalogue};
use sweep_report::Rates;
use sweep_report::decide::transfer::{self, Carried};
use sweep_settings::{Kind, Setting, Settings, names};

use crate::refusal::refuse;

/// Learning rate and batch size of a schedule at each of so many steps, of which an epoch has `per_epoch` (all, if `None`).
///
/// # Errors
/// A schedule or a setting that does not exist, a value that does not suit.
pub fn rates(
    scheduler: &str,
    pairs: &[(String, String)],
    steps: u64,
    per_epoch: Option<u64>,
) -> Result<Rates> {
    let (course, batch, per_epoch) = course(scheduler, pairs, steps, per_epoch)?;
    Ok(at_each(&course, batch, steps, per_epoch))
}

/// The same of a schedule as typed, such as `wsd:decay=20%,warmup=5%`.
///
/// # Errors
/// As of [`rates`].
pub fn named(text: &str, steps: u64, per_epoch: Option<u64>) -> Result<Rates> {
    let (scheduler, values) = text.split_once(':').unwrap_or((text, ""));
    let values = values.split(',').filter(|value| !value.is_empty());
    rates(scheduler, &values.map(pair).collect::<Result<Vec<_>>>()?, steps, per_epoch)
}

/// By which factor the best peak of the schedule `to` differs from that of `from`, which are the courses of those typed.
///
/// # Errors
/// One that moves the batch size, or has no positive rate.
pub fn carried((from, old): (&str, &Rates), (to, new): (&str, &Rates)) -> Result<Carried> {
    if !(old.batch.is_empty() && new.batch.is_empty()) {
        return refuse("a peak is carried between schedules of the learning rate, not of the batch size");
    }
    let carried = transfer::carried(&old.lr, &new.lr);
    carried.map_or_else(|| refuse(format!("{from} and {to} must have a positive rate")), Ok)
}

/// The schedule, its initial batch size, and the steps per epoch. If every name is one of this program's settings,
/// they are read as an axis would be; otherwise the names are a framework's.
fn course(
    scheduler: &str,
    pairs: &[(String, String)],
    steps: u64,
    per_epoch: Option<u64>,
) -> Result<(Schedule, usize, u64)> {
    let own: Option<Vec<(&'static str, &String)>> =
        pairs.iter().map(|(name, value)| Some((full(scheduler, name)?, value))).collect();
    let known = NAMES.contains(&scheduler);
    let Some(own) = own.filter(|_| known) else {
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        return Ok((from_framework_names(scheduler, pairs)?, 1, steps));
    };
    let mut settings = Settings::default();
    settings.set(names::SCHEDULE, scheduler);
    for (name, value) in own {
        settings.set(name, in_steps(name, value));
    }
    let number = |name: &str| {
        let setting = catalogue::settings().find(|setting| setting.name == name);
        setting.map_or(Ok(None), |setting| settings.number(setting))
    };
    let (lr, batch) = (number(names::LR)?.unwrap_or(0.01), number(names::BATCH)?.unwrap_or(32.0) as u64);
    let per_epoch = per_epoch.unwrap_or(steps).max(1);
    let horizon = Horizon {
        total_steps: steps,
        steps_per_epoch: per_epoch as f64,
        total_examples: steps * batch,
        examples_per_epoch: per_epoch * batch,
        in_steps: true,
    };
    Ok((Schedule::read(&settings, lr, &horizon)?, batch as usize, per_epoch))
}

/// The full name of a setting that may be written without the name of its schedule.
fn full(scheduler: &str, name: &str) -> Option<&'static str> {
    let own = format!("schedule.{scheduler}.{name}");
    let short = format!("schedule.{name}");
    catalogue::settings()
        .map(|setting| setting.name)
        .find(|full| *full == name || *full == own || *full == short)
}

/// The halves of `name=value`.
///
/// # Errors
/// No `=`.
pub fn pair(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => refuse(format!("`{text}` is not a setting; write name=value, such as warmup=10%")),
    }
}

/// The value of the setting `name`; bare lengths are steps, and lists may be written as in Python.
fn in_steps(name: &str, value: &str) -> String {
    let length = |setting: &&Setting| match setting.kind {
        Kind::Length => true,
        Kind::List => setting.name.starts_with("schedule."),
        _ => false,
    };
    if catalogue::settings().find(|setting| setting.name == name).filter(length).is_none() {
        return value.to_owned();
    }
    let item = |item: &str| match item.trim() {
        bare if bare.parse::<f64>().is_ok_and(|number| number != 0.0) => format!("{bare}st"),
        length => length.to_owned(),
    };
    let items: Vec<String> = value.trim_matches(['[', ']']).split([',', '/']).map(item).collect();
    items.join("/")
}

/// Learning rate and batch size at each step.
fn at_each(course: &Schedule, start: usize, steps: u64, per_epoch: u64) -> Rates {
    let mut rates = Rates::default();
    let mut examples = 0;
    for step in 0..steps {
        let progress = Progress {
            step,
            examples,
            epoch: step as f64 / per_epoch as f64,
            total_steps: steps,
            total_examples: steps * start as u64,
            total_epochs: steps as f64 / per_epoch as f64,
        };
        let batch = course.batch(start, &progress);
        examples += batch as u64;
        rates.lr.push(course.rate(&progress));
        if course.changes_batch() {
            rates.batch.push(batch as f64);
        }
    }
    rates
}
