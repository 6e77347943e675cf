//! A rate, and optionally a batch size and a momentum, for each stretch of a run: the kind of schedule that
//! population-based training finds.
//!
//! Points are lengths from the start of the run, the warmup included; shares of the budget are measured in its unit,
//! steps or examples.

use sweep_settings::{Kind, Length, Setting, SettingError, Settings};

use super::course::{At, Course};
use super::reader::{Reader, entry};
use super::{Horizon, Progress};

const UNDER: &[&str] = &["piecewise"];

const AT: Setting = entry(
    "schedule.piecewise.at",
    Kind::List,
    Some("50%"),
    UNDER,
    "points at which a new stretch of the run begins, joined by /, such as 30%/60%",
);
const FACTOR: Setting = entry(
    "schedule.piecewise.factor",
    Kind::List,
    Some("1/0.1"),
    UNDER,
    "rate in each stretch as a share of lr, joined by /; the largest must be 1",
);
const BATCH: Setting = entry(
    "schedule.piecewise.batch",
    Kind::List,
    None,
    UNDER,
    "batch size of each stretch, joined by / [default: batch throughout]",
)
.growing_batch();
const MOMENTUM: Setting = entry(
    "schedule.piecewise.momentum",
    Kind::List,
    None,
    UNDER,
    "momentum of each stretch, joined by / [default: momentum throughout]",
);

pub(super) const SETTINGS: &[Setting] = &[AT, FACTOR, BATCH, MOMENTUM];

/// Values that hold from one point to the next.
#[derive(Clone, Debug)]
struct Piecewise {
    at: Vec<Length>,
    in_steps: bool,
    factor: Vec<f64>,
    batch: Vec<f64>,
    momentum: Vec<f64>,
}

impl Piecewise {
    fn now(&self, values: &[f64], progress: &Progress) -> Option<f64> {
        let passed = self.at.iter().filter(|point| progress.passed(**point, self.in_steps)).count();
        values.get(passed).copied()
    }
}

impl Course for Piecewise {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.now(&self.factor, at.progress).unwrap_or(1.0)
    }

    fn batch(&self, start: usize, progress: &Progress) -> usize {
        self.now(&self.batch, progress).map_or(start, |size| size as usize)
    }

    fn momentum(&self, at: At<'_>) -> Option<f64> {
        self.now(&self.momentum, at.progress)
    }

    fn changes_batch(&self) -> bool {
        !self.batch.is_empty()
    }
}

/// Reads `schedule=piecewise`.
pub(super) fn read(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let at = read.rising(&AT)?.unwrap_or_default();
    let stretches = at.len() + 1;
    let factor = values(read, &FACTOR, stretches, &|x| (0.0..=1.0).contains(&x) && x > 0.0)?;
    if factor.iter().copied().fold(0.0, f64::max) != 1.0 {
        return Err(read.refuse(&FACTOR, "must have 1 as its largest value: lr is the largest rate"));
    }
    let Horizon { in_steps, .. } = *read.horizon;
    let batch = values(read, &BATCH, stretches, &|x| x >= 1.0 && x.fract() == 0.0)?;
    let momentum = values(read, &MOMENTUM, stretches, &|x| (0.0..1.0).contains(&x))?;
    Ok(Box::new(Piecewise { at, in_steps, factor, batch, momentum }))
}

/// Whether a schedule of `settings` changes the momentum.
pub(super) fn moves_momentum(settings: &Settings) -> Result<bool, SettingError> {
    Ok(settings.given(&MOMENTUM))
}

/// One number per stretch, each accepted by `fits`; none if none are given.
fn values(
    read: &Reader,
    of: &Setting,
    stretches: usize,
    fits: &dyn Fn(f64) -> bool,
) -> Result<Vec<f64>, SettingError> {
    if read.settings.value(of).is_none() {
        return Ok(Vec::new());
    }
    let value = |item: &str| item.trim().parse::<f64>().ok().filter(|value| fits(*value));
    let Some(values) = read.settings.text(of).split('/').map(value).collect::<Option<Vec<f64>>>() else {
        return Err(read.refuse(of, "has an invalid value"));
    };
    if values.len() != stretches {
        let why = format!("has {} values for {stretches} stretches", values.len());
        return Err(read.refuse(of, &why));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::super::Schedule;
    use super::super::laws::{horizon, progress, settings};

    fn schedule(pairs: &[(&str, &str)]) -> Result<Schedule, String> {
        let mut all = vec![("schedule", "piecewise")];
        all.extend_from_slice(pairs);
        Schedule::read(&settings(&all), 0.4, &horizon(100)).map_err(|error| error.to_string())
    }

    #[test]
    fn each_stretch_has_its_values() {
        let pairs = [
            ("schedule.piecewise.at", "10%/50st"),
            ("schedule.piecewise.factor", "0.5/1/0.25"),
            ("schedule.piecewise.batch", "32/64/16"),
            ("schedule.piecewise.momentum", "0/0.9/0.5"),
        ];
        let schedule = schedule(&pairs).unwrap();
        let at = |step| {
            let progress = progress(step, 100);
            (schedule.rate(&progress), schedule.batch(8, &progress), schedule.momentum(&progress))
        };
        assert_eq!(at(9), (0.2, 32, Some(0.0)));
        assert_eq!(at(10), (0.4, 64, Some(0.9)));
        assert_eq!(at(49), (0.4, 64, Some(0.9)));
        assert_eq!(at(50), (0.1, 16, Some(0.5)));
    }

    #[test]
    fn inconsistent_lists_are_refused() {
        for (pairs, why) in [
            (&[("schedule.piecewise.factor", "1/0.5/0.1")][..], "3 values for 2 stretches"),
            (&[("schedule.piecewise.factor", "0.5/0.1")], "largest"),
            (&[("schedule.piecewise.factor", "1/x")], "invalid value"),
            (&[("schedule.piecewise.batch", "1.5/2")], "invalid value"),
            (&[("schedule.piecewise.at", "50%/10%")], "rise"),
        ] {
            let error = schedule(pairs).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
