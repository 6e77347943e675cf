//! `--from`: warm-starting a study with the trials of other studies.

use anyhow::Result;
use sweep_search::{Evidence, sampler};
use sweep_study::{Direction, Earlier, EarlierTrial, Goal, Study};

use crate::options::RunOptions;
use crate::refusal::refuse;
use crate::store::{self, Store};
use crate::study::record;

/// Refuses a warm start under a sampler that does not learn from trials.
///
/// # Errors
/// The sampler, and those that learn.
pub fn check(study: &Study) -> Result<()> {
    let Some(Earlier { study: from, .. }) = study.from.first() else { return Ok(()) };
    if sampler::learns(&study.sampler) {
        return Ok(());
    }
    let learning: Vec<&str> = sampler::names().filter(|name| sampler::learns(name)).collect();
    refuse(format!(
        "--from {from}: the sampler {} does not learn from trials; choose one of {}",
        study.sampler,
        learning.join(", ")
    ))
}

/// Gives `study` the trials of the studies that it begins from: where it continues, those that it began from, else
/// those that have ended by now. Says how many lie in its space.
///
/// # Errors
/// A study that there is not, or one of another metric.
pub fn take(study: &mut Study, options: &RunOptions) -> Result<()> {
    let names = |study: &Study| study.from.iter().map(|earlier| earlier.study.clone()).collect::<Vec<_>>();
    let wanted = names(study);
    let folder = options.report.results.join(&study.name);
    if !wanted.is_empty() && !options.fresh && folder.join(store::FILE).is_file() {
        let before = Store::read(&folder)?.revisions()?.pop();
        if let Some(before) = before.filter(|before| names(before) == wanted) {
            study.from = before.from;
            return Ok(());
        }
    }
    study.from = wanted.into_iter().map(|name| read(study, name, options)).collect::<Result<_>>()?;
    Ok(())
}

/// The trials of the study `name` that are informative about a point of the space of `study`.
fn read(study: &Study, name: String, options: &RunOptions) -> Result<Earlier> {
    let (_, other, _) = record::read(&options.report.results, Some(&name))?;
    if other.study.goal != study.goal {
        return refuse(format!(
            "--from {name}: its trials {}, but this study's {}; choose a study with the same goal",
            words(&other.study.goal),
            words(&study.goal)
        ));
    }
    // They are judged by this study's bounds and ranking.
    let judged =
        Study { subject_to: study.subject_to.clone(), rank: study.rank, floor: study.floor, ..other.study };
    let mut trials = Vec::new();
    let mut known = 0;
    for trial in &other.trials {
        let value = match Evidence::from_trial(&judged, trial) {
            Evidence::Nothing => continue,
            Evidence::Diverged => None,
            Evidence::Loss(_) => Some(judged.value(trial)),
        };
        known += 1;
        trials.extend(study.place(&judged, trial).map(|point| EarlierTrial { point, value }));
    }
    let outside = known - trials.len();
    let inside = match outside {
        0 => format!("warm start with {known} trials of `{name}`"),
        _ => format!(
            "warm start with {} of {known} trials of `{name}`; the others lie outside these ranges",
            trials.len()
        ),
    };
    match judged.conflict(study) {
        Some(why) => options.report.print(&format!("{inside} ({why}; its values are used unchanged)")),
        None => options.report.print(&inside),
    }
    Ok(Earlier { study: name, trials })
}

fn words(goal: &Goal) -> String {
    match goal.direction {
        Direction::Minimize => format!("minimize {}", goal.metric),
        Direction::Maximize => format!("maximize {}", goal.metric),
    }
}
