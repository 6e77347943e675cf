//! From typed words to a study that can run: every error in the words or the data is found here, before anything is
//! written.

use anyhow::Result;
use sweep_search::{pruner, sampler};
use sweep_settings::names::BUDGETS;
use sweep_study::{Direction, SpecFile, Study};

use crate::event::Planned;
use crate::plan;
use crate::refusal::refuse;
use crate::study::objective::Objective;
use crate::study::warm_start;

/// The setting that says when readings are taken.
const REPORT_EVERY: &str = "report_every";

/// A study whose every trial can start.
pub struct Prepared {
    /// The study.
    pub study: Study,
    /// What its trials run.
    pub objective: Objective,
    /// What its trials will be like, see [`plan::likely`].
    pub likely: Vec<Planned>,
}

/// Checks a specification: names, values, data, the number of trials, and each point.
///
/// # Errors
/// The first fault found.
pub fn prepare(spec: &SpecFile, max_trials: u64) -> Result<Prepared> {
    let spec = read_at_rungs(spec)?;
    let mut study = spec.resolve(&crate::catalogue::for_spec(&spec)?)?;
    sampler::find(&study.sampler)?;
    warm_start::check(&study)?;
    affordable(&study, max_trials)?;
    let opened = Objective::open(&study)?;
    study.train_examples = opened.train_examples();
    let likely = plan::likely(&study)?;
    Ok(Prepared { objective: checked(&opened, &study, &likely)?, study, likely })
}

/// The specification with readings at the first rung of its pruner and each further such share of the budget, unless it
/// says itself when to take readings; and with nothing to wait for where the pruner is to wait for nothing.
fn read_at_rungs(spec: &SpecFile) -> Result<SpecFile> {
    let mut spec = spec.clone();
    let Some(name) = spec.pruner.clone() else { return Ok(spec) };
    let pruning = spec.pruning()?;
    // The direction matters to none of the rungs.
    let entry = pruner::find(&name)?;
    let pruner = entry.build(&pruning.pruner_set, Direction::Minimize)?;
    let typed = spec.names().any(|name| name == REPORT_EVERY);
    if spec.command.is_some() {
        if !spec.names().any(|name| BUDGETS.contains(&name)) {
            return refuse(format!(
                "{name} stops trials at fractions of their budget, and none is set; give --epochs 10 or --steps 1000"
            ));
        }
    } else if let Some(first) = pruner.rungs().first().filter(|first| !typed && **first < 1.0) {
        spec.settings.push((REPORT_EVERY.to_owned(), format!("{:.6}%", 100.0 * first)));
    }
    if pruner.population().is_some() && spec.replicates.is_some_and(|count| count > 1) {
        return refuse(
            "--replicates is not allowed with a population, which trains each point once; repeat the study with another --seed",
        );
    }
    if entry.asynchronous {
        spec.lag = Some("async".to_owned());
    }
    Ok(spec)
}

/// The objective of `study`, reusing what was `opened` for it, after checking that each of its `likely` trials can
/// start.
///
/// # Errors
/// The first point that cannot start.
pub fn checked(opened: &Objective, study: &Study, likely: &[Planned]) -> Result<Objective> {
    let objective = opened.with(study)?;
    for trial in likely {
        objective.check(trial)?;
    }
    Ok(objective)
}

/// Refuses a study with more trials than `most`.
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
        "the study has {count} trials, more than {most}; narrow an axis, or allow them with --max-trials {trials}"
    ))
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
