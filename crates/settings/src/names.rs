//! Names that several crates use: of settings, and of metrics that the program itself writes.

/// The learning rate η: the largest that the schedule reaches.
pub const LR: &str = "lr";
/// The batch size B: examples per update, at the start.
pub const BATCH: &str = "batch";
/// How the learning rate or the batch size changes over a run.
pub const SCHEDULE: &str = "schedule";
/// The steps over which the learning rate rises at first.
pub const WARMUP: &str = "warmup";
/// The rule by which a gradient changes the parameters.
pub const OPTIMIZER: &str = "optimizer";
/// What is trained.
pub const MODEL: &str = "model";
/// The decay of the weights at each update.
pub const WEIGHT_DECAY: &str = "weight_decay";
/// Synchronous workers that share each batch.
pub const WORKERS: &str = "workers";
/// When readings are taken.
pub const REPORT_EVERY: &str = "report_every";
/// The target at which a run ends, such as `until=val_loss=0.15`.
pub const UNTIL: &str = "until";
/// A budget in passes over the training data.
pub const EPOCHS: &str = "epochs";
/// A budget in updates.
pub const STEPS: &str = "steps";
/// A budget in training examples.
pub const EXAMPLES: &str = "examples";
/// The names that a budget may have. A run is given exactly one of them.
pub const BUDGETS: [&str; 3] = [EPOCHS, STEPS, EXAMPLES];
/// The data set or environment. It is not a setting of the trainer, but conditions of settings may name it.
pub const DATA: &str = "data";

/// The metric of a run that reached its target: the number of updates up to the first reading that reached it. A
/// complete run without this metric is censored: it would have needed more than its budget.
pub const STEPS_TO_TARGET: &str = "steps_to_target";

/// Whether a parameter of a command, or a column of a table of runs, is the seed by its name.
pub fn is_seed(name: &str) -> bool {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    matches!(last.to_lowercase().as_str(), "seed" | "random_seed" | "random_state" | "manual_seed")
}

/// Whether a setting affects only rates, readings and the end of a run, so that the time per step does not depend on
/// its value.
pub fn leaves_step_time(name: &str) -> bool {
    matches!(name, LR | WARMUP | REPORT_EVERY | UNTIL)
        || name == SCHEDULE
        || name.strip_prefix(SCHEDULE).is_some_and(|rest| rest.starts_with('.'))
        || BUDGETS.contains(&name)
}
