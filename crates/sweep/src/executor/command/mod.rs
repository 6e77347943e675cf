//! Commands as an executor: one program a trial, on this machine or another [`host`].

mod attempt;
mod contract;
pub mod devices;
mod folder_look;
mod health;
pub mod host;
mod launch;
mod outcome;
mod overwritten;
mod retry;
mod save;
mod slots;
mod too_large;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use sweep_study::{Cwd, Metrics, Outcome, Study, Trial};

use super::Executor;
use crate::event::{Ending, Planned, Reading, Segment};
use crate::output;
use crate::stop::Stop;
use crate::trial_folder::budget::Budget;
use crate::trial_folder::folder::Folder;
use crate::trial_folder::gather::{Gather, Gathered};
use crate::trial_folder::template::Template;
use attempt::{Came, Running, Start};
use health::Health;
use host::Host;
use overwritten::Overwritten;
use too_large::TooLarge;

pub use slots::{SlotRequest, Slots};

/// How the programs of a study are run; no part of its specification.
#[derive(Clone, Debug)]
pub struct AttemptOptions {
    /// How long a trial may take, pauses left out.
    pub timeout: Option<Duration>,
    /// How long a program may take to end when it is asked to.
    pub grace: Duration,
    /// How often a program that failed is started again.
    pub retries: u32,
    /// Whether the study continues though its first trials fail.
    pub keep_going: bool,
    /// The most memory that each process of a trial may have for itself, in bytes.
    pub memory: Option<u64>,
    /// Whether trials of a Python script share the process that makes its imports.
    pub warm: bool,
    /// Variables that programs find in their environment beside those that tell of their trial.
    pub environment: BTreeMap<String, String>,
}

/// Runs the trials of one study, each as a program in a folder of its own.
pub struct Command {
    study: Study,
    template: Template,
    folder: PathBuf,
    options: AttemptOptions,
    slots: Slots,
    host: Box<dyn Host>,
    /// Trials that pause, by number.
    paused: Mutex<HashMap<u64, Running>>,
    too_large: TooLarge,
    health: Health,
    overwritten: Overwritten,
    /// What was said of the steps of any trial, once a study.
    said: Mutex<BTreeSet<String>>,
}

impl Command {
    /// What runs the trials on `host`, of a study whose folder is `folder` and of which the `known` trials have ended.
    /// When the study cannot continue, `stop` is raised.
    pub fn new(
        (study, template): (Study, Template),
        folder: &Path,
        (options, slots, host): (AttemptOptions, Slots, Box<dyn Host>),
        known: &[Trial],
        stop: Stop,
    ) -> Command {
        let too_large = TooLarge::new(&study, known);
        let keep_going =
            options.keep_going || known.iter().any(|trial| !matches!(trial.outcome, Outcome::Failed { .. }));
        // Files of other machines are seen here late.
        let start = std::env::current_dir().ok().filter(|_| host.is_here());
        Command {
            template,
            overwritten: start.map_or_else(Overwritten::unseen, |start| Overwritten::new(&start, folder)),
            folder: folder.to_owned(),
            options,
            slots,
            host,
            paused: Mutex::default(),
            too_large,
            health: Health::new(keep_going, stop),
            said: Mutex::default(),
            study,
        }
    }

    /// What a trial's budget is at the point of `trial`.
    fn budget(&self, trial: &Planned) -> Budget {
        let (unit, _) = self.study.budget();
        let amount = self.study.setting(&trial.point, unit).and_then(|value| value.number());
        let steps_an_epoch = self.template.steps_an_epoch(self.study.batch(&trial.point));
        Budget { unit, amount, steps_an_epoch }
    }

    /// Says something of a trial, unless the same was said of another.
    fn say_once(&self, trial: u64, what: String) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(what.clone()) {
            output::eprintln(&format!("trial {trial}: {what}"));
        }
    }

    /// Says that trials overwrite each other's files, and what would do.
    fn say_overwritten(&self, what: &str) {
        let other = match self.template.cwd() {
            Cwd::Start => "give --in-trial-dir, or ",
            Cwd::Trial => "",
        };
        output::eprintln(&format!("{what}: {other}write to {{trial_dir}}"));
    }

    /// Says what is odd about the reports of a trial that runs: its steps, and new readings that no pruner can use.
    fn remark(&self, trial: &Planned, gather: &mut Gather, new: &[Gathered]) {
        for odd in gather.odd() {
            self.say_once(trial.number, odd.to_string());
        }
        if self.study.pruning.any() && new.iter().any(|gathered| gathered.share.is_none()) {
            let what = contract::unpruned(&self.budget(trial), gather);
            what.into_iter().for_each(|what| self.say_once(trial.number, what));
        }
    }

    fn park(&self, number: u64, running: Running) {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).insert(number, running);
    }

    fn unpark(&self, number: u64) -> Option<Running> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }

    /// Runs a segment to whatever comes first; says of its end whether the metric that ranks it was missing.
    fn segment(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Result<Option<(Ending, bool)>> {
        let number = segment.trial.number;
        let slot = self.slots.take();
        self.overwritten.starts(number);
        let mut running = match self.unpark(number) {
            Some(mut paused) => {
                if !paused.has_met(segment.until) {
                    paused.resume(self, &slot)?;
                }
                paused
            }
            None => Running::begin(self, segment, &slot)?,
        };
        let (mut retries, mut losses) = (self.options.retries, 0);
        loop {
            let came = running.follow(self, segment.until, stop, report);
            let unread = matches!(came, Came::Unread(_));
            let ending = match came {
                Came::Interrupted => return Ok(None),
                Came::Paused => {
                    let ending = running.pause(self);
                    self.overwritten.pauses(number);
                    self.park(number, running);
                    return Ok(Some((ending, false)));
                }
                Came::Ended(outcome) => outcome,
                Came::Unread(reason) => Outcome::Failed { reason },
            };
            if matches!(ending, Outcome::Complete { .. }) && self.study.target().is_none() {
                let budget = self.budget(&segment.trial);
                let odd = contract::unkept(&budget, running.gather(), self.template.names_budget());
                odd.into_iter().for_each(|odd| self.say_once(number, odd));
            }
            if running.lost() && losses < LOSSES {
                losses += 1;
                running.try_again(self, &slot, Start::Checkpoint)?;
                continue;
            }
            if let (Outcome::Failed { reason }, true) = (&ending, running.could_not_continue()) {
                let what = format!("it could not continue from its checkpoint ({reason}), and starts over");
                output::eprintln(&format!("trial {number}: {what}"));
                running.try_again(self, &slot, Start::Scratch)?;
                continue;
            }
            let again = matches!(ending, Outcome::Failed { .. }) && retries > 0 && running.may_try_again();
            if !again {
                let whole = matches!(ending, Outcome::Complete { .. });
                self.overwritten.ends(number, whole).into_iter().for_each(|what| self.say_overwritten(&what));
                return Ok(Some((running.conclude(ending), unread)));
            }
            retries -= 1;
            if !retry::wait(self.options.retries - retries, stop) {
                return Ok(None);
            }
            running.try_again(self, &slot, Start::Checkpoint)?;
        }
    }
}

impl Executor for Command {
    fn run(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending> {
        let point = &segment.trial.point;
        if let Some(reason) = self.too_large.refusal(&self.study, point) {
            return Some(Ending { outcome: Outcome::Infeasible { reason }, ..Ending::failed(String::new()) });
        }
        let (ending, unread) = match self.segment(segment, stop, report) {
            Ok(ending) => ending?,
            Err(error) => (Ending::failed(format!("{error:#}")), false),
        };
        if matches!(ending.outcome, Outcome::Infeasible { .. }) {
            self.too_large.learn(&self.study, point);
        }
        self.health.saw(&ending.outcome, unread);
        Some(ending)
    }

    fn cost(&self, trial: &Planned) -> u64 {
        // Larger budgets take longer; nothing else is known.
        self.budget(trial).amount.map_or(1, |amount| (amount * 1000.0) as u64).max(1)
    }

    /// A program has already reported its test results, if it has any.
    fn test(&self, trial: &Trial, _: &dyn Fn() -> bool) -> Metrics {
        let result = Folder::new(&self.folder, trial.number).last().and_then(|attempt| attempt.result());
        let metrics = result.as_ref().and_then(|result| result["metrics"].as_object());
        let test = |(name, value): (&String, &serde_json::Value)| {
            Some((name.clone(), value.as_f64()?)).filter(|(name, _)| name.starts_with(TEST))
        };
        metrics.into_iter().flatten().filter_map(test).collect()
    }

    fn gave_up(&self) -> Option<String> {
        self.health.verdict()
    }
}

/// How often a trial is started again whose machine was lost or taken away.
pub const LOSSES: u32 = 20;

/// What the names of test figures begin with.
const TEST: &str = "test_";
