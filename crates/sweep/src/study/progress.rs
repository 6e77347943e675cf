//! The progress display: bars on a terminal, plain lines elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sweep_study::{Direction, Goal, Metrics, Outcome, Point};

use crate::engine::Observer;
use crate::event::{Event, Planned};
use crate::executor::Executor;
use crate::output;

/// Units of the study's bar: fractions of its cost, so that the time left is right even if trials differ.
const UNITS: f64 = 10_000.0;

/// Largest number of running trials shown.
const SHOWN: usize = 16;

/// Shows the progress of the study.
pub struct Progress {
    display: Display,
    /// Costs of the trials known beforehand as shares of the whole.
    shares: BTreeMap<u64, f64>,
    /// Points of the running trials.
    running: BTreeMap<u64, Point>,
    total: usize,
    /// The metric that ranks, and the best value of it so far.
    goal: Goal,
    best: Option<f64>,
    /// Trials that have ended or paused.
    ended: BTreeSet<u64>,
    units: f64,
}

enum Display {
    Bars { all: MultiProgress, study: ProgressBar, running: BTreeMap<u64, ProgressBar> },
    Lines { every: usize },
    Quiet,
}

impl Progress {
    /// A display for `total` trials ranked by `goal`, of which `trials` are known already.
    pub fn new(
        (trials, total): (&[Planned], usize),
        goal: &Goal,
        executor: &dyn Executor,
        quiet: bool,
    ) -> Progress {
        let costs: Vec<f64> = trials.iter().map(|trial| executor.cost(trial) as f64).collect();
        let all: f64 = costs.iter().sum();
        let share = |(trial, cost): (&Planned, &f64)| (trial.number, cost / all);
        let display = if quiet || total == 0 {
            Display::Quiet
        } else if std::io::stderr().is_terminal() {
            bars()
        } else {
            Display::Lines { every: total.div_ceil(100) }
        };
        // Nobody sees a bar move, so nothing is kept of a large study for it.
        let unseen = matches!(display, Display::Quiet);
        let shares = trials.iter().zip(&costs).map(share).filter(|_| !unseen).collect();
        Progress {
            display,
            shares,
            running: BTreeMap::new(),
            total,
            goal: goal.clone(),
            best: None,
            ended: BTreeSet::new(),
            units: 0.0,
        }
    }

    /// Takes the display away.
    pub fn finish(&mut self) {
        if let Display::Bars { all, study, .. } = &self.display {
            study.finish_and_clear();
            // A terminal that cannot be cleared keeps its last line; nothing is lost.
            drop(all.clear());
        }
        self.display = Display::Quiet;
    }

    fn started(&mut self, trial: &Planned) {
        self.running.insert(trial.number, trial.point.clone());
        let Display::Bars { all, running, .. } = &mut self.display else { return };
        if running.len() < SHOWN {
            let bar = all.add(ProgressBar::new_spinner().with_style(style("  {spinner} {msg}")));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar.set_message(trial.point.to_string());
            running.insert(trial.number, bar);
        }
    }

    fn reported(&mut self, number: u64, epoch: f64, metrics: &Metrics) {
        let Display::Bars { running, .. } = &self.display else { return };
        let Some((bar, point)) = running.get(&number).zip(self.running.get(&number)) else { return };
        let at = if epoch > 0.0 { format!("epoch {epoch:.0}   ") } else { String::new() };
        bar.set_message(format!("{point}   {at}{}", reached(metrics, &self.goal)));
    }

    fn ended(&mut self, number: u64, result: &str) {
        let (first, total) = (self.ended.insert(number), self.total);
        let ended = self.ended.len();
        let Some(point) = self.running.remove(&number) else { return };
        if first {
            self.units += self.shares.get(&number).copied().unwrap_or(1.0 / total as f64) * UNITS;
        }
        match &mut self.display {
            Display::Bars { study, running, .. } => {
                if let Some(bar) = running.remove(&number) {
                    bar.finish_and_clear();
                }
                let best = self.best.map(|best| format!("  best {best:.4}")).unwrap_or_default();
                study.set_message(format!("{ended}/{total} trials{best}"));
                study.set_position(self.units.round() as u64);
            }
            Display::Lines { every } if ended.is_multiple_of(*every) || ended == total => {
                output::eprintln(&format!("{ended}/{total}  {point}  {result}"));
            }
            Display::Lines { .. } | Display::Quiet => {}
        }
    }
}

impl Observer for Progress {
    fn observe(&mut self, event: &Event) {
        match event {
            Event::TrialStarted { trial, .. } => self.started(trial),
            Event::Reported { number, reading } => self.reported(*number, reading.epoch, &reading.metrics),
            Event::TrialEnded { number, ending, .. } => {
                let value = ending.metrics.get(&self.goal.metric).copied();
                let value = value.filter(|value| value.is_finite() && ending.outcome.usable());
                let better = |best: &f64| match self.goal.direction {
                    Direction::Minimize => value.is_some_and(|value| value < *best),
                    Direction::Maximize => value.is_some_and(|value| value > *best),
                };
                if self.best.as_ref().is_none_or(better) {
                    self.best = value;
                }
                let best = self.best.map(|best| format!("  (best {best:.4})")).unwrap_or_default();
                let result = outcome_text(&ending.outcome, &ending.metrics, &self.goal);
                self.ended(*number, &format!("{result}{best}"))
            }
            Event::TrialPutBack { number } => self.ended(*number, "interrupted, will run again"),
        }
    }
}

/// The outcome of a trial, as a short text.
pub fn outcome_text(outcome: &Outcome, metrics: &Metrics, goal: &Goal) -> String {
    match outcome {
        Outcome::Complete { stuck } => {
            format!("{}{}", reached(metrics, goal), if *stuck { ", stuck at chance" } else { "" })
        }
        Outcome::Diverged { step } => format!("diverged at step {step}"),
        Outcome::Infeasible { reason } | Outcome::Failed { reason } => {
            format!("{}: {reason}", outcome.name())
        }
        Outcome::Pruned => format!("{}, paused", reached(metrics, goal)),
        Outcome::EndedEarly => format!("{}, ended early", reached(metrics, goal)),
    }
}

/// A bar for `count` pieces of work named `what`; hidden where standard error is not a terminal.
pub fn bar(count: usize, what: &str, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar =
        ProgressBar::new(count as u64).with_style(style("{bar:40} {pos}/{len} {msg}  {elapsed} elapsed"));
    bar.with_message(what.to_owned())
}

/// What a trial has reached of the metric that ranks, and of an agent's return and the validation loss where that is
/// another one.
fn reached(metrics: &Metrics, goal: &Goal) -> String {
    let shown =
        [goal.metric.as_str(), "return", "val_loss"].into_iter().find(|name| metrics.contains_key(*name));
    match shown.and_then(|name| Some((name, metrics.get(name)?))) {
        Some(("return", reached)) => format!("return {reached:.1}"),
        Some((name, reached)) => format!("{name} {reached:.4}"),
        None => format!("no {} yet", goal.metric),
    }
}

fn bars() -> Display {
    let all = MultiProgress::new();
    let study = all.add(ProgressBar::new(UNITS as u64));
    study.set_style(style("{bar:40} {percent:>3}%  {msg}  {elapsed} elapsed, {eta} left"));
    study.enable_steady_tick(Duration::from_millis(250));
    Display::Bars { all, study, running: BTreeMap::new() }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; a wrong one would show the default style.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
