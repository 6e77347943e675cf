//! The usual meaning of column names.

/// Words in the names of metrics, for columns of numbers.
const METRICS: [&str; 24] = [
    "loss",
    "acc",
    "accuracy",
    "error",
    "err",
    "score",
    "reward",
    "return",
    "auc",
    "f1",
    "bleu",
    "rouge",
    "perplexity",
    "ppl",
    "mse",
    "mae",
    "rmse",
    "r2",
    "nll",
    "precision",
    "recall",
    "objective",
    "val",
    "test",
];

/// Names of columns that identify or describe runs and are not part of a study.
const LABELS: [&str; 25] = [
    "id",
    "name",
    "run",
    "run_id",
    "run_name",
    "trial",
    "trial_id",
    "trial_name",
    "number",
    "notes",
    "user",
    "tags",
    "created",
    "updated",
    "sweep",
    "host",
    "hostname",
    "git",
    "commit",
    "description",
    "date",
    "timestamp",
    "group",
    "job_type",
    "experiment",
];

/// The parts of a name, in lower case.
fn parts(name: &str) -> impl Iterator<Item = String> {
    name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase)
}

/// The last part of a dotted or slashed name.
pub fn last(name: &str) -> &str {
    name.rsplit(['.', '/']).next().unwrap_or(name)
}

/// Whether a column of numbers is a metric's by its name.
pub fn metric(name: &str) -> bool {
    parts(name).any(|part| METRICS.contains(&part.as_str()))
}

/// Whether a column labels runs: by its name, or as those that programs add for themselves begin, with `_`.
pub fn label(name: &str) -> bool {
    name.is_empty() || name.starts_with('_') || LABELS.contains(&name.to_lowercase().as_str())
}

/// Whether a label is the same in all rows of a run and differs between runs.
pub fn identity(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "id" | "name" | "run" | "run_id" | "run_name" | "trial" | "trial_id" | "trial_name" | "number"
    )
}

/// Whether a column holds the state in which a run ended.
pub fn state(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "state" | "status")
}

/// Whether a column holds the seconds that a run took.
pub fn seconds(name: &str) -> bool {
    matches!(name, "seconds" | "Runtime" | "_runtime" | "runtime" | "time_total_s" | "duration_s")
}

/// The name of a parameter here if it is a budget, by its usual names.
pub fn budget(name: &str) -> Option<&'static str> {
    match last(name) {
        "epochs" | "max_epochs" | "num_epochs" | "n_epochs" | "num_train_epochs" => Some("epochs"),
        "steps" | "max_steps" | "num_steps" | "n_steps" | "train_steps" => Some("steps"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_they_mean_by_custom() {
        for name in ["val_loss", "eval/accuracy", "Test Acc", "f1"] {
            assert!(metric(name), "{name}");
        }
        for name in ["dropout", "lr", "label_smoothing", "validate_every"] {
            assert!(!metric(name), "{name}");
        }
        assert_eq!([budget("bs"), budget("trainer.num_train_epochs")], [None, Some("epochs")]);
        assert!(label("_step") && label("Name") && !label("width"));
    }
}
