//! The usual meaning of column names.

use sweep_settings::size;
use sweep_study::Direction;

use super::table::number;

/// Words in the names of metrics, for columns of numbers.
const METRICS: [&str; 32] = [
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
    "valid",
    "best",
    "top",
    "top1",
    "bpb",
    "iou",
    "wer",
    "dice",
];

/// Words in the names of metrics of which the lowest value is the best.
const LOWER: [&str; 13] = [
    "loss",
    "error",
    "err",
    "mse",
    "mae",
    "rmse",
    "nll",
    "perplexity",
    "ppl",
    "bpb",
    "wer",
    "mape",
    "logloss",
];

/// Words in the names of metrics of which the highest value is the best.
const HIGHER: [&str; 15] = [
    "acc",
    "accuracy",
    "auc",
    "f1",
    "bleu",
    "rouge",
    "precision",
    "recall",
    "reward",
    "return",
    "r2",
    "top",
    "top1",
    "iou",
    "dice",
];

/// Names of columns that say what was trained rather than how: the size of the model and of the data, and what they are.
const GROUPS: [&str; 22] = [
    "n",
    "d",
    "params",
    "n_params",
    "num_params",
    "parameters",
    "n_parameters",
    "num_parameters",
    "model_size",
    "model_params",
    "tokens",
    "n_tokens",
    "num_tokens",
    "d_tokens",
    "train_tokens",
    "dataset",
    "data",
    "corpus",
    "task",
    "chinchilla",
    "target_loss",
    "workload",
];

/// Names of columns that identify or describe runs and are not part of a study.
const LABELS: [&str; 33] = [
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
    "file",
    "filename",
    "path",
    "url",
    "exp",
    "exp_name",
    "wandb_project",
    "project",
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
        "id" | "name"
            | "run"
            | "run_id"
            | "run_name"
            | "trial"
            | "trial_id"
            | "trial_name"
            | "number"
            | "config"
            | "config_id"
            | "exp_name"
    )
}

/// Which way a metric is better, if its name says so.
pub fn direction(name: &str) -> Option<Direction> {
    let any = |words: &[&str]| parts(last(name)).any(|part| words.contains(&part.as_str()));
    match (any(&LOWER), any(&HIGHER)) {
        (true, false) => Some(Direction::Minimize),
        (false, true) => Some(Direction::Maximize),
        _ => None,
    }
}

/// Whether a column of truths says which runs diverged.
pub fn diverged(name: &str) -> bool {
    parts(name).any(|part| matches!(part.as_str(), "nan" | "isnan" | "diverged"))
}

/// Whether a column holds a time, or how far a run came.
pub fn time(name: &str) -> bool {
    matches!(parts(name).last().as_deref(), Some("time" | "duration" | "elapsed" | "walltime" | "seen"))
}

/// Whether a column holds the rungs of successive halving by its name.
pub fn rung(name: &str) -> bool {
    matches!(last(name).to_lowercase().as_str(), "budget" | "rung")
}

/// Whether a column says what was trained rather than how: by its name, or as models named by their size, such as `85M`.
pub fn group<'a>(name: &str, cells: impl Iterator<Item = &'a str>) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let size = |cell: &str| number(cell).is_none() && size(cell).is_some();
    GROUPS.contains(&name.as_str()) || (name == "model" && cells.filter(|cell| !cell.is_empty()).all(size))
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
        "steps" | "max_steps" | "num_steps" | "n_steps" | "train_steps" | "total_steps" | "iterations"
        | "num_iterations" | "max_iters" | "max_iter" => Some("steps"),
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
