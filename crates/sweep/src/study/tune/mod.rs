//! The stages of a tuning after its search: beyond the borders on which a best value lies, then confirmation on fresh
//! seeds.

mod ranges;
mod search;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_report::Facts;
use sweep_report::facts::{BorderExtension, across, beyond, refinement};
use sweep_report::format::brief;
use sweep_report::verdict::{answer, reason};
use sweep_study::{Extra, FRESH, Point, SECONDS, Study, StudyRecord, Trial};

use crate::engine::Ended;
use crate::event::Planned;
use crate::executor::Executor;
use crate::plan;
use crate::store::Store;
use crate::study::objective::Objective;
use crate::study::report::{Reported, recommended};
use crate::study::run::StudyRun;

pub use search::{TunePlan, tune};

/// The share of the trials left by the search that may lie beyond the ranges; the others are for confirmation.
const BEYOND: f64 = 0.5;

/// The most rivals that are confirmed beside a winner, itself among them.
pub const MOST: usize = 8;

/// The most points that get more seeds, the winner among them.
const IN_DOUBT: usize = 4;

/// How often these get more seeds.
const ROUNDS: usize = 2;

/// A tuning under way.
pub struct Tuning<'a> {
    /// The study, whose search has ended.
    study_run: StudyRun<'a>,
    /// The study as it was searched.
    study: Study,
    /// What its trials run.
    objective: Objective,
    /// Trials that may follow those of the search.
    most: u64,
    /// How the stage before ended.
    ended: Ended,
    /// What ran its trials.
    executor: Arc<dyn Executor>,
    /// What is known by now.
    now: Reported,
}

impl<'a> Tuning<'a> {
    /// Takes over the `study`, whose search ended so, with at most `trials` trials in all, and tells what the search
    /// came to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn after(
        study_run: StudyRun<'a>,
        (study, objective): (Study, Objective),
        (ended, executor): (Ended, Arc<dyn Executor>),
        trials: u64,
    ) -> Result<Tuning<'a>> {
        let now = Reported::started(&study_run.store, study_run.folder)?;
        study_run.options.report.print(&found(&now.record, &now.facts));
        let searched = now.record.trials.iter().filter(|trial| trial.number < plan::EXTRA).count() as u64;
        let most = trials.saturating_sub(searched);
        Ok(Tuning { study_run, study, objective, most, ended, executor, now })
    }

    /// Tries the other schedules where the best point lies, then adds points beyond each border on which a best value
    /// lies, until all lie inside, the time is up, or half of the trials left by the search have been used.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn widen(&mut self, close: Option<Instant>) -> Result<()> {
        self.study_run.close = close;
        let seeds = Extra { points: Vec::new(), first: 0, count: self.study.replicates };
        let others: Vec<BorderExtension> = across(&self.study, &self.now.facts).into_iter().collect();
        self.go_beyond(&others, seeds.clone(), self.most)?;
        loop {
            let most = (BEYOND * self.most as f64) as u64;
            let left = most.saturating_sub(self.spent(|trial| trial.replicate < FRESH));
            let borders = beyond(&self.study, &self.now.facts);
            if !self.go_beyond(&borders, seeds.clone(), left)? {
                return Ok(());
            }
        }
    }

    /// Trains the best point, its rivals and the rates around it on `count` fresh seeds each; where the best of these
    /// lies on a border after all, rates beyond it too.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn confirm(&mut self, count: u32, end: Option<Instant>) -> Result<()> {
        if self.ended == Ended::Interrupted {
            return Ok(());
        }
        self.study_run.close = end;
        let most = self.most.saturating_sub(self.spent(|trial| trial.replicate < FRESH));
        let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        let Some(extra) = to_confirm(&self.now, count, (left, self.study_run.options.jobs(), most)) else {
            return Ok(());
        };
        self.study_run
            .options
            .report
            .print(&format!("The best result may be luck. {}", announcement(&extra)));
        self.run(extra)?;
        loop {
            let facts = &self.now.facts;
            let left = self.most.saturating_sub(self.spent(|_| true));
            let borders = beyond(&self.study, facts);
            let seeds = Extra { points: Vec::new(), first: FRESH, count };
            let inside = facts.best.is_none() || !recommended(facts).is_empty();
            if inside || !self.go_beyond(borders.get(..1).unwrap_or_default(), seeds, left)? {
                return Ok(());
            }
        }
    }

    /// Confirms what looks better than the winner and was not confirmed; then gives the winner and what looks better than
    /// it on the fresh seeds, though not beyond doubt, `count` seeds more, twice at most; while there are time and trials
    /// left.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn settle(&mut self, count: u32) -> Result<()> {
        loop {
            let Reported { facts, .. } = &self.now;
            let left = self.most.saturating_sub(self.spent(|_| true));
            let mut ahead = refinement::unsettled(facts, IN_DOUBT);
            ahead.truncate((left / u64::from(count)) as usize);
            if !ahead.is_empty() && self.timely() {
                let extra = Extra { points: ahead, first: FRESH, count };
                let why = "The best fell behind points not confirmed.";
                self.study_run.options.report.print(&format!("{why} {}", announcement(&extra)));
                self.run(extra)?;
                continue;
            }
            let mut points = refinement::doubtful(facts, IN_DOUBT);
            points.truncate((left / u64::from(count)) as usize);
            let best = facts.best.as_ref().filter(|best| best.n < (1 + ROUNDS) * count as usize);
            let (Some(best), true) = (best, points.len() > 1 && self.timely()) else { return Ok(()) };
            let extra = Extra { points, first: FRESH + best.n as u32, count };
            let why = "Other points look better on the fresh seeds, but not significantly.";
            self.study_run.options.report.print(&format!("{why} {}", announcement(&extra)));
            self.run(extra)?;
        }
    }

    /// Reports the study, ends with what to use and the command that prints it as code, and returns the exit code.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<ExitCode> {
        let ended = if self.ended == Ended::TimedOut { Ended::Finished } else { self.ended };
        let (folder, report) = (self.study_run.folder, &self.study_run.options.report);
        let code = self.study_run.finish(ended, self.executor.as_ref())?;
        let Reported { record, facts, study, .. } = Reported::started(&Store::read(folder)?, folder)?;
        if let Some(answer) = answer(&record, &facts) {
            let form = if study.command.is_some() { "command" } else { "torch" };
            report.print(&format!("\n{answer}\nsweep best {} --as {form}", study.name));
        }
        Ok(code)
    }

    /// Runs the points beyond `borders` on the `seeds`, at most `most` trials, and tells why; whether anything ran.
    fn go_beyond(&mut self, borders: &[BorderExtension], seeds: Extra, most: u64) -> Result<bool> {
        if borders.is_empty() || !self.timely() {
            return Ok(false);
        }
        let mut points = Vec::new();
        for border in borders {
            let all = (points.len() + border.points.len()) as u64 * u64::from(seeds.count);
            let check = |point| {
                let seed = self.study.replicate_seed(seeds.first);
                self.objective.check(&Planned { number: 0, point, replicate: seeds.first, seed })
            };
            let refused = border.points.iter().cloned().find_map(|point| check(point).err());
            if let Some(why) = refused {
                self.study_run.options.report.print(&format!("{} But {why}", reason(&self.study, border)));
            } else if all <= most {
                self.study_run.options.report.print(&reason(&self.study, border));
                points.extend(border.points.iter().cloned());
            }
        }
        if points.is_empty() {
            return Ok(false);
        }
        self.run(Extra { points, ..seeds })?;
        Ok(true)
    }

    /// Whether more may be run.
    fn timely(&self) -> bool {
        self.ended != Ended::Interrupted && self.study_run.close.is_none_or(|close| Instant::now() < close)
    }

    /// Runs the points added.
    fn run(&mut self, extra: Extra) -> Result<()> {
        let newest = Study { extra: Some(extra), ..self.study.clone() };
        (self.ended, self.executor) = self.study_run.advance(Some((newest, self.objective.clone())))?;
        self.now = Reported::started(&self.study_run.store, self.study_run.folder)?;
        Ok(())
    }

    /// How many trials beside those of the search there are of a kind.
    fn spent(&self, kind: impl Fn(&Trial) -> bool) -> u64 {
        let trials = self.now.record.trials.iter();
        trials.filter(|trial| trial.number >= plan::EXTRA && kind(trial)).count() as u64
    }
}

/// The trials about to run, as a sentence.
pub fn announcement(extra: &Extra) -> String {
    let points: Vec<String> = extra.points.iter().map(Point::to_string).collect();
    let seeds = match (extra.first >= FRESH, extra.count) {
        (true, count) => format!("on {count} fresh seeds each"),
        (false, 1) => "once each".to_owned(),
        (false, count) => format!("{count} times each"),
    };
    format!("Running {}: {}", seeds, points.join("; "))
}

/// The result of the search, as a sentence.
fn found(record: &StudyRecord, facts: &Facts) -> String {
    let diverged = facts.divergence.trials.diverged;
    let tried = record.trials.len();
    match &facts.best {
        Some(best) => format!(
            "{diverged} of {tried} trials diverged; best so far: {}, {} {}.",
            best.params,
            best.metric,
            brief(best.value)
        ),
        None => format!("{diverged} of {tried} trials diverged, and none completed."),
    }
}

/// The best point, its rivals and the rates around it: as many as make at most `most` runs, and as there is time left
/// for on so many jobs, by the seconds that a trial of the best point took.
fn to_confirm(
    Reported { study, record, facts, .. }: &Reported,
    count: u32,
    (left, jobs, most): (Duration, usize, u64),
) -> Option<Extra> {
    let best = facts.best.as_ref()?;
    let trial = record.trials.iter().find(|trial| best.trials.first() == Some(&trial.number));
    let seconds = trial.and_then(|trial| trial.metrics.get(SECONDS)).copied().unwrap_or(0.0);
    let runs = (left.as_secs_f64() / seconds.max(1e-3) * jobs as f64).min(most as f64);
    let affordable = (runs / f64::from(count)).floor() as usize;
    let mut points = refinement::rivals(facts, MOST);
    points.extend(refinement::around(study, facts));
    points.truncate(affordable);
    (!points.is_empty()).then_some(Extra { points, first: FRESH, count })
}
