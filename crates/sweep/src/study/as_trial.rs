//! What a trial runs, given for a study of runs that other programs made, so that it can continue.

use anyhow::Result;
use sweep_study::{Direction, GIVEN, SpecFile, Study, Value};

use crate::catalogue;
use crate::refusal::refuse;
use crate::study::objective::Objective;
use crate::study::reproduce;

/// The study with what its trials run, as `typed` puts it over a specification, and that opened.
///
/// # Errors
/// Imported runs without a word on what a trial runs, or another word than before; such a word for a study that knows
/// what it runs; settings or a metric of the runs that the trainer or the command does not have.
pub fn over(study: &Study, typed: &dyn Fn(SpecFile) -> SpecFile) -> Result<(Study, Objective)> {
    let given = typed(SpecFile::default());
    if given == SpecFile::default() {
        return Ok((study.clone(), Objective::of_stored(study)?));
    }
    if study.imported.is_none() {
        return refuse(format!(
            "{} already has a training command or model; a command, --model or --data works only with imported runs",
            study.name
        ));
    }
    let spec = typed(as_typed(study));
    if spec.command.is_none() && study.budget().1.is_none() && !spec.names().any(is_budget) {
        return refuse(format!(
            "{} does not record the length of its runs; give the budget of a trial with --epochs or --steps",
            study.data
        ));
    }
    let resolved = spec.resolve(&catalogue::for_spec(&spec)?)?;
    let before = study;
    let mut study = Study {
        sampler: GIVEN.to_owned(),
        imported: before.imported.clone(),
        space: before.space.clone(),
        replicates: before.replicates,
        ..resolved
    };
    if let Some(why) = before.conflict(&study).filter(|_| before.runs()) {
        return refuse(format!("{} can only continue with its own settings: {why}", before.name));
    }
    let opened = Objective::open(&study)?;
    study.train_examples = opened.train_examples();
    let objective = opened.with(&study)?;
    Ok((study, objective))
}

fn is_budget(name: &str) -> bool {
    sweep_settings::names::BUDGETS.contains(&name)
}

/// The axes, settings and goal of a study as they would be typed; its data was a file of runs.
fn as_typed(study: &Study) -> SpecFile {
    let (metric, settings) = (Some(study.goal.metric.clone()), study.settings.iter());
    let (minimize, maximize) = match study.goal.direction {
        Direction::Minimize => (metric, None),
        Direction::Maximize => (None, metric),
    };
    SpecFile {
        name: Some(study.name.clone()),
        minimize,
        maximize,
        settings: settings.map(|(name, value): (_, &Value)| (name.clone(), value.to_string())).collect(),
        axes: study.space.parameters.iter().map(reproduce::levels).collect(),
        ..SpecFile::default()
    }
}
