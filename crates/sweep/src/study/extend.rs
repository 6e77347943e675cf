//! Widening a study: more levels of its axes, or points beyond their borders.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use sweep_report::Facts;
use sweep_study::{Axis, Extra, Point, SpecFile, Study, Value};

use crate::options::RunOptions;
use crate::plan;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::objective::Objective;
use crate::study::prepare::{affordable, checked};
use crate::study::{as_trial, run, stored, study_dir};
use crate::{catalogue, output};

/// Message if there is nothing to widen.
const INSIDE: &str = "the best point lies inside the space for every batch size; there is nothing to extend";

/// Widens the study `name`, or the latest, by `axes`, or where its best value lies on a border, and runs what is
/// missing.
///
/// # Errors
/// A study that there is not, axes that it does not have, a store that cannot be written.
pub fn extend(
    name: Option<&str>,
    axes: Vec<String>,
    typed: &dyn Fn(SpecFile) -> SpecFile,
    options: &RunOptions,
) -> Result<ExitCode> {
    let results = &options.report.results;
    let folder = study_dir::find(results, name)?;
    let store = Store::write(&folder)?;
    let Some(record) = stored::record(store.load()?)? else {
        return refuse(format!("the study in {} was never started", folder.display()));
    };
    let (study, objective) = as_trial::over(&record.study, typed)?;
    let facts = sweep_report::facts(&record);
    let imported = study.imported.is_some();
    let drawn = imported && (axes.is_empty() || !study.space.finite());
    if drawn || plan::adapts(&study) {
        if !axes.is_empty() && axes != facts.extend {
            return refuse(format!(
                "the axes of {} cannot be widened, because {} proposed its points; leave out {} to run points beyond its borders, or start another study",
                study.name,
                if imported { "another program" } else { &study.sampler },
                axes.join(" ")
            ));
        }
        return beyond(store, &folder, &facts, (study, objective), options);
    }
    let axes = if axes.is_empty() { facts.extend } else { axes };
    if axes.is_empty() {
        output::eprintln(INSIDE);
        return run::resume(store, &folder, None, options);
    }
    let mut wider = widened(&study, &axes)?;
    affordable(&wider, options.max_trials)?;
    if imported {
        wider.extra = Some(Extra { points: added(&study, &wider), first: 0, count: study.replicates });
        return run::resume(store, &folder, Some((wider, objective)), options);
    }
    let objective = checked(&objective, &wider, &plan::likely(&wider)?)?;
    run::resume(store, &folder, Some((wider, objective)), options)
}

/// Continues a study that no sampler can widen, by points beyond the borders on which a best value lies.
fn beyond(
    store: Store,
    folder: &Path,
    facts: &Facts,
    (study, objective): (Study, Objective),
    options: &RunOptions,
) -> Result<ExitCode> {
    let borders = sweep_report::facts::beyond(&study, facts);
    if borders.is_empty() {
        output::eprintln(INSIDE);
        return run::resume(store, folder, None, options);
    }
    borders.iter().for_each(|border| options.report.print(&sweep_report::verdict::reason(&study, border)));
    let points = borders.into_iter().flat_map(|border| border.points).collect();
    let extra = Extra { points, first: 0, count: study.replicates };
    let mut newest = Study { extra: Some(extra), ..study };
    if newest.imported.is_some() {
        take_in(&mut newest);
    }
    run::resume(store, folder, Some((newest, objective)), options)
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
                "`{}` is not an axis of {}; its axes are {}",
                axis.name,
                study.name,
                names.join(", ")
            ));
        };
        parameter.domain = parameter.domain.extended(&axis, entry)?;
    }
    Ok(wider)
}
