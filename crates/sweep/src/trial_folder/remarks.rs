//! Remarks on a study of commands, printed with its verdict: which batch sizes fitted, whether seeds had an effect, and
//! which trials a changed script ran.

use std::collections::BTreeMap;

use sweep_settings::plain;
use sweep_study::{Outcome, StudyRecord, Trial};

/// The sentences, none for the built-in trainer.
pub fn remarks(record: &StudyRecord) -> Vec<String> {
    if record.study.command.is_none() {
        return Vec::new();
    }
    [memory(record), seeds(record), changed(record)].into_iter().flatten().collect()
}

/// The largest batch size that fitted, where one did not.
fn memory(record: &StudyRecord) -> Option<String> {
    let infeasible = |trial: &&Trial| matches!(trial.outcome, Outcome::Infeasible { .. });
    let count = record.trials.iter().filter(infeasible).count();
    if count == 0 {
        return None;
    }
    let ran = |trial: &&Trial| !matches!(trial.outcome, Outcome::Infeasible { .. } | Outcome::Failed { .. });
    let sizes = record.trials.iter().filter(ran).filter_map(|trial| record.study.batch(&trial.point));
    let fitted = match sizes.max_by(f64::total_cmp) {
        Some(size) => format!("the largest batch size that fitted is {}", plain(size)),
        None => "no batch size fitted".to_owned(),
    };
    Some(format!("{count} of {} trials did not fit into memory; {fitted}.", record.trials.len()))
}

/// How many trials a changed script ran.
fn changed(record: &StudyRecord) -> Option<String> {
    let count = record.trials.iter().filter(|trial| trial.changed).count();
    (count > 0).then(|| {
        let all = record.trials.len();
        format!("{count} of {all} trials were run after the script had changed; results.json marks them.")
    })
}

/// Whether the replicates of every point gave exactly the same value.
fn seeds(record: &StudyRecord) -> Option<String> {
    let mut points: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for trial in record.trials.iter().filter(|trial| trial.outcome.usable()) {
        points.entry(trial.point.key()).or_default().push(record.study.value(trial).to_bits());
    }
    let repeated: Vec<&Vec<u64>> = points.values().filter(|values| values.len() > 1).collect();
    let equal = |values: &&Vec<u64>| values.iter().all(|value| *value == values[0]);
    (!repeated.is_empty() && repeated.iter().all(equal)).then(|| {
        "Replicates gave exactly the same value: your script ignores the seed. Pass it as {seed}, or read SWEEP_SEED.".to_owned()
    })
}
