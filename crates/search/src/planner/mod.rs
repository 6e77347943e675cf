//! What runs next: a trial that continues, or a new point, decided step by step.
//!
//! A step starts the trials of a new point or lets one trial continue from its rung to the next. Step n is decided from
//! the results of the steps up to n − lag, however much else has ended by then, so that the same steps are taken for
//! any number of workers. With the lag `async` it is decided from everything that has ended. Paused trials come before
//! new points. If nothing can be decided yet, a step passes idly, so that the next one knows more.

mod audit;
mod limits;
mod plan;
mod population;
mod trial_state;

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sweep_study::{Lag, Point, Space};

use crate::cube;
use crate::pruner::{Field, Pruner, Standing, Verdict};
use crate::{Observation, Stratum};
use trial_state::TrialState;

pub use limits::Limits;
pub use plan::{Plan, plan};
pub use population::Population;
pub use trial_state::TrialReport;

/// A segment that is to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The trial's number: that of its point times the replicates, plus the replicate.
    pub trial: u64,
    /// The share of its budget to which it runs.
    pub until: f64,
    /// Whether it was pruned and runs to its end as an audit, to see whether pruning was right.
    pub audited: bool,
    /// For a new copy: the trial from whose pause it continues, and the share of the budget at which that trial paused.
    pub parent: Option<(u64, f64)>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision {
    /// This segment runs.
    Run(Segment),
    /// A sampler is asked for the next point.
    Ask,
    /// A running segment must end first.
    Wait,
    /// Nothing is left to run.
    End,
}

/// How a study is planned.
pub struct Rules {
    /// Where points lie.
    pub space: Space,
    /// The pruner.
    pub pruner: Box<dyn Pruner>,
    /// Which results a step may use.
    pub lag: Lag,
    /// Trials per point.
    pub replicates: u32,
    /// Points to try; `None` if the sampler ends by itself.
    pub points: Option<u64>,
    /// The share of the pruned trials that is run to the end to see whether pruning was right.
    pub audit: f64,
    /// The study's seed.
    pub seed: u64,
    /// When to end the search.
    pub limits: Limits,
}

/// Decides what runs next.
pub struct Planner {
    rules: Rules,
    /// The number of the step to be decided.
    step: u64,
    trials: BTreeMap<u64, TrialState>,
    /// Points so far.
    points: u64,
    /// Whether no more points are wanted or available.
    closed: bool,
    /// Running segments, by the step that started them.
    open: BTreeMap<u64, usize>,
    /// Decided but not started.
    due: VecDeque<Segment>,
    /// Whether audited trials have been chosen.
    audited: bool,
}

impl Planner {
    /// The plan of a study before its first trial.
    pub fn new(rules: Rules) -> Planner {
        let (trials, open, due) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Planner { rules, step: 0, trials, points: 0, closed: false, open, due, audited: false }
    }

    /// Whether a step uses only the results that its number allows.
    fn lagging(&self) -> bool {
        self.rules.lag != Lag::Async
    }

    /// Results of steps before this one may be used.
    fn bound(&self) -> u64 {
        match self.rules.lag {
            Lag::Trials(lag) => (self.step + 1).saturating_sub(lag.max(1)),
            Lag::Async => u64::MAX,
        }
    }

    /// Whether another point should be tried.
    fn wanted(&self) -> bool {
        !self.closed && self.rules.points.is_none_or(|points| self.points < points)
    }

    /// Whether results of earlier steps are still unknown.
    fn unknown(&self, bound: u64) -> bool {
        !self.open.is_empty() || self.trials.values().any(|state| state.step >= bound)
    }

    fn begin(&mut self, number: u64, replicate: u32, point: Point, stratum: Arc<Stratum>) {
        let trial = number * u64::from(self.rules.replicates) + u64::from(replicate);
        let first = self.rules.pruner.first(number);
        let state = TrialState {
            point_number: number,
            units: cube::units(&self.rules.space, &point),
            point,
            stratum,
            first,
            step: self.step,
            reports: Vec::new(),
            running: false,
            stopped: false,
        };
        self.trials.insert(trial, state);
        self.launch(trial, first, false);
    }

    /// Runs a trial to a rung, as part of this step.
    fn launch(&mut self, trial: u64, rung: usize, audited: bool) {
        let Some(state) = self.trials.get_mut(&trial) else { return };
        state.running = true;
        state.step = self.step;
        *self.open.entry(self.step).or_default() += 1;
        let until = self.rules.pruner.rungs().get(rung).copied().unwrap_or(1.0);
        self.due.push_back(Segment { trial, until, audited, parent: None });
    }

    /// Lets the first trial continue that may; returns whether one does.
    fn resume_one(&mut self, bound: u64) -> bool {
        let rests = self.trials.iter().filter(|(_, state)| state.rests(bound));
        let resting: Vec<(u64, Option<Standing>)> =
            rests.map(|(number, state)| (*number, state.standing(bound))).collect();
        if resting.is_empty() {
            return false;
        }
        let standings: Vec<Standing> =
            self.trials.values().filter_map(|state| state.standing(bound)).collect();
        let field = Field { standings: &standings, more: self.wanted() || self.unknown(bound) };
        let mut groups: BTreeMap<_, Vec<(f64, u64, Standing)>> = BTreeMap::new();
        for (trial, standing) in resting {
            let Some(standing) = standing else {
                // It has no loss to compare.
                return self.advance(trial);
            };
            let loss = standing.losses.last().copied().unwrap_or(f64::INFINITY);
            let group = (Reverse(standing.rung()), Arc::clone(&standing.stratum), standing.first);
            groups.entry(group).or_default().push((loss, trial, standing));
        }
        for mut group in groups.into_values() {
            group.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (_, trial, standing) in group {
                match self.rules.pruner.judge(&standing, &field) {
                    Verdict::Continue => return self.advance(trial),
                    // The other trials of the group are not better.
                    Verdict::Pause => break,
                    Verdict::Stop => {
                        self.trials.entry(trial).and_modify(|state| state.stopped = true);
                    }
                }
            }
        }
        false
    }

    /// Lets a paused trial continue to its next rung.
    fn advance(&mut self, trial: u64) -> bool {
        let Some(state) = self.trials.get(&trial) else { return false };
        let rung = state.first + state.reports.len();
        self.launch(trial, rung, false);
        self.step += 1;
        true
    }

    /// Starts the next replicate of the first point that gets another; returns whether one does.
    fn repeat(&mut self, bound: u64) -> bool {
        if !self.rules.pruner.replicates() || (self.closed && self.rules.limits.any()) {
            return false;
        }
        let all = self.replicates(bound);
        let mean = |losses: &Vec<f64>| losses.iter().sum::<f64>() / losses.len() as f64;
        for (number, own) in &all {
            if own.len() as u64 >= u64::from(self.rules.replicates) {
                continue;
            }
            let first = number * u64::from(self.rules.replicates);
            let launched = self.trials.range(first..first + u64::from(self.rules.replicates));
            if launched.clone().count() > own.len() || launched.clone().any(|(_, state)| state.stopped) {
                continue;
            }
            let rivals = all.values().filter(|other| other.len() >= own.len());
            let best = rivals.min_by(|a, b| mean(a).total_cmp(&mean(b)));
            let Some((trial, state)) = launched.last() else { continue };
            if self.rules.pruner.another(own, best.unwrap_or(own)) {
                let (point, stratum) = (state.point.clone(), state.stratum.clone());
                self.begin(*number, own.len() as u32, point, stratum);
                self.step += 1;
                return true;
            }
            let trial = *trial;
            self.trials.entry(trial).and_modify(|state| state.stopped = true);
        }
        false
    }

    /// The losses of the points' replicates, in their order, of those that completed or diverged.
    fn replicates(&self, bound: u64) -> BTreeMap<u64, Vec<f64>> {
        let mut all: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for state in self.trials.values() {
            if let Some(loss) = state.known(bound).last().filter(|report| report.over).and_then(|h| h.loss) {
                all.entry(state.point_number).or_default().push(loss);
            }
        }
        all
    }

    /// The losses of the trials that are known to have ended, by number.
    fn losses(&self, bound: u64) -> impl Iterator<Item = f64> {
        let ended = move |state: &TrialState| match state.known(bound).last() {
            Some(TrialReport { evidence, over: true, .. }) => Some(evidence.loss().unwrap_or(f64::INFINITY)),
            _ => None,
        };
        self.trials.values().filter_map(ended)
    }

    /// Runs the audited trials to their end, once; returns whether there are any.
    fn audit(&mut self) -> bool {
        if std::mem::replace(&mut self.audited, true) || self.rules.audit <= 0.0 {
            return false;
        }
        let pruned = self.trials.iter().filter(|(_, state)| state.pruned()).map(|(number, _)| *number);
        let chosen = audit::chosen(self.rules.seed, self.rules.audit, pruned.collect());
        let last = self.rules.pruner.rungs().len();
        for trial in &chosen {
            self.launch(*trial, last, true);
        }
        self.step += 1;
        !chosen.is_empty()
    }
}

impl Plan for Planner {
    fn decide(&mut self) -> Decision {
        loop {
            if let Some(segment) = self.due.pop_front() {
                return Decision::Run(segment);
            }
            let bound = self.bound();
            if self.open.first_key_value().is_some_and(|(step, _)| *step < bound && self.lagging()) {
                return Decision::Wait;
            }
            if !self.closed && self.rules.limits.reached(self.losses(bound)) {
                self.stop();
            }
            if self.resume_one(bound) || self.repeat(bound) {
                continue;
            }
            if self.wanted() {
                return Decision::Ask;
            }
            if self.unknown(bound) {
                if !self.lagging() {
                    return Decision::Wait;
                }
                self.step += 1;
            } else if !self.audit() {
                return Decision::End;
            }
        }
    }

    fn take(&mut self, point: Point, stratum: &Arc<Stratum>) {
        let number = self.points;
        self.points += 1;
        let count = if self.rules.pruner.replicates() { 1 } else { self.rules.replicates };
        for replicate in 0..count {
            self.begin(number, replicate, point.clone(), Arc::clone(stratum));
        }
        self.step += 1;
    }

    fn close(&mut self) {
        self.closed = true;
    }

    fn stop(&mut self) {
        self.closed = true;
        self.trials.values_mut().for_each(|state| state.stopped = true);
    }

    fn report(&mut self, trial: u64, report: TrialReport) {
        let Some(state) = self.trials.get_mut(&trial).filter(|state| state.running) else { return };
        state.running = false;
        state.reports.push((state.step, report));
        if let Some(count) = self.open.get_mut(&state.step) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&state.step);
            }
        }
    }

    fn number(&self) -> u64 {
        self.points
    }

    fn point(&self, trial: u64) -> Option<&Point> {
        self.trials.get(&trial).map(|state| &state.point)
    }

    fn history(&self) -> Vec<Observation> {
        let bound = self.bound();
        let observation = |(number, state): (&u64, &TrialState)| {
            let evidence = state.known(bound).last()?.evidence;
            let (point, units) = (state.point.clone(), state.units.clone());
            Some(Observation { number: *number, point, units, evidence })
        };
        self.trials.iter().filter_map(observation).collect()
    }

    fn pending(&self) -> Vec<Point> {
        let bound = self.bound();
        let mut last = None;
        let open = self.trials.values().filter(|state| state.known(bound).next().is_none());
        let first = open.filter(|state| last.replace(state.point_number) != Some(state.point_number));
        first.map(|state| state.point.clone()).collect()
    }
}
