//! The role of each column of a table.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use sweep_settings::names;
use sweep_study::{Direction, Goal, Role};

use super::alike::repeats;
use super::determined::{Determined, determined, identifies};
use super::runs::ImportOptions;
use super::table::{Table, there_are};
use super::words;
use crate::refusal::refuse;

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A parameter of the runs.
    Parameter,
    /// A number that the runs measured.
    Metric,
    /// The seed.
    Seed,
    /// The step or the epoch of a reading.
    Step,
    /// The word for how a run ended.
    State,
    /// Whether a run diverged.
    Diverged,
    /// The seconds that a run took.
    Seconds,
    /// A name or a number of a run.
    Identity,
    /// Anything else.
    Label,
}

/// The metric that ranks the runs: from the options, else the only one there is whose name says which way is better.
///
/// # Errors
/// No such column, or several.
pub fn goal(table: &Table, options: &ImportOptions) -> Result<Goal> {
    if let Some(name) = &options.steps_to_target {
        table.column(name)?;
        return Ok(Goal { metric: name.clone(), direction: Direction::Minimize });
    }
    if let Some(goal) = &options.goal {
        table.column(&goal.metric)?;
        return Ok(goal.clone());
    }
    let is_metric = |index: &usize| words::metric(&table.columns[*index]) && table.measured(*index);
    let metrics: Vec<&String> =
        (0..table.columns.len()).filter(is_metric).map(|index| &table.columns[index]).collect();
    if let [one] = metrics.as_slice()
        && let Some(direction) = words::direction(one)
    {
        return Ok(Goal { metric: (*one).clone(), direction });
    }
    let names: Vec<String> =
        if metrics.is_empty() { table.columns.clone() } else { metrics.into_iter().cloned().collect() };
    refuse(format!(
        "{}: the metric to rank by is missing; name its column with --minimize or --maximize; {}",
        table.path,
        there_are(&names)
    ))
}

/// The roles of the columns of a table, and how those were found that names do not tell, in sentences.
pub struct Roles {
    /// The roles, in the order of the columns.
    pub parts: Vec<Part>,
    /// Whether the column of the step holds the rungs at which runs were measured.
    pub rung: bool,
    /// The sentences.
    pub notes: Vec<String>,
}

/// The roles of the columns: by the options, by their names, and by what they hold.
///
/// # Errors
/// A column that is not there; rows that are no repeats of one run; groups that nobody asked for.
pub fn roles(table: &Table, options: &ImportOptions, goal: &Goal) -> Result<Roles> {
    let mut parts: Vec<Part> = (0..table.columns.len()).map(|index| by_name(table, index)).collect();
    let named = options.map.iter().map(|(_, there)| there);
    for name in named.chain(&options.params).chain(&options.groups).chain(&options.parted) {
        parts[table.column(name)?] = Part::Parameter;
    }
    if let Some(name) = &options.replicates {
        parts.iter_mut().filter(|part| **part == Part::Seed).for_each(|part| *part = Part::Label);
        parts[table.column(name)?] = Part::Seed;
    }
    if let Some(name) = options.steps.as_ref().or(options.rung.as_ref()) {
        parts[table.column(name)?] = Part::Step;
    }
    if let Some(name) = &options.diverged {
        parts[table.column(name)?] = Part::Diverged;
    }
    parts[table.column(&goal.metric)?] = Part::Metric;
    let mut notes = Vec::new();
    let mut rung = options.steps.is_none() && options.rung.is_some();
    if options.params.is_empty() && options.groups.is_empty() {
        name_runs(table, options, &mut parts);
        if !parts.contains(&Part::Step)
            && let Some(column) = rungs(table, &parts)
        {
            parts[column] = Part::Step;
            rung = true;
        }
        notes.extend(leave_out(table, options, &mut parts));
        if options.parted.is_empty() {
            mixed(table, &parts)?;
        }
    } else {
        only_asked(table, options, &mut parts)?;
    }
    Ok(Roles { parts, rung, notes })
}

fn by_name(table: &Table, index: usize) -> Part {
    let name = table.columns[index].as_str();
    match () {
        () if names::is_seed(name) => Part::Seed,
        () if words::seconds(name) && table.numeric(index) => Part::Seconds,
        () if words::state(name) && !table.numeric(index) => Part::State,
        () if words::diverged(name) && table.cells(index).all(|cell| flag(cell).is_some()) => Part::Diverged,
        () if words::identity(name) => Part::Identity,
        () if labels(name) || table.cells(index).any(is_path) => Part::Label,
        () if words::metric(name) && table.measured(index) => Part::Metric,
        () if table.cells(index).all(str::is_empty) => Part::Label,
        () => Part::Parameter,
    }
}

/// Whether a cell is the path of a file.
fn is_path(cell: &str) -> bool {
    cell.matches('/').count() > 1 && cell.contains(|letter: char| letter.is_alphabetic())
}

/// Whether a cell says yes or no; an empty one says no.
pub fn flag(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "1" | "1.0" => Some(true),
        "false" | "no" | "0" | "0.0" | "" => Some(false),
        _ => None,
    }
}

fn parameters(parts: &[Part]) -> Vec<usize> {
    (0..parts.len()).filter(|index| parts[*index] == Part::Parameter).collect()
}

/// Whether a column holds several values, gaps aside.
fn varies(table: &Table, index: usize) -> bool {
    let mut cells = table.cells(index).filter(|cell| !cell.is_empty());
    let first = cells.next();
    cells.any(|cell| Some(cell) != first)
}

fn is_budget(table: &Table, index: usize) -> bool {
    words::budget(&table.columns[index]).is_some()
}

/// Whether a column is a parameter whatever it holds: it was asked for, or its name says so.
fn kept(table: &Table, options: &ImportOptions, index: usize) -> bool {
    let name = table.columns[index].as_str();
    let columns = || table.columns.iter().map(String::as_str);
    let role = |role: &Role| role.among(columns()) == Some(name) || Role::by_custom(name) == Some(*role);
    options.parted.iter().chain(options.map.iter().map(|(_, there)| there)).any(|asked| asked == name)
        || Role::ALL.iter().any(role)
        || is_budget(table, index)
        || words::group(name, table.cells(index))
}

/// Takes out of the parameters what names or numbers runs.
fn name_runs(table: &Table, options: &ImportOptions, parts: &mut [Part]) {
    for index in parameters(parts) {
        let tells = |other: &usize| *other != index && !is_budget(table, *other) && varies(table, *other);
        let others: Vec<usize> = parameters(parts).into_iter().filter(tells).collect();
        if !kept(table, options, index) && !others.is_empty() && identifies(table, index, &others) {
            parts[index] = Part::Identity;
        }
    }
}

/// Takes out of the parameters what other columns say already; gives the sentences.
fn leave_out(table: &Table, options: &ImportOptions, parts: &mut [Part]) -> Vec<String> {
    let all = parameters(parts);
    let kept: Vec<usize> = all.iter().copied().filter(|index| kept(table, options, *index)).collect();
    let name = |index: &usize| table.columns[*index].as_str();
    let mut notes: Vec<(Vec<usize>, Vec<&str>)> = Vec::new();
    for Determined { column, by } in determined(table, &all, &kept) {
        parts[column] = Part::Label;
        match notes.iter_mut().find(|(others, _)| *others == by) {
            Some((_, names)) => names.push(name(&column)),
            None => notes.push((by, vec![name(&column)])),
        }
    }
    let said = |(by, names): &(Vec<usize>, Vec<&str>)| {
        let by: Vec<&str> = by.iter().map(name).collect();
        let verb = if names.len() == 1 { "follows" } else { "follow" };
        format!("{} {verb} from {} and no axis is made of it.", names.join(", "), by.join(" and "))
    };
    notes.iter().map(said).collect()
}

/// The column of the rungs, if there is one: named so, or a budget at several values of which most named runs were
/// measured.
fn rungs(table: &Table, parts: &[Part]) -> Option<usize> {
    let of = |part: Part| (0..parts.len()).filter(move |index| parts[*index] == part);
    let named = |index: &usize| words::rung(&table.columns[*index]) && table.numeric(*index);
    of(Part::Parameter).find(named).or_else(|| {
        let run = of(Part::Identity).next()?;
        of(Part::Parameter).filter(|index| is_budget(table, *index)).find(|budget| {
            let mut seen: HashMap<&str, HashSet<&str>> = HashMap::new();
            for row in table.rows() {
                seen.entry(row.cell(run)).or_default().insert(row.cell(*budget));
            }
            let several = seen.values().filter(|values| values.len() > 1).count();
            table.numeric(*budget) && 2 * several > seen.len()
        })
    })
}

/// Makes parameters of the columns asked for alone.
fn only_asked(table: &Table, options: &ImportOptions, parts: &mut [Part]) -> Result<()> {
    let by_name: Vec<&str> = if options.params.is_empty() {
        let columns = || table.columns.iter().map(String::as_str);
        Role::ALL.iter().filter_map(|role| role.among(columns())).collect()
    } else {
        Vec::new()
    };
    let wanted = |name: &String| {
        options.params.contains(name)
            || options.groups.contains(name)
            || options.parted.contains(name)
            || options.map.iter().any(|(_, there)| there == name)
            || by_name.contains(&name.as_str())
    };
    let others = parts
        .iter_mut()
        .zip(&table.columns)
        .filter(|(part, name)| **part == Part::Parameter && !wanted(name));
    others.for_each(|(part, _)| *part = Part::Label);
    if !options.groups.is_empty() && options.steps.is_none() {
        let all = || 0..parts.len();
        let unused = |at: &usize| parts[*at] == Part::Label && !labels(&table.columns[*at]);
        let told: Vec<usize> =
            all().filter(|at| matches!(parts[*at], Part::Parameter | Part::Seed)).collect();
        let named = |at: &usize| !table.numeric(*at) && identifies(table, *at, &told);
        let left: Vec<usize> = all().filter(unused).filter(|at| !named(at)).collect();
        repeats(table, &told, &left)?;
    }
    Ok(())
}

/// Whether a name says that a column describes runs and is no part of a study.
fn labels(name: &str) -> bool {
    words::label(name) || words::time(name)
}

/// Refuses a table whose columns say that different things were trained, where no groups were asked for.
fn mixed(table: &Table, parts: &[Part]) -> Result<()> {
    let all = || parameters(parts).into_iter().filter(|index| varies(table, *index));
    let groups = |index: &usize| words::group(&table.columns[*index], table.cells(*index));
    let names = |columns: Vec<usize>| -> Vec<&str> {
        columns.into_iter().map(|index| table.columns[index].as_str()).collect()
    };
    let found = names(all().filter(groups).collect());
    if found.is_empty() {
        return Ok(());
    }
    let every = names(all().collect()).join(",");
    let found = found.join(",");
    refuse(format!(
        "{}: the runs differ in {}, by which different things were trained, so a best over all would compare what cannot be \
         compared; a part for each is --group {found}; all as one study is --params {every}",
        table.path,
        found.replace(',', ", ")
    ))
}
