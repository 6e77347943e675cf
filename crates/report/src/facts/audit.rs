//! How often pruning was wrong, by the pruned trials that were run to their end all the same.

use serde::Serialize;
use sweep_stats::distribution::binomial_interval;
use sweep_study::{Outcome, StudyRecord, Trial};

use super::estimate::{CONFIDENCE, Estimate, Status};
use super::measure::Measure;

/// Audited trials below which the rate counts as unknown.
const ENOUGH: usize = 20;

/// The share of the trials that counts as the best: pruning one that would have ended among them was wrong.
const BEST: f64 = 0.1;

/// The audited trials of one learning rate (to a factor of about two) or batch size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stratum {
    /// The learning rate or batch size.
    pub value: f64,
    /// How many of them there are.
    pub audited: usize,
    /// How many of them ended among the best tenth.
    pub wrong: usize,
}

/// What the audit of a pruner found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// Trials that were pruned, the audited ones among them.
    pub pruned: usize,
    /// The value that the best tenth of all trials reach, of those that were run to their end.
    pub bar: Option<f64>,
    /// The share of the audited trials that ended among the best tenth, with its exact binomial interval (Clopper &
    /// Pearson 1934, Biometrika 26); too few below twenty.
    pub false_stops: Estimate,
    /// The audited trials by learning rate, rising.
    pub by_lr: Vec<Stratum>,
    /// The audited trials by batch size, rising.
    pub by_batch: Vec<Stratum>,
}

/// The audit of a study; `None` where none was asked for.
pub fn audit(record: &StudyRecord, measure: &Measure) -> Option<Audit> {
    let study = &record.study;
    if study.pruning.audit <= 0.0 {
        return None;
    }
    let value = |trial: &Trial| Some(study.value(trial)).filter(|value| value.is_finite());
    let complete = |trial: &&Trial| trial.outcome.usable();
    let mut ended: Vec<f64> = record.trials.iter().filter(complete).filter_map(value).collect();
    ended.sort_by(|a, b| measure.order(Some(*a), Some(*b)));
    let place = (BEST * record.trials.len() as f64).ceil() as usize;
    let bar = ended.get(place.max(1) - 1).or(ended.last()).copied();
    let wrong = |trial: &Trial| {
        let reached = value(trial).filter(|_| trial.outcome.usable());
        reached.zip(bar).is_some_and(|(value, bar)| !measure.better(bar, value))
    };
    let audited: Vec<&Trial> = record.trials.iter().filter(|trial| trial.audited).collect();
    let put_aside = |trial: &&Trial| trial.audited || trial.outcome == Outcome::Pruned;
    let counted = audited.iter().filter(|trial| wrong(trial)).count();
    let strata = |of: &dyn Fn(&Trial) -> Option<f64>| {
        let mut strata: Vec<Stratum> = Vec::new();
        for trial in &audited {
            let Some(value) = of(trial) else { continue };
            let at = strata.partition_point(|stratum| stratum.value < value);
            if strata.get(at).is_none_or(|stratum| stratum.value != value) {
                strata.insert(at, Stratum { value, audited: 0, wrong: 0 });
            }
            strata[at].audited += 1;
            strata[at].wrong += usize::from(wrong(trial));
        }
        strata
    };
    let by_lr =
        strata(&|trial| study.lr(&trial.point).map(|lr| 10f64.powf((3.0 * lr.log10()).round() / 3.0)));
    let by_batch = strata(&|trial| study.batch(&trial.point));
    let pruned = record.trials.iter().filter(put_aside).count();
    Some(Audit { pruned, bar, false_stops: rate(counted, audited.len()), by_lr, by_batch })
}

fn rate(wrong: usize, audited: usize) -> Estimate {
    if audited == 0 {
        return Estimate::none("share", 0, Status::Few);
    }
    let (low, high) = binomial_interval(wrong as u64, audited as u64, CONFIDENCE);
    let enough = audited >= ENOUGH;
    Estimate {
        estimate: enough.then_some(wrong as f64 / audited as f64),
        low: Some(low),
        high: Some(high),
        confidence: Some(CONFIDENCE),
        unit: "share",
        n: audited,
        status: if enough { Status::Ok } else { Status::Few },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    /// Forty trials of values 1 to 40; those from 11 on were pruned and audited.
    fn audited(wrongly: usize) -> StudyRecord {
        let lrs: Vec<String> = (1..=40).map(|lr| format!("{lr}")).collect();
        let lrs: Vec<&str> = lrs.iter().map(String::as_str).collect();
        let values: Vec<f64> = (1..=40).map(f64::from).collect();
        let axis = format!("lr={}", lrs.join(","));
        let mut record = Made::new(&[&axis, "batch=32"]).row(&lrs, &values).record();
        record.study.pruning.audit = 0.1;
        for trial in &mut record.trials {
            trial.audited = trial.number >= 20 || trial.number < wrongly as u64;
        }
        record
    }

    #[test]
    fn audited_trials_among_the_best_tenth_were_pruned_wrongly() {
        let facts = crate::facts(&audited(2));
        let audit = facts.audit.as_ref().unwrap();
        assert_eq!((audit.bar, audit.pruned, audit.false_stops.n), (Some(4.0), 22, 22));
        assert_eq!(audit.false_stops.estimate, Some(2.0 / 22.0));
        assert_eq!(audit.by_lr.iter().map(|stratum| stratum.wrong).sum::<usize>(), 2);
        let text = crate::verdict(&audited(2), &facts);
        assert!(text.contains("2 of 22 pruned trials"), "{text}");
    }

    #[test]
    fn fewer_than_twenty_tell_nothing() {
        let mut record = audited(0);
        record.trials.iter_mut().for_each(|trial| trial.audited = trial.number >= 25);
        let facts = crate::facts(&record);
        assert_eq!(facts.audit.as_ref().unwrap().false_stops.status, Status::Few);
        assert!(crate::verdict(&record, &facts).contains("unknown"));
    }
}
