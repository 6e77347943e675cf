//! `sweep extend` and `sweep resume`: going on with a study.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::Facts;
use sweep_study::{Axis, Extra, Point, Study, Value};

use super::args::Running;
use super::as_trial::AsTrial;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::objective::Objective;
use crate::study::plan;
use crate::study::prepare::{affordable, checked};
use crate::study::run;
use crate::study::run::tell;
use crate::study::study_dir;
use crate::{catalogue, output};

/// What is said where nothing is to be widened.
const INSIDE: &str = "the best lies inside the space for every batch size; nothing asks to be extended";

/// Widens a study.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep extend                  widen the latest study where its best lies on the border
  sweep extend quick lr=..1     let lr reach up to 1, in the steps it has
  sweep extend quick batch=256  one more batch size
  sweep extend runs lr=..1 -- python train.py --lr {lr} --bs {batch}   runs read by `sweep report runs.csv` before
Only the cells that are missing are run. A study whose sampler learns keeps its axes; points beyond their borders are added.")]
pub struct Extend {
    /// The study, then the axes to widen; without a study the latest, without axes those the verdict asks for
    #[arg(value_name = "STUDY | NAME=VALUES")]
    words: Vec<String>,
    #[command(flatten)]
    trial: AsTrial,
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
        let folder = study_dir::find(results, names.first().map(String::as_str))?;
        let store = Store::write(&folder)?;
        let Some(record) = run::record(store.load()?)? else {
            return refuse(format!("the study in {} was never started", folder.display()));
        };
        let (study, objective) = self.trial.over(&record.study)?;
        let facts = sweep_report::facts(&record);
        let imported = study.imported.is_some();
        let drawn = imported && (axes.is_empty() || !study.space.finite());
        if drawn || plan::adapts(&study) {
            if !axes.is_empty() && axes != facts.extend {
                return refuse(format!(
                    "{} was searched by {}, whose axes stay; leave out {} to run points beyond its borders, or start another study",
                    study.name,
                    if imported { "another program" } else { &study.sampler },
                    axes.join(" ")
                ));
            }
            return beyond(store, &folder, &facts, (study, objective), &self.running);
        }
        let axes = if axes.is_empty() { facts.extend } else { axes };
        if axes.is_empty() {
            output::eprintln(INSIDE);
            return run::go_on(store, &folder, None, &self.running);
        }
        let mut wider = widened(&study, &axes)?;
        affordable(&wider, self.running.max_trials)?;
        if imported {
            wider.extra = Some(Extra { points: added(&study, &wider), first: 0, count: study.replicates });
            return run::go_on(store, &folder, Some((wider, objective)), &self.running);
        }
        let objective = checked(&objective, &wider, &plan::likely(&wider)?)?;
        run::go_on(store, &folder, Some((wider, objective)), &self.running)
    }
}

/// Goes on with a study that no sampler can widen, by points beyond the borders on which a best value lies.
fn beyond(
    store: Store,
    folder: &Path,
    facts: &Facts,
    (study, objective): (Study, Objective),
    running: &Running,
) -> Result<ExitCode> {
    let borders = sweep_report::facts::beyond(&study, facts);
    if borders.is_empty() {
        output::eprintln(INSIDE);
        return run::go_on(store, folder, None, running);
    }
    borders.iter().for_each(|border| tell(running, &border.why));
    let points = borders.into_iter().flat_map(|border| border.points).collect();
    let extra = Extra { points, first: 0, count: study.replicates };
    let mut newest = Study { extra: Some(extra), ..study };
    if newest.imported.is_some() {
        take_in(&mut newest);
    }
    run::go_on(store, folder, Some((newest, objective)), running)
}

/// Gives the axes of a study the levels of its added points; no sampler looks at them.
fn take_in(study: &mut Study) {
    let points = study.extra.iter().flat_map(|extra| &extra.points);
    for axis in &mut study.space.parameters {
        axis.domain = axis.domain.with(points.clone().filter_map(|point| point.get(&axis.name)).cloned());
    }
}

/// The cells of the grid of `wider` that have a level which `study` does not have.
fn added(study: &Study, wider: &Study) -> Vec<Point> {
    let cells = (0..wider.space.cells()).filter_map(|index| wider.space.cell(index));
    let known = |name: &str, value: &Value| {
        study.space.get(name).is_some_and(|axis| axis.domain.levels().contains(value))
    };
    cells.filter(|point| point.0.iter().any(|(name, value)| !known(name, value))).collect()
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
        let folder = study_dir::find(&self.running.output.place.results, self.study.as_deref())?;
        run::go_on(Store::write(&folder)?, &folder, None, &self.running)
    }
}
