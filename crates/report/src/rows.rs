//! The trials as rows, for spreadsheets and streams: CSV and JSON lines. Nothing in them comes from a clock.

use std::collections::BTreeSet;

use sweep_study::{Outcome, SECONDS, Study, StudyRecord, Trial, Value};

use super::results;

/// `trials.csv`: a heading, then one row per trial, by number. A parameter that does not apply, a metric that was not
/// measured and a step in which nothing diverged are empty; numbers that are not finite are `NaN`, `inf`, `-inf`.
pub fn csv(record: &StudyRecord) -> String {
    let study = &record.study;
    let derived = study.derived.iter().map(|derived| derived.name());
    let axes: Vec<&str> =
        study.space.parameters.iter().map(|axis| axis.name.as_str()).chain(derived).collect();
    let metrics: BTreeSet<&str> =
        record.trials.iter().flat_map(|trial| trial.metrics.keys()).map(String::as_str).collect();
    let metrics: Vec<&str> = metrics.into_iter().filter(|name| *name != SECONDS).collect();
    let mut head = vec!["number"];
    head.extend(&axes);
    head.extend(["replicate", "seed", "outcome", "stuck", "diverged_at", "steps", "epochs"]);
    head.extend(&metrics);
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<String>>()];
    rows.extend(by_number(record).into_iter().map(|trial| row(study, trial, &axes, &metrics)));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and all rows have one length.
        let _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// JSON lines: one object a trial, as in `results.json`, by number.
pub fn jsonl(record: &StudyRecord) -> String {
    by_number(record).into_iter().map(|trial| format!("{}\n", results::trial(&record.study, trial))).collect()
}

fn by_number(record: &StudyRecord) -> Vec<&Trial> {
    let mut trials: Vec<&Trial> = record.trials.iter().collect();
    trials.sort_by_key(|trial| trial.number);
    trials
}

fn row(study: &Study, trial: &Trial, axes: &[&str], metrics: &[&str]) -> Vec<String> {
    let stuck = matches!(trial.outcome, Outcome::Complete { stuck: true });
    let diverged_at = match trial.outcome {
        Outcome::Diverged { step } => step.to_string(),
        _ => String::new(),
    };
    let params = study.params(&trial.point);
    let mut row = vec![trial.number.to_string()];
    row.extend(axes.iter().map(|name| params.get(name).map(Value::to_string).unwrap_or_default()));
    row.extend([
        trial.replicate.to_string(),
        trial.seed.to_string(),
        trial.outcome.name().to_owned(),
        stuck.to_string(),
        diverged_at,
        if trial.counted { String::new() } else { trial.steps.to_string() },
        trial.epochs.to_string(),
    ]);
    row.extend(metrics.iter().map(|name| trial.metrics.get(*name).map(f64::to_string).unwrap_or_default()));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged};

    fn record() -> StudyRecord {
        let made = Made::new(&["lr=0.1,1", "schedule=constant,cosine"]);
        made.trial("lr=0.1 schedule=cosine", &[0.5])
            .outcomes("lr=1 schedule=constant", vec![diverged(7)])
            .record()
    }

    #[test]
    fn a_row_a_trial() {
        let text = csv(&record());
        let mut lines = text.lines();
        let head = "number,lr,schedule,replicate,seed,outcome,stuck,diverged_at,steps,epochs,";
        assert_eq!(lines.next(), Some(format!("{head}train_loss,val_accuracy,val_loss").as_str()));
        assert!(lines.next().unwrap().starts_with("0,0.1,cosine,0,0,complete,false,,4689,3,"), "{text}");
        let last = lines.next().unwrap();
        assert!(
            last.starts_with("1,1,constant,0,0,diverged,false,7,7,") && last.ends_with(",,,NaN"),
            "{text}"
        );
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn a_line_a_trial() {
        let text = jsonl(&record());
        let trials: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(trials.len(), 2);
        assert_eq!(trials[0]["params"]["schedule"], "cosine");
        assert_eq!(trials[1]["metrics"]["val_loss_reason"], "nan");
    }
}
