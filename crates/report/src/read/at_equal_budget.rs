//! A study read as if every trial had been given equally much of one unit: epochs, steps, examples or seconds.

use sweep_settings::names::BUDGETS;
use sweep_study::{Curve, Metrics, Outcome, SECONDS, StepTimes, Study, StudyRecord, Trial, Value};

use crate::budget_unit::BudgetUnit;

/// Two amounts this near, by ratio, are one.
const SAME: f64 = 1e-9;

/// Why a study cannot be read by a unit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EqualBudgetError {
    /// Its trials run to a target.
    #[error(
        "the trials of this study run until they reach a target, so they are compared by steps and examples to it: see \
         critical_batch in results.json"
    )]
    Target,
    /// Its trials had different budgets on purpose.
    #[error("the budget is an axis of this study ({0}), so its trials cannot be read at an equal one")]
    Axis(&'static str),
    /// No trial completed.
    #[error("no completed trial of this study counted {0}, so the study cannot be read at equal {0}")]
    Nothing(&'static str),
    /// A trial has no reading by then.
    #[error(
        "all trials were given {amount} {unit}, but the first reading of one with batch={batch} came at {first}; run the \
         study with readings closer together, such as --report-every x1.05"
    )]
    Coarse {
        /// The unit.
        unit: &'static str,
        /// The amount that all trials reached.
        amount: f64,
        /// The batch size whose readings come too late.
        batch: f64,
        /// When its first one came.
        first: f64,
    },
}

/// The record with every trial ended at the largest amount that all completed trials reached.
///
/// A value between two readings is taken on the straight line between them, against the logarithm of the amount, and on
/// the logarithm of a loss, since learning curves are about power laws. A trial that diverged after that amount had not
/// diverged yet. Figures measured only at the end, such as test figures, are left out.
///
/// # Errors
/// The study cannot be read so; see [`EqualBudgetError`].
pub fn at_equal_budget(record: &StudyRecord, by: BudgetUnit) -> Result<StudyRecord, EqualBudgetError> {
    let study = &record.study;
    if study.target().is_some() {
        return Err(EqualBudgetError::Target);
    }
    if let Some(axis) = BUDGETS.into_iter().find(|name| study.space.get(name).is_some()) {
        return Err(EqualBudgetError::Axis(axis));
    }
    let times = record.step_times();
    let given = record.trials.iter().filter(|trial| trial.outcome.usable());
    let amount =
        given.filter_map(|trial| by.end(&times, trial)).reduce(f64::min).filter(|least| *least > 0.0);
    let amount = amount.ok_or(EqualBudgetError::Nothing(by.unit()))?;
    let trials = record.trials.iter().map(|trial| cut(&times, trial, by, amount));
    let trials = trials.collect::<Result<_, _>>()?;
    Ok(record.with_trials(with_budget(study, by, amount), trials))
}

/// The study with the budget `amount`.
fn with_budget(study: &Study, by: BudgetUnit, amount: f64) -> Study {
    let mut study = study.clone();
    study.settings.retain(|name, _| !BUDGETS.contains(&name.as_str()));
    let value = match by {
        BudgetUnit::Steps | BudgetUnit::Examples | BudgetUnit::Readings => Value::Int(amount.round() as i64),
        BudgetUnit::Epochs | BudgetUnit::Seconds => {
            Value::Float(sweep_settings::round_significant(amount, 4))
        }
    };
    study.settings.insert(by.unit().to_owned(), value);
    study
}

/// A trial ended at `amount`; unchanged where it ended before by itself.
fn cut(times: &StepTimes<'_>, trial: &Trial, by: BudgetUnit, amount: f64) -> Result<Trial, EqualBudgetError> {
    let along = by.along(times, trial);
    let reached = |x: &f64| *x >= amount * (1.0 - SAME);
    let Some(next) = along.iter().position(reached) else { return Ok(trial.clone()) };
    let first = along.first().copied().unwrap_or(f64::NAN);
    let exact = along.get(next).is_some_and(|x| *x <= amount * (1.0 + SAME));
    let from = match next.checked_sub(1) {
        _ if exact => next,
        Some(from) => from,
        None if trial.outcome.usable() => {
            let batch = times.study.batch(&trial.point).unwrap_or(f64::NAN);
            return Err(EqualBudgetError::Coarse { unit: by.unit(), amount, batch, first });
        }
        None => return Ok(trial.clone()),
    };
    let (low, high) = (along.get(from).copied().unwrap_or(first), along.get(next).copied().unwrap_or(first));
    let share = if exact { Share::default() } else { Share::of(amount, low, high) };
    let metrics = row(trial, from, next, share);
    let curve = &trial.curve;
    let steps: Vec<f64> = curve.step.iter().map(|step| *step as f64).collect();
    let given = |values: &[f64]| {
        let (a, b) = (values.get(from).copied().unwrap_or(0.0), values.get(next).copied().unwrap_or(0.0));
        a + share.even * (b - a)
    };
    let (steps, epochs) = (given(&steps).round() as u64, given(&curve.epoch));
    let mut kept = Curve::default();
    for index in 0..next {
        let (step, epoch) = (curve.step.get(index).copied(), curve.epoch.get(index).copied());
        kept.push(step.unwrap_or(0), epoch.unwrap_or(0.0), &curve.row(index));
    }
    kept.push(steps, epochs, &metrics);
    let outcome = match &trial.outcome {
        Outcome::Diverged { .. } | Outcome::Pruned | Outcome::EndedEarly => {
            Outcome::Complete { stuck: false }
        }
        other => other.clone(),
    };
    Ok(Trial { outcome, steps, epochs, metrics, curve: kept, ..trial.clone() })
}

/// How far an amount lies from one reading to the next.
#[derive(Clone, Copy, Default)]
struct Share {
    /// By difference: so steps, epochs and seconds grow.
    even: f64,
    /// By ratio, as learning proceeds.
    ratio: f64,
}

impl Share {
    fn of(amount: f64, low: f64, high: f64) -> Share {
        let even = (amount - low) / (high - low);
        let ratio = if low > 0.0 { (amount / low).ln() / (high / low).ln() } else { even };
        Share { even, ratio }
    }
}

/// The metrics at a share of the way from one reading to another.
fn row(trial: &Trial, from: usize, next: usize, share: Share) -> Metrics {
    let (start, end): (Metrics, Metrics) = (trial.curve.row(from), trial.curve.row(next));
    let value = |(name, a): (&String, &f64)| {
        let b = end.get(name).copied().unwrap_or(f64::NAN);
        let value = if share.even == 0.0 || *a == b {
            *a
        } else if name == SECONDS {
            a + share.even * (b - a)
        } else if name.ends_with("loss") && *a > 0.0 && b > 0.0 {
            (a.ln() + share.ratio * (b.ln() - a.ln())).exp()
        } else {
            a + share.ratio * (b - a)
        };
        (name.clone(), value)
    };
    start.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged};

    /// Losses of 2.4 / epoch, read each third of 3 epochs of 50,000 examples.
    fn record() -> StudyRecord {
        Made::new(&["lr=0.1", "batch=32,64"])
            .trial("lr=0.1 batch=32", &[0.8])
            .trial("lr=0.1 batch=64", &[0.6])
            .change(|trial| {
                for (value, epoch) in trial.curve.metrics.get_mut("val_loss").unwrap().iter_mut().zip(1..) {
                    *value = 2.4 / f64::from(epoch);
                }
            })
            .record()
    }

    #[test]
    fn equal_epochs_are_what_was_run() {
        let record = record();
        let read = at_equal_budget(&record, BudgetUnit::Epochs).unwrap();
        assert_eq!(read.study.settings.get("epochs"), Some(&Value::Float(3.0)));
        assert_eq!(read.trials[0].curve, record.trials[0].curve);
        assert_eq!(read.trials[0].metrics["val_loss"], 2.4 / 3.0);
    }

    #[test]
    fn equal_steps_are_those_of_the_largest_batch() {
        let record = record();
        let read = at_equal_budget(&record, BudgetUnit::Steps).unwrap();
        // 3 epochs of B=64 are 2,346 steps, and about 1.5 of B=32.
        assert_eq!(read.study.settings.get("steps"), Some(&Value::Int(2346)));
        assert_eq!(read.study.settings.get("epochs"), None);
        let small = &read.trials[0];
        assert_eq!((small.steps, small.curve.len()), (2346, 2));
        assert!((small.epochs - 1.5).abs() < 0.1, "{}", small.epochs);
        // On a power law the straight line in logarithms is exact.
        let expected = 2.4 / (2346.0 / 1563.0);
        assert!((small.metrics["val_loss"] / expected - 1.0).abs() < 1e-9, "{:?}", small.metrics);
        assert_eq!(read.trials[1].metrics["val_loss"], record.trials[1].curve.metric("val_loss")[2]);
    }

    #[test]
    fn what_diverged_later_had_not_diverged_yet() {
        let late = (Outcome::Diverged { step: 4000 }, f64::NAN);
        let record = Made::new(&["lr=0.1,1,2", "batch=32,64"])
            .trial("lr=0.1 batch=64", &[0.6])
            .outcomes("lr=1 batch=32", vec![Err(late)])
            .outcomes("lr=2 batch=32", vec![diverged(40)])
            .record();
        let read = at_equal_budget(&record, BudgetUnit::Steps).unwrap();
        assert_eq!(read.trials[1].outcome, Outcome::Complete { stuck: false });
        assert_eq!(read.trials[2].outcome, Outcome::Diverged { step: 40 });
    }

    #[test]
    fn readings_too_far_apart_are_refused() {
        let record = Made::new(&["lr=0.1", "batch=32,512"])
            .trial("lr=0.1 batch=32", &[0.8])
            .trial("lr=0.1 batch=512", &[0.6])
            .record();
        let error = at_equal_budget(&record, BudgetUnit::Steps).unwrap_err();
        assert_eq!(
            error,
            EqualBudgetError::Coarse { unit: "steps", amount: 294.0, batch: 32.0, first: 1563.0 }
        );
        assert!(error.to_string().contains("--report-every"), "{error}");
        assert!(at_equal_budget(&record, BudgetUnit::Seconds).is_ok());
    }

    #[test]
    fn nothing_is_read_where_nothing_ended_well() {
        let record = Made::new(&["lr=0.1"]).record();
        assert_eq!(at_equal_budget(&record, BudgetUnit::Seconds), Err(EqualBudgetError::Nothing("seconds")));
        let target = crate::fixtures::until(&["lr=0.5", "batch=8..64"], 150.0);
        assert_eq!(at_equal_budget(&target, BudgetUnit::Steps), Err(EqualBudgetError::Target));
    }
}
