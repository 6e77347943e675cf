//! From words to a study that can run: every fault of the words or the data is found here, before anything is
//! written.

use std::sync::Arc;

use anyhow::Result;
use sweep_study::{Direction, Pruning, SpecFile, Study};

use crate::engine::events::Planned;
use crate::engine::plan;
use crate::executor::native::Native;
use crate::refusal::refuse;

/// The setting that says when readings are taken.
const REPORT_EVERY: &str = "report_every";

/// A study whose every trial can start.
pub struct Prepared {
    /// The study.
    pub study: Study,
    /// What runs its trials.
    pub executor: Arc<Native>,
    /// What its trials will be like, see [`plan::likely`].
    pub likely: Vec<Planned>,
}

/// Checks a specification: names, values, data, the number of trials, and each point.
///
/// # Errors
/// The first fault found.
pub fn prepare(spec: &SpecFile, max_trials: u64) -> Result<Prepared> {
    let spec = read_at_rungs(spec)?;
    let mut study = spec.resolve(&crate::catalogue::of_data(spec.data.as_deref()))?;
    if !sweep_search::NAMES.contains(&study.sampler.as_str()) {
        return refuse(format!("there is no sampler `{}`; there are {}", study.sampler, plan::names()));
    }
    affordable(&study, max_trials)?;
    let data = Native::open(&study)?;
    study.train_examples = data.train_examples();
    let likely = plan::likely(&study)?;
    Ok(Prepared { executor: checked(data, &study, &likely)?, study, likely })
}

/// The specification with readings at the first rung of its pruner and each further such share of the budget, unless it
/// says itself when to take readings; and with nothing to wait for where the pruner is to wait for nothing.
fn read_at_rungs(spec: &SpecFile) -> Result<SpecFile> {
    let mut spec = spec.clone();
    let Some(name) = spec.pruner.clone() else { return Ok(spec) };
    let pruning = Pruning::of(&spec)?;
    // The direction matters to none of the rungs.
    let pruner = sweep_search::pruner::build(&name, &pruning.pruner_set, Direction::Minimize)
        .or_else(|why| refuse(why.to_string()))?;
    let said = spec.settings.iter().any(|(name, _)| name == REPORT_EVERY);
    let said = said || spec.axes.iter().any(|axis| axis.starts_with(REPORT_EVERY));
    if let Some(first) = pruner.rungs().first().filter(|first| !said && **first < 1.0) {
        spec.settings.push((REPORT_EVERY.to_owned(), format!("{:.6}%", 100.0 * first)));
    }
    if pruner.population().is_some() && spec.replicates.is_some_and(|count| count > 1) {
        return refuse("a population trains each point once; repeat the study with another --seed instead");
    }
    if name == "asha-async" {
        spec.lag = Some("async".to_owned());
    }
    Ok(spec)
}

/// The executor of `study` over the data of `opened`, each of its `likely` trials seen to be able to start.
///
/// # Errors
/// The first point that could not.
pub fn checked(opened: Native, study: &Study, likely: &[Planned]) -> Result<Arc<Native>> {
    let executor = opened.with(study.clone());
    for trial in likely {
        check(&executor, trial)?;
    }
    Ok(Arc::new(executor))
}

/// Refuses a study of more trials than `most`.
///
/// # Errors
/// The number of trials and how to allow it.
pub fn affordable(study: &Study, most: u64) -> Result<()> {
    let trials = plan::points(study).saturating_mul(u128::from(study.replicates));
    if trials <= u128::from(most) {
        return Ok(());
    }
    let count = grouped(trials);
    refuse(format!(
        "this is {count} trials, more than {most}; narrow an axis, or allow it with --max-trials {trials}"
    ))
}

/// Refuses a trial that could not start.
///
/// # Errors
/// The setting at fault and the point that has it.
pub fn check(executor: &Native, trial: &Planned) -> Result<()> {
    match executor.specification(&trial.point) {
        Ok(_) => Ok(()),
        Err(error) if trial.point.0.is_empty() => refuse(error.to_string()),
        Err(error) => refuse(format!("{error}\n  at the point {}", trial.point)),
    }
}

/// A whole number with a comma at each thousand.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(super::grouped(1_000_000_000), "1,000,000,000");
        assert_eq!(super::grouped(28), "28");
    }
}
