//! A study made of runs: their parameters as axes, their seeds as replicates, and what they do not record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use sweep_settings::names;
use sweep_study::{Curve, GIVEN, Goal, Metrics, Outcome, Parameter, Point, Role, StudyRecord, Trial, Value};

use super::runs::{End, ImportOptions, Run, Runs, counted};
use super::table::{instead, there_are};
use super::{axis, words};
use crate::refusal::refuse;

/// The most parameters that may vary: among more, most are no parameters.
const MOST_AXES: usize = 24;

/// A study made of runs.
pub struct Study {
    /// The study and its trials.
    pub record: StudyRecord,
    /// What was left out, how columns were interpreted, and what cannot be estimated, in sentences.
    pub notes: Vec<String>,
}

/// The study that `runs`, read at `path`, make.
///
/// # Errors
/// No run, no metric that ranks, a mapped parameter that is not there, a learning rate or batch size that is not a
/// number, more parameters than a study has.
pub fn study(path: &Path, runs: Runs, options: &ImportOptions) -> Result<Study> {
    let Runs { mut runs, goal, ranges, epochs, mut notes } = runs;
    if runs.is_empty() {
        return refuse(format!("{} holds no run that has ended", path.display()));
    }
    let names = names(&runs, options)?;
    for run in &mut runs {
        let params = std::mem::take(&mut run.params).into_iter();
        let renamed = params.filter_map(|(there, value)| Some((names.get(&there)?.clone(), value)));
        run.params = renamed.collect();
        numbers(run)?;
    }
    let goal = ranked(&runs, goal)?;
    let ranges = ranges.into_iter().filter_map(|(there, range)| Some((names.get(&there)?.clone(), range)));
    let ranges: BTreeMap<String, super::runs::Range> = ranges.collect();
    let (mut parameters, settings) = parted(&runs, &ranges);
    if parameters.len() > MOST_AXES {
        let varying: Vec<String> = parameters.iter().map(|axis| axis.name.clone()).collect();
        return refuse(format!(
            "{} columns vary and are not metrics by their names; list the parameters, such as --params lr,batch; {}",
            parameters.len(),
            there_are(&varying)
        ));
    }
    // The learning rate and the batch size come first, as a person names them.
    parameters.sort_by_key(|axis| (axis.name != names::LR, axis.name != names::BATCH));
    let varying: BTreeSet<String> = parameters.iter().map(|axis| axis.name.clone()).collect();
    let incomplete = runs.len();
    let needed = Role::ALL.map(Role::name);
    runs.retain(|run| needed.iter().all(|name| !varying.contains(*name) || run.params.contains_key(*name)));
    if runs.len() < incomplete {
        let left = incomplete - runs.len();
        notes.push(format!("{} without a learning rate or a batch size and left out.", are(left)));
    }
    if runs.is_empty() {
        return refuse(format!("{} holds no run that has ended", path.display()));
    }
    for run in &mut runs {
        run.params.retain(|name, _| varying.contains(name));
    }
    if let Some(above) = options.diverged_above {
        diverge(&mut runs, &goal, above);
    }
    without_failed(&mut runs, &mut notes);
    let trials = trials(&runs, &goal, epochs, &mut notes);
    let mut study = plain(path, options);
    study.space = sweep_study::Space::new(parameters);
    study.settings = settings;
    study.goal = goal;
    study.replicates = trials.iter().map(|trial| trial.replicate + 1).max().unwrap_or(1);
    budget(&mut study, &trials, epochs);
    unsaid(&study, &runs, &names, &mut notes);
    Ok(Study { record: StudyRecord::new(study, trials), notes })
}

/// What varies, as axes, and what does not, as settings.
fn parted(
    runs: &[Run],
    ranges: &BTreeMap<String, super::runs::Range>,
) -> (Vec<Parameter>, BTreeMap<String, Value>) {
    let mut parameters = Vec::new();
    let mut settings = BTreeMap::new();
    let all: BTreeSet<String> = runs.iter().flat_map(|run| run.params.keys().cloned()).collect();
    for name in all {
        let values: Vec<&Value> = runs.iter().filter_map(|run| run.params.get(&name)).collect();
        if values.len() == runs.len() && values.iter().all(|value| *value == values[0]) {
            settings.insert(name, values[0].clone());
            continue;
        }
        let domain = axis::domain(&name, &values, ranges.get(&name).copied());
        parameters.push(Parameter { name, domain, when: None });
    }
    (parameters, settings)
}

/// Marks runs whose ranked metric ended above a value as diverged.
fn diverge(runs: &mut [Run], goal: &Goal, above: f64) {
    let far = |run: &&mut Run| {
        run.end == End::Complete && run.metrics.get(&goal.metric).is_some_and(|value| *value > above)
    };
    runs.iter_mut().filter(far).for_each(|run| run.end = End::Diverged);
}

/// `1 run is`, `3 runs are`.
fn are(runs: usize) -> String {
    format!("{} {}", counted(runs, "run"), if runs == 1 { "is" } else { "are" })
}

/// The name here of each parameter of the runs.
fn names(runs: &[Run], options: &ImportOptions) -> Result<BTreeMap<String, String>> {
    let there: BTreeSet<&String> = runs.iter().flat_map(|run| run.params.keys()).collect();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (here, name) in &options.map {
        if !there.contains(name) {
            let all: Vec<String> = there.iter().map(|name| (*name).clone()).collect();
            let instead = instead(name, &all);
            return refuse(format!("--map {here}={name}: there is no parameter `{name}`; {instead}"));
        }
        let role = Role::by_custom(here).map(Role::name);
        names.insert(name.clone(), role.or(words::budget(here)).map_or_else(|| here.clone(), str::to_owned));
    }
    // Groups are asked for by the names in the source.
    for name in options.groups.iter().chain(&options.parted).filter(|name| there.contains(name)) {
        names.entry(name.clone()).or_insert_with(|| name.clone());
    }
    let wanted = |name: &&String| options.params.is_empty() || options.params.contains(name);
    let named: Vec<&String> =
        there.into_iter().filter(|name| !names.contains_key(*name)).filter(wanted).collect();
    for role in Role::ALL {
        if names.values().any(|taken| taken == role.name()) {
            continue;
        }
        let chosen = role.among(named.iter().map(|name| name.as_str()));
        names.extend(chosen.map(|name| (name.to_owned(), role.name().to_owned())));
    }
    for name in named {
        if names.contains_key(name) {
            continue;
        }
        let own = Role::of(name).map(Role::name).or(words::budget(name));
        let free = own.filter(|here| !names.values().any(|taken| taken == here));
        // A name that means something here, which another one has taken.
        let kept = if free.is_none() && own == Some(name) { format!("{name}_there") } else { name.clone() };
        names.insert(name.clone(), free.map_or(kept, str::to_owned));
    }
    Ok(names)
}

/// Checks that learning rates are numbers and batch sizes whole numbers.
fn numbers(run: &mut Run) -> Result<()> {
    if let Some(value) = run.params.get_mut(names::LR) {
        match value.number() {
            Some(number) if number > 0.0 => *value = Value::Float(number),
            _ => {
                return refuse(format!(
                    "the learning rate `{value}` is not a number above 0; to use another column, give --map lr=COLUMN"
                ));
            }
        }
    }
    if let Some(value) = run.params.get_mut(names::BATCH) {
        match value.number() {
            Some(number) if number >= 1.0 && number.fract() == 0.0 => *value = Value::Int(number as i64),
            _ => {
                return refuse(format!(
                    "the batch size `{value}` is not a whole number from 1; to use another column, give --map batch=COLUMN"
                ));
            }
        }
    }
    Ok(())
}

/// The metric that ranks the runs; at least one of them must have it.
fn ranked(runs: &[Run], goal: Option<Goal>) -> Result<Goal> {
    let measured: BTreeSet<String> = runs.iter().flat_map(|run| run.metrics.keys().cloned()).collect();
    let measured: Vec<String> = measured.into_iter().filter(|name| name != sweep_study::SECONDS).collect();
    match goal {
        Some(goal) if measured.contains(&goal.metric) => Ok(goal),
        Some(goal) => {
            refuse(format!("no run has the metric `{}`; {}", goal.metric, instead(&goal.metric, &measured)))
        }
        None => refuse(format!(
            "the metric to rank by is missing; give --minimize or --maximize; {}",
            there_are(&measured)
        )),
    }
}

/// Leaves out runs that failed if others of the same point did not: such an error is unrelated to the point.
fn without_failed(runs: &mut Vec<Run>, notes: &mut Vec<String>) {
    let point = |run: &Run| Point(run.params.clone()).key();
    let failed = |run: &Run| matches!(run.end, End::Failed(_));
    let ended: BTreeSet<String> = runs.iter().filter(|run| !failed(run)).map(point).collect();
    let before = runs.len();
    runs.retain(|run| !failed(run) || !ended.contains(&point(run)));
    if runs.len() < before {
        let left = before - runs.len();
        let runs = if left == 1 { "1 run has".to_owned() } else { format!("{left} runs have") };
        notes.push(format!("{runs} failed where other runs of the same point did not, and been left out."));
    }
}

/// The runs as trials: repeated points are replicates, distinguished by their seeds if these are recorded.
fn trials(runs: &[Run], goal: &Goal, epochs: bool, notes: &mut Vec<String>) -> Vec<Trial> {
    let mut seeds: Vec<&String> = runs.iter().filter_map(|run| run.seed.as_ref()).collect();
    seeds.sort_by(|a, b| {
        let number = |seed: &str| seed.parse::<f64>().unwrap_or(f64::INFINITY);
        number(a).total_cmp(&number(b)).then(a.cmp(b))
    });
    seeds.dedup();
    let mut taken: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut twice = 0;
    let mut trials = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let point = Point(run.params.clone());
        let own = taken.entry(point.key()).or_default();
        let wanted = run.seed.as_ref().and_then(|seed| seeds.iter().position(|other| *other == seed));
        let wanted = wanted.map_or(0, |index| index as u32);
        let replicate = (wanted..).find(|index| !own.contains(index)).unwrap_or(wanted);
        if run.seed.is_some() && replicate != wanted {
            twice += 1;
        }
        own.insert(replicate);
        trials.push(trial(run, number as u64, (point, replicate), goal, epochs));
    }
    if twice > 0 {
        notes.push(format!(
            "{} of the same point and seed as an earlier one; they count as further seeds.",
            are(twice)
        ));
    }
    if seeds.is_empty() && trials.iter().any(|trial| trial.replicate > 0) {
        notes.push(
            "The runs have no seed (--replicate-column): repeated points count as replicates, and may not share seeds."
                .to_owned(),
        );
    }
    trials
}

fn trial(run: &Run, number: u64, (point, replicate): (Point, u32), goal: &Goal, epochs: bool) -> Trial {
    let at = &run.readings.at;
    let curve = Curve {
        step: at.iter().map(|at| if epochs { at.ceil() } else { *at } as u64).collect(),
        epoch: at.iter().map(|at| if epochs { *at } else { 0.0 }).collect(),
        metrics: run.readings.metrics.clone(),
    };
    let last = curve.step.last().copied().unwrap_or(0);
    let outcome = match (&run.end, run.metrics.get(&goal.metric)) {
        (End::Failed(why), _) => Outcome::Failed { reason: why.clone() },
        (End::Pruned, _) => Outcome::Pruned,
        (End::Diverged, _) => Outcome::Diverged { step: last },
        (End::Complete, Some(value)) if !value.is_finite() => Outcome::Diverged { step: last },
        (End::Complete, Some(_)) => Outcome::Complete { stuck: false },
        (End::Complete, None) => Outcome::Failed { reason: format!("it has no {}", goal.metric) },
    };
    let seed = run.seed.as_ref().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(replicate));
    Trial {
        steps: last,
        epochs: curve.epoch.last().copied().unwrap_or(0.0),
        metrics: run.metrics.clone().into_iter().collect::<Metrics>(),
        curve,
        ..Trial::ended(number, point, (replicate, seed), outcome)
    }
}

/// The study without the contents of the runs.
fn plain(path: &Path, options: &ImportOptions) -> sweep_study::Study {
    let data = path.display().to_string();
    sweep_study::Study {
        name: options.name.clone(),
        sampler: GIVEN.to_owned(),
        data,
        ..sweep_study::Study::new(sweep_study::Space::default(), Goal::default())
    }
}

/// Sets the budget where no parameter is one and all complete runs were read to the same end.
fn budget(study: &mut sweep_study::Study, trials: &[Trial], epochs: bool) {
    let named = |name: &&str| study.settings.contains_key(*name) || study.space.get(name).is_some();
    if names::BUDGETS.iter().any(named) {
        return;
    }
    let mut ends = trials.iter().filter(|trial| trial.outcome.usable()).map(|trial| trial.steps);
    let Some(first) = ends.next().filter(|end| *end > 0) else { return };
    if ends.all(|end| end == first) {
        let (unit, value) =
            if epochs { ("epochs", Value::Float(first as f64)) } else { ("steps", Value::Int(first as i64)) };
        study.settings.insert(unit.to_owned(), value);
    }
}

/// Adds to `notes` how the columns were interpreted, and what cannot be estimated without them.
fn unsaid(
    study: &sweep_study::Study,
    runs: &[Run],
    names: &BTreeMap<String, String>,
    notes: &mut Vec<String>,
) {
    let called = |axis: &Parameter| {
        let there = names.iter().find(|(_, here)| **here == axis.name).map(|(there, _)| there);
        match there.filter(|there| **there != axis.name) {
            Some(there) => format!("{} ({there})", axis.name),
            None => axis.name.clone(),
        }
    };
    let axes: Vec<String> = study.space.parameters.iter().map(called).collect();
    let source = Path::new(&study.data).file_name().map(|name| name.to_string_lossy().into_owned());
    let source = source.unwrap_or_else(|| study.data.clone());
    let varying = if axes.is_empty() {
        "no parameter varies".to_owned()
    } else {
        format!("varying: {}", axes.join(", "))
    };
    let have = counted(runs.len(), "run");
    notes.insert(0, format!("Read from {source}: {have}, {varying}."));
    for (name, what, lost) in [
        (names::LR, "learning rate", "a best learning rate, ridge or stability edge"),
        (names::BATCH, "batch size", "a ridge over the batch size and a critical batch size"),
    ] {
        if study.space.get(name).is_some() {
            continue;
        }
        notes.push(match study.settings.get(name) {
            Some(value) => {
                format!(
                    "All runs have the same {what}, {value}: {lost} cannot be estimated; run other values."
                )
            }
            None => format!("No parameter is the {what} (--map {name}=COLUMN): {lost} cannot be estimated."),
        });
    }
    if runs.iter().all(|run| run.readings.at.is_empty()) {
        notes.push(
            "The runs have no steps (--steps-column): learning curves and steps or examples to a target are not available."
                .to_owned(),
        );
    }
    if study.replicates == 1 {
        notes.push("Each point ran once: results have no interval over seeds.".to_owned());
    }
}
