//! Running a study from its current state to its end, and reporting it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use sweep_search::Limits;
use sweep_settings::{quoted, short};
use sweep_study::{Domain, Lag, Outcome, SpecFile, Study, Trial, Value};

use crate::engine::{Ended, Engine, Timing};
use crate::event::Planned;
use crate::executor::Executor;
use crate::options::RunOptions;
use crate::output;
use crate::plan;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::store::Store;
use crate::study::estimate;
use crate::study::finish::finish;
use crate::study::lr_range;
use crate::study::objective::Objective;
use crate::study::prepare::{Prepared, prepare};
use crate::study::progress::Progress;
use crate::study::roles;
use crate::study::study_dir;
use crate::study::warm_start;
use crate::trial_folder::own_cwd;

/// Starts the study that `spec` describes, or resumes it if it exists. One that is not named is called after `command`,
/// where that is given.
///
/// # Errors
/// A specification that cannot be meant, a study of that name that differs in more than its points, a store that
/// cannot be written.
pub fn start(spec: &SpecFile, options: &RunOptions, command: Option<&str>) -> Result<ExitCode> {
    let Some(spec) = lr_range::filled_in(spec, options)? else { return Ok(ExitCode::from(3)) };
    let Prepared { mut study, objective, likely } = ready(spec, options, command)?;
    if let (Some(command), true) = (command, study.space.parameters.is_empty()) {
        return refuse(format!(
            "there is no axis, so there would be one trial; usage: sweep {command} NAME=VALUES…, such as sweep {command} lr=1e-3..1e-1 \
             batch=16,32,64; to train once, sweep train lr=0.1"
        ));
    }
    if !options.report.quiet {
        let folders = study.command.as_ref().and_then(own_cwd::remark);
        let hints = roles::unassigned(&study).into_iter().chain(roles::seeds(&study)).chain(folders);
        hints.for_each(|hint| output::eprintln(&hint));
    }
    if options.dry_run {
        options.report.print(&understood(&study, plan::trials(&study) as usize, 0, 0));
        output::println(&objective.estimate(&likely, options.jobs())?);
        output::println(&idle(&study, options.jobs()));
        return Ok(ExitCode::SUCCESS);
    }
    // A large study's points are not kept twice.
    drop(likely);
    let (store, folder) = open(&mut study, options)?;
    resume(store, &folder, Some((study, objective)), options)
}

/// The study of `spec`, seen to be able to run, with the trials that it begins from. One that is not named is called
/// after `command`, where that is given, in place of its sampler.
///
/// # Errors
/// As [`prepare`]; options that do not fit the study; studies to begin from that cannot be used.
pub fn ready(spec: SpecFile, options: &RunOptions, command: Option<&str>) -> Result<Prepared> {
    let spec = options.launch.with_gpus(spec);
    let mut prepared = prepare(&spec, options.max_trials)?;
    let Prepared { study, objective, likely } = &mut prepared;
    if let (None, Some(command)) = (&spec.name, command) {
        study.name = study.name.replacen(&study.sampler, command, 1);
    }
    objective.check_running(likely, options)?;
    options.stop.limits(study)?;
    warm_start::take(study, options)?;
    Ok(prepared)
}

/// The store and the folder of a study that begins, under a name that is free where it is to begin anew, or continues.
///
/// # Errors
/// A study of that name that differs in more than its points, a store that cannot be written.
pub fn open(study: &mut Study, options: &RunOptions) -> Result<(Store, PathBuf)> {
    if options.fresh {
        study.name = study_dir::free(&options.report.results, &study.name);
    }
    let folder = options.report.results.join(&study.name);
    let store = Store::write(&folder)?;
    let revisions = store.revisions()?;
    let conflict = revisions.first().and_then(|first| first.conflict(study));
    let breaks = || revisions.last().and_then(|last| plan::breaks(last, study));
    if let Some(why) = conflict.or_else(breaks) {
        return refuse(format!(
            "the study `{}` exists, and {why}; choose another --name, or give --fresh",
            study.name
        ));
    }
    Ok((store, folder))
}

/// Runs the remaining trials of the study in `store`, of its last revision or of `newest` with its objective, and
/// reports the study.
///
/// # Errors
/// As [`start`].
pub fn resume(
    store: Store,
    folder: &Path,
    newest: Option<(Study, Objective)>,
    options: &RunOptions,
) -> Result<ExitCode> {
    let mut study_run =
        StudyRun { store, folder, options, stop: Stop::on_signals()?, close: options.stop.close() };
    let (ended, executor) = study_run.advance(newest)?;
    study_run.finish(ended, executor.as_ref())
}

/// A study under way.
pub struct StudyRun<'a> {
    /// Its store.
    pub store: Store,
    /// Its folder.
    pub folder: &'a Path,
    /// Its run options.
    pub options: &'a RunOptions,
    /// Conditions to stop early.
    pub stop: Stop,
    /// Time after which no trial starts.
    pub close: Option<Instant>,
}

impl StudyRun<'_> {
    /// Runs what is left of the study, as its last revision or the `newest` has it, with the objective of that; of a
    /// newest that adds points, these alone.
    ///
    /// # Errors
    /// As [`start`]; the revision is written only when nothing of it is refused.
    pub fn advance(&mut self, newest: Option<(Study, Objective)>) -> Result<(Ended, Arc<dyn Executor>)> {
        let StudyRun { store, folder, options, stop, close } = self;
        let added = newest.as_ref().is_some_and(|(study, _)| study.extra.is_some());
        let mut stored = store.load()?;
        let (revision, objective) = newest.unzip();
        let revision = revision.filter(|revision| !stored.revisions.contains(revision));
        stored.revisions.extend(revision.clone());
        let Some(study) = plan::joined(&stored.revisions) else {
            return refuse(format!("the study in {} was never started", folder.display()));
        };
        let objective =
            objective.map_or_else(|| Objective::of_stored(&study), |objective| objective.with(&study))?;
        let trials = plan::plan(&stored.revisions)?;
        let adapts = plan::adapts(&study);
        let planned = plan::count(&study, &trials);
        let changed = objective.changed(store, &study)?;
        let failures = Failures::of(&stored.trials);
        let known = kept(stored.trials, failures.run_again(changed.as_deref(), options));
        let mut left = remaining(trials, &known);
        startable(&objective, &left, options)?;
        if !left.is_empty() || adapts && planned > known.len() {
            if failures.all() {
                store.forget_provenance()?;
            }
            objective.keep_provenance(store, &study, options)?;
        } else if let Some(file) = &changed {
            output::eprintln(&outdated(file, &study));
        }
        if let Some(revision) = revision {
            store.add_revision(&revision)?;
        }
        let executor = objective.executor(&study, folder, &known, options, stop)?;
        // Limits are those of a search: points that are added were asked for. Where time is short they run in their
        // order.
        let limits = if added { Limits::default() } else { options.stop.limits(&study)? };
        if !(limits.any() || added && close.is_some()) {
            left.sort_by_cached_key(|trial| (Reverse(executor.cost(trial)), trial.number));
        }
        let planned = if added { known.len() + left.len() } else { planned };
        let missing = if adapts { planned.saturating_sub(known.len()) } else { left.len() };
        options.report.print(&understood(&study, planned, planned - missing, beside(&known, &left)));
        let sample = if adapts { &plan::likely(&study)? } else { &left };
        long_plan(&objective, sample, missing, options)?;
        let mut progress =
            Progress::new((&left, missing), &study.goal, executor.as_ref(), options.report.quiet);
        let mut engine = Engine {
            log: store,
            executor: Arc::clone(&executor),
            jobs: options.jobs(),
            observer: &mut progress,
            stop: stop.clone(),
            close: *close,
            timing: Timing::default(),
        };
        let mut ended = search(&mut engine, &study, known, adapts && !added, limits)?;
        if ended == Ended::Finished {
            ended = engine.run(&study, left, limits)?;
        }
        progress.finish();
        if limits.any() && ended == Ended::Finished {
            tell_limit(options, store.ended()?, planned);
        }
        Ok((ended, executor))
    }

    /// Reports the study and returns the exit code.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(mut self, ended: Ended, executor: &dyn Executor) -> Result<ExitCode> {
        finish(&mut self.store, self.folder, ended, executor, &self.stop, self.options)
    }
}

/// Prints about how long `count` trials like those of `sample` will take, where that is long.
fn long_plan(objective: &Objective, sample: &[Planned], count: usize, options: &RunOptions) -> Result<()> {
    if let (Objective::Native(native), false) = (objective, options.report.quiet)
        && let Some(text) = estimate::long(native, sample, count, options.jobs())?
    {
        // It rests on the clock, so it does not stand among the results.
        output::eprintln(&text);
    }
    Ok(())
}

/// Runs what the sampler proposes beside the `known` trials, where it `adapts` to them; they are not held for what
/// follows.
fn search(
    engine: &mut Engine<'_>,
    study: &Study,
    known: Vec<Trial>,
    adapts: bool,
    limits: Limits,
) -> Result<Ended> {
    if adapts {
        engine.search(study, known, sweep_search::sampler::for_study(study)?, limits)
    } else {
        Ok(Ended::Finished)
    }
}

/// Checks that each of the trials can start.
fn startable(objective: &Objective, trials: &[Planned], options: &RunOptions) -> Result<()> {
    trials.iter().try_for_each(|trial| objective.check(trial))?;
    if trials.is_empty() { Ok(()) } else { objective.check_running(trials, options) }
}

/// That the script has changed since a study ended.
fn outdated(file: &str, study: &Study) -> String {
    format!(
        "{file} has changed since all trials of {} ended: these results are of the old one; run the new one with --fresh",
        study.name
    )
}

/// How many of the trials failed.
struct Failures {
    failed: usize,
    trials: usize,
}

impl Failures {
    fn of(trials: &[Trial]) -> Failures {
        let failed = |trial: &&Trial| matches!(trial.outcome, Outcome::Failed { .. });
        Failures { failed: trials.iter().filter(failed).count(), trials: trials.len() }
    }

    /// Whether all of them did.
    fn all(&self) -> bool {
        self.failed > 0 && self.failed == self.trials
    }

    /// Whether they run again: where that was asked for, or the file at fault has `changed`, which is printed.
    fn run_again(&self, changed: Option<&str>, options: &RunOptions) -> bool {
        let mended = changed.filter(|_| self.failed > 0 && (self.all() || options.launch.accept_changes));
        if let (Some(file), false) = (mended, options.retry_failed) {
            let trials = match self.failed {
                1 => "1 trial that failed runs".to_owned(),
                count => format!("{count} trials that failed run"),
            };
            output::eprintln(&format!("{file} has changed: {trials} again"));
        }
        options.retry_failed || mended.is_some()
    }
}

/// The trials that stand: all, but those that failed where these are to be run again.
fn kept(mut trials: Vec<Trial>, retry_failed: bool) -> Vec<Trial> {
    trials.retain(|trial| !(retry_failed && matches!(trial.outcome, Outcome::Failed { .. })));
    trials
}

/// How many of the trials stand beside those of the sampler.
fn beside(known: &[Trial], left: &[Planned]) -> usize {
    let numbers = known.iter().map(|trial| trial.number).chain(left.iter().map(|trial| trial.number));
    numbers.filter(|number| *number >= plan::EXTRA).count()
}

fn remaining(plan: Vec<Planned>, done: &[Trial]) -> Vec<Planned> {
    let done: HashSet<u64> = done.iter().map(|trial| trial.number).collect();
    plan.into_iter().filter(|trial| !done.contains(&trial.number)).collect()
}

/// The cost of waiting for results, as text.
fn idle(study: &Study, jobs: usize) -> String {
    let at_once = match study.lag {
        Lag::Trials(lag) if plan::adapts(study) => lag.saturating_mul(u64::from(study.replicates)),
        _ => return "no core waits for results".to_owned(),
    };
    let share = 1.0 - (at_once as f64 / jobs as f64).min(1.0);
    format!(
        "lag {}: at most {at_once} trials in parallel, so {:.0} % of {jobs} jobs are idle",
        study.lag,
        100.0 * share
    )
}

/// Prints that a limit ended the study, if it did.
fn tell_limit(options: &RunOptions, done: usize, planned: usize) {
    if done < planned {
        options.report.print(&format!("a limit is reached after {done} of {planned} trials"));
    }
}

/// What was understood: each axis and its points, then how many trials they make, with those `added` beside them.
fn understood(study: &Study, planned: usize, done: usize, added: usize) -> String {
    let axes: Vec<String> =
        study.space.parameters.iter().map(|axis| described(&axis.name, &axis.domain, study)).collect();
    let axes = if axes.is_empty() { "no axes".to_owned() } else { axes.join(" × ") };
    let replicates = study.replicates as usize;
    let points = (planned - added).div_ceil(replicates.max(1));
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let more = if added == 0 { String::new() } else { format!(" + {added} added") };
    let mut text = format!(
        "{axes}: {} × {}{more} = {}",
        plural(points, "point"),
        plural(replicates, "replicate"),
        plural(planned, "trial")
    );
    if done > 0 {
        text += &format!(" ({done} done, {} new)", planned - done);
    }
    text
}

fn described(name: &str, domain: &Domain, study: &Study) -> String {
    match domain {
        Domain::Interval { low, high, scale, .. } if study.sampler != "grid" => {
            let scale = format!("{scale:?}").to_lowercase();
            format!("{name} {}..{} ({scale})", Value::Float(*low), Value::Float(*high))
        }
        _ => {
            let levels: Vec<String> =
                domain.levels().iter().map(|level| short(&quoted::item(level))).collect();
            match levels.len() {
                0..=12 => format!("{name} {}", levels.join(", ")),
                count => format!("{name} {}, {}, … {} ({count})", levels[0], levels[1], levels[count - 1]),
            }
        }
    }
}
