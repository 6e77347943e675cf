//! A trial as a running program, over its attempts and pauses.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value as Json, json};
use sweep_study::{Metrics, Outcome, SECONDS, STEPS_TO_TARGET};

use super::host::{Adopted, Job};
use super::launch::{fresh, launch};
use super::outcome::Judged;
use super::save::settle;
use super::slots::Slot;
use super::{Command, TEST};
use crate::event::{Ending, Planned, Reading, Segment, pauses};
use crate::supervisor::{Exit, Signal};
use crate::trial_folder::folder::{Attempt, Folder, Verdict};
use crate::trial_folder::gather::{Gather, Gathered, Reached};
use crate::trial_folder::output;
use crate::trial_folder::read::Sources;

/// The least that a program is given to end.
const PULSE: Duration = Duration::from_millis(50);

/// While no trial has reported the metric, how often it is looked for in figures of other names.
const LOOK: Duration = Duration::from_secs(5);

/// Where a program that is started again begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Where it last saved.
    Checkpoint,
    /// Without what it saved.
    Scratch,
}

/// The first thing to happen while a program was followed.
pub enum Came {
    /// The trial has ended.
    Ended(Outcome),
    /// It has ended without the metric that ranks it, for this reason.
    Unread(String),
    /// It has reached the end of its segment.
    Paused,
    /// The study was interrupted.
    Interrupted,
}

/// A trial whose program runs, pauses or has just ended.
pub struct Running {
    trial: Planned,
    folder: Folder,
    attempt: Attempt,
    process: Box<dyn Job>,
    sources: Sources,
    gather: Gather,
    /// Readings made and not yet reported.
    backlog: Vec<Gathered>,
    /// How the program ended, once it has.
    exit: Option<Exit>,
    /// Whether it was ended at a pause and continues from its checkpoint.
    ended_to_pause: bool,
    /// Whether it began from a checkpoint and has reported nothing since.
    unproven: bool,
    /// Seconds before the program last began or continued.
    before: f64,
    /// Since when it runs, once it does.
    since: Option<Instant>,
    /// What was reported last.
    steps: u64,
    epochs: f64,
    reported: Metrics,
}

impl Running {
    /// Starts the program of a segment's trial, from the checkpoint that it continues from if there is one.
    pub fn begin(command: &Command, segment: &Segment, slot: &Slot<'_>) -> Result<Running> {
        let trial = segment.trial.clone();
        let folder = Folder::new(&command.folder, trial.number);
        let state: Json = match &segment.from {
            Some(checkpoint) => serde_json::from_slice(&checkpoint.state)?,
            None => Json::Null,
        };
        let known = state["step"].as_u64().map(|step| Reached {
            step,
            epoch: state["epoch"].as_f64().unwrap_or(0.0),
            stepped: state["stepped"].as_bool().unwrap_or(true),
        });
        let diverged_if = command.template.diverged_if().clone();
        let metric = command.study.curve_metric();
        let mut gather =
            Gather::new(&metric, command.budget(&trial), diverged_if, known).until(command.study.target());
        let (mut backlog, mut restored) = (Vec::new(), false);
        let (attempt, process) = match command.host.adopt(&folder) {
            Some(Adopted { attempt, job, earlier }) => {
                for earlier in &earlier {
                    let mut sources = sources(command, earlier);
                    sources.finish(&mut |place, report| backlog.extend(gather.take(place, report, 0.0)));
                    backlog.extend(gather.settle());
                    gather.restart();
                }
                (attempt, job)
            }
            None => {
                let attempt = fresh(command, &trial, &folder, slot)?;
                if let Some(saved) =
                    state["checkpoint"].as_str().map(Path::new).filter(|saved| saved.is_dir())
                {
                    restored = attempt.start_from(saved)?;
                }
                let process = launch(command, &trial, &attempt, slot, false);
                (attempt, process)
            }
        };
        Ok(Running {
            since: since(process.as_ref()),
            process,
            sources: sources(command, &attempt),
            steps: known.map_or(0, |known| known.step),
            gather,
            folder,
            attempt,
            trial,
            backlog,
            exit: None,
            ended_to_pause: false,
            unproven: restored,
            before: segment.from.as_ref().map_or(0.0, |checkpoint| checkpoint.seconds),
            epochs: known.map_or(0.0, |known| known.epoch),
            reported: Metrics::new(),
        })
    }

    /// What was read of it.
    pub fn gather(&self) -> &Gather {
        &self.gather
    }

    fn judged(&self) -> Judged<'_> {
        Judged { gather: &self.gather, attempt: &self.attempt }
    }

    fn seconds(&self) -> f64 {
        self.before + self.since.map_or(0.0, |since| since.elapsed().as_secs_f64())
    }

    /// Follows the program until it ends, pauses or is interrupted.
    pub fn follow(
        &mut self,
        command: &Command,
        until: f64,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Came {
        let mut looked = Instant::now();
        loop {
            if self.gather.reached.is_some() {
                self.end(command);
                self.tell(1.0, report);
                return Came::Ended(self.judged().at_target());
            }
            if self.tell(until, report) {
                return Came::Paused;
            }
            if let Some(exit) = self.exit.clone() {
                return self.judged().outcome(&exit).map_or_else(Came::Unread, Came::Ended);
            }
            if let Some(step) = self.gather.diverged {
                self.end(command);
                self.tell(1.0, report);
                return Came::Ended(Outcome::Diverged { step });
            }
            if stop() {
                self.end(command);
                return Came::Interrupted;
            }
            if let Some(timeout) = command.options.timeout.filter(|most| self.seconds() > most.as_secs_f64())
            {
                self.end(command);
                self.tell(1.0, report);
                let most = humantime::format_duration(timeout);
                return Came::Ended(Outcome::Failed {
                    reason: format!("it took longer than --trial-timeout {most}"),
                });
            }
            if looked.elapsed() >= LOOK && command.health.is_unknown() {
                looked = Instant::now();
                if self.judged().is_misread() {
                    self.end(command);
                    return Came::Unread(self.judged().unread("it was ended"));
                }
            }
            self.exit = self.process.wait(command.host.pulse());
            if self.since.is_none() {
                self.since = since(self.process.as_ref());
            }
            self.read();
            command.remark(&self.trial, &mut self.gather, &self.backlog);
        }
    }

    /// Reads what is new, or all that is left of a program that has ended.
    fn read(&mut self) {
        let seconds = self.seconds();
        let Running { sources, gather, backlog, exit, unproven, .. } = self;
        let over = exit.is_some();
        let mut take = |place, report| {
            *unproven = false;
            backlog.extend(gather.take(place, report, seconds));
        };
        if over {
            sources.finish(&mut take)
        } else {
            sources.read(&mut take)
        }
        if over {
            backlog.extend(gather.finish())
        } else {
            backlog.extend(gather.settle())
        }
        if !over {
            output::relieve(&self.attempt.stdout(), self.sources.stdout_read());
            output::relieve(
                &self.attempt.stderr(),
                self.attempt.stderr().metadata().map_or(0, |about| about.len()),
            );
        }
    }

    /// Reports what was read, up to the reading that reaches `until`; says whether that was met.
    fn tell(&mut self, until: f64, report: &mut dyn FnMut(Reading)) -> bool {
        let reaches = |gathered: &Gathered| gathered.share.is_some_and(|share| pauses(until, share));
        let met = self.backlog.iter().position(reaches);
        let count = met.map_or(self.backlog.len(), |at| at + 1);
        for Gathered { mut reading, .. } in self.backlog.drain(..count) {
            reading.metrics.retain(|name, _| !name.starts_with(TEST));
            (self.steps, self.epochs) = (reading.step, reading.epoch);
            self.reported.extend(reading.metrics.clone());
            report(reading);
        }
        met.is_some()
    }

    /// Ends the program: it is asked to, and after the grace made to.
    fn end(&mut self, command: &Command) {
        // A removed folder has no program to stop.
        drop(self.folder.tell(Verdict::Stop));
        self.process.signal(Signal::Terminate);
        self.exit = self.exit.take().or_else(|| self.process.wait(command.options.grace));
        while self.exit.is_none() {
            self.process.signal(Signal::Kill);
            self.exit = self.process.wait(command.options.grace.max(PULSE));
        }
        self.read();
    }

    /// Pauses: a program that has saved a checkpoint or cannot stand still is ended, another stands still.
    pub fn pause(&mut self, command: &Command) -> Ending {
        (self.before, self.since) = (self.seconds(), None);
        let saves = self.attempt.has_checkpoint();
        if self.exit.is_none() && saves {
            self.exit = settle(self.process.as_mut(), &self.attempt, command.options.grace);
            self.read();
        }
        if self.exit.is_none() && (saves || !command.host.suspends()) {
            self.end(command);
            self.ended_to_pause = true;
        } else if self.exit.is_none() {
            self.process.signal(Signal::Suspend);
        }
        let state = json!({
            "step": self.steps,
            "epoch": self.epochs,
            "stepped": self.gather.stepped,
            "checkpoint": self.ended_to_pause.then(|| self.attempt.checkpoint()),
        });
        let mut metrics = self.reported.clone();
        metrics.insert(SECONDS.to_owned(), self.before);
        Ending {
            outcome: Outcome::Pruned,
            steps: self.steps,
            counted: !self.gather.stepped,
            epochs: self.epochs,
            metrics,
            checkpoint: Some(state.to_string().into_bytes().into()),
        }
    }

    /// Whether it had come so far before it paused that it need not run to be paused again.
    pub fn has_met(&self, until: f64) -> bool {
        self.backlog.iter().any(|gathered| gathered.share.is_some_and(|share| pauses(until, share)))
    }

    /// Continues after a pause.
    pub fn resume(&mut self, command: &Command, slot: &Slot<'_>) -> Result<()> {
        if self.ended_to_pause {
            return self.try_again(command, slot, Start::Checkpoint);
        }
        self.since = Some(Instant::now());
        if self.exit.is_none() {
            self.process.signal(Signal::Continue);
        }
        Ok(())
    }

    /// Whether another attempt could do better.
    pub fn may_try_again(&self) -> bool {
        matches!(self.exit, Some(Exit::Code(1..) | Exit::Signal(_)))
    }

    /// Whether the program has begun from a checkpoint and ended with an error before it reported anything.
    pub fn could_not_continue(&self) -> bool {
        self.unproven && self.may_try_again()
    }

    /// Whether the program ended for a reason that is not its own.
    pub fn lost(&self) -> bool {
        matches!(self.exit, Some(Exit::Lost(_)))
    }

    /// Starts the program again, from its last checkpoint or from scratch.
    pub fn try_again(&mut self, command: &Command, slot: &Slot<'_>, from: Start) -> Result<()> {
        let saved = self.attempt.checkpoint();
        self.attempt = fresh(command, &self.trial, &self.folder, slot)?;
        self.unproven = match from {
            Start::Checkpoint => self.attempt.start_from(&saved)?,
            Start::Scratch => false,
        };
        self.sources = sources(command, &self.attempt);
        self.gather.restart();
        self.exit = None;
        if !self.ended_to_pause {
            self.before = self.seconds();
        }
        self.ended_to_pause = false;
        self.process = launch(command, &self.trial, &self.attempt, slot, true);
        self.since = since(self.process.as_ref());
        Ok(())
    }

    /// Writes down how the trial ended.
    pub fn conclude(&mut self, outcome: Outcome) -> Ending {
        let seconds = self.seconds();
        let mut metrics = std::mem::take(&mut self.gather.metrics);
        let result = json!({
            "outcome": outcome,
            "exit": self.exit,
            "steps": self.gather.steps,
            "epochs": self.gather.epochs,
            "metrics": metrics,
            "seconds": seconds,
        });
        // The store has it all; a folder that cannot be written loses a copy.
        drop(self.attempt.conclude(&result));
        drop(output::cut(&self.attempt.stdout()));
        drop(output::cut(&self.attempt.stderr()));
        metrics.retain(|name, _| !name.starts_with(TEST));
        metrics.insert(SECONDS.to_owned(), seconds);
        let target = self.gather.reached.filter(|_| self.gather.stepped);
        metrics.extend(target.map(|step| (STEPS_TO_TARGET.to_owned(), step as f64)));
        let Gather { steps, epochs, stepped, .. } = self.gather;
        Ending { outcome, steps, counted: !stepped && steps > 0, epochs, metrics, checkpoint: None }
    }
}

/// The places where an attempt may report.
fn sources(command: &Command, attempt: &Attempt) -> Sources {
    Sources::new(attempt, command.template.patterns().clone(), &command.study.curve_metric())
}

/// Since when a program runs.
fn since(job: &dyn Job) -> Option<Instant> {
    Instant::now().checked_sub(job.age()?)
}
