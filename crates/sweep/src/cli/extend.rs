//! `sweep extend` and `sweep resume`: going on with a study.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::Facts;
use sweep_study::{Axis, Extra, Study, StudyRecord};

use super::args::Running;
use crate::engine::plan;
use crate::executor::Objective;
use crate::prepare::{affordable, checked};
use crate::refusal::refuse;
use crate::run::tell;
use crate::store::Store;
use crate::{catalogue, output, place, run};

/// What is said where nothing is to be widened.
const INSIDE: &str = "the best lies inside the space for every batch size; nothing asks to be extended";

/// Widens a study.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep extend                  widen the latest study where its best lies on the border
  sweep extend quick lr=..1     let lr reach up to 1, in the steps it has
  sweep extend quick batch=256  one more batch size
Only the cells that are missing are run. A study whose sampler learns keeps its axes; points beyond their borders are added.")]
pub struct Extend {
    /// The study, then the axes to widen; without a study the latest, without axes those the verdict asks for
    #[arg(value_name = "STUDY | NAME=VALUES")]
    words: Vec<String>,
    #[command(flatten)]
    running: Running,
}

impl Extend {
    /// Widens the study and runs what is missing.
    pub fn run(self) -> Result<ExitCode> {
        let (axes, names): (Vec<String>, Vec<String>) =
            self.words.into_iter().partition(|word| word.contains('='));
        if names.len() > 1 {
            return refuse(format!("extend takes one study, not {}", names.join(" and ")));
        }
        let results = &self.running.output.place.results;
        let folder = place::find(results, names.first().map(String::as_str))?;
        let store = Store::write(&folder)?;
        let Some(record) = run::record(store.load()?)? else {
            return refuse(format!("the study in {} was never started", folder.display()));
        };
        let facts = sweep_report::facts(&record);
        if plan::adapts(&record.study) {
            if !axes.is_empty() && axes != facts.extend {
                return refuse(format!(
                    "{} was searched by {}, whose axes stay; leave out {} to run points beyond its borders, or start another study",
                    record.study.name,
                    record.study.sampler,
                    axes.join(" ")
                ));
            }
            return beyond(store, &folder, &record, &facts, &self.running);
        }
        let axes = if axes.is_empty() { facts.extend } else { axes };
        if axes.is_empty() {
            output::complain(INSIDE);
            return run::go_on(store, &folder, None, &self.running);
        }
        let wider = widened(&record.study, &axes)?;
        affordable(&wider, self.running.max_trials)?;
        let objective = checked(&Objective::open(&wider)?, &wider, &plan::likely(&wider)?)?;
        run::go_on(store, &folder, Some((wider, objective)), &self.running)
    }
}

/// Goes on with a study whose sampler or pruner looks at its trials, by points beyond the borders on which a best value lies.
fn beyond(
    store: Store,
    folder: &Path,
    record: &StudyRecord,
    facts: &Facts,
    running: &Running,
) -> Result<ExitCode> {
    let borders = sweep_report::facts::beyond(&record.study, facts);
    if borders.is_empty() {
        output::complain(INSIDE);
        return run::go_on(store, folder, None, running);
    }
    borders.iter().for_each(|border| tell(running, &border.why));
    let points = borders.into_iter().flat_map(|border| border.points).collect();
    let extra = Extra { points, first: 0, count: record.study.replicates };
    let newest = Study { extra: Some(extra), ..record.study.clone() };
    let objective = Objective::open(&newest)?;
    run::go_on(store, folder, Some((newest, objective)), running)
}

/// The study with each of `axes` widened.
fn widened(study: &Study, axes: &[String]) -> Result<Study> {
    let catalogue = catalogue::of_study(study)?;
    let mut wider = study.clone();
    for text in axes {
        let axis = Axis::read(text)?;
        let entry = catalogue.find(&axis.name);
        let full = entry.as_ref().map_or(axis.name.as_str(), |entry| entry.name.as_str());
        let parameter = wider.space.parameters.iter_mut().find(|parameter| parameter.name == full);
        let (Some(entry), Some(parameter)) = (&entry, parameter) else {
            let names: Vec<&str> = study.space.parameters.iter().map(|axis| axis.name.as_str()).collect();
            return refuse(format!(
                "`{}` is no axis of {}; it has {}",
                axis.name,
                study.name,
                names.join(", ")
            ));
        };
        parameter.domain = parameter.domain.extended(&axis, entry)?;
    }
    Ok(wider)
}

/// Goes on with an interrupted study.
#[derive(Args)]
pub struct Resume {
    /// The study [default: the latest]
    study: Option<String>,
    #[command(flatten)]
    running: Running,
}

impl Resume {
    /// Runs what is left.
    pub fn run(self) -> Result<ExitCode> {
        let folder = place::find(&self.running.output.place.results, self.study.as_deref())?;
        run::go_on(Store::write(&folder)?, &folder, None, &self.running)
    }
}
