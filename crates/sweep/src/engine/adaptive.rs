//! Trials proposed by a sampler and judged by a pruner while results come in.
//!
//! The planner decides what runs next. When it requests a trial that an earlier process ran, it gets the stored result,
//! so a resumed study takes the same steps as an uninterrupted one.

use std::collections::BTreeMap;

use anyhow::Result;
use sweep_search::{Decision, Limits, Plan, Rules, Segment, Stratum, plan};
use sweep_study::{Outcome, Point, SECONDS, Study, Trial};

use super::sampler_thread::{Answer, Question, SamplerThread};
use super::source::{Due, Next, Source};
use super::trial_report::{paused_at, trial_report};
use crate::event::Planned;

/// The trials of one study.
pub struct Adaptive {
    study: Study,
    planner: Box<dyn Plan>,
    sampler: SamplerThread,
    /// Whether a question to the sampler is pending.
    thinking: bool,
    /// Trials of an earlier process, by number.
    known: BTreeMap<u64, Trial>,
    /// Results in this process of trials that may continue.
    resting: BTreeMap<u64, Trial>,
}

impl Adaptive {
    /// The source of the trials that `study` still needs beyond the `known` ones, proposed by `sampler`.
    ///
    /// # Errors
    /// A pruner that cannot be built.
    pub fn new(study: Study, known: Vec<Trial>, sampler: SamplerThread, limits: Limits) -> Result<Adaptive> {
        let planner = plan(Rules {
            space: study.space.clone(),
            pruner: sweep_search::pruner::for_study(&study)?,
            lag: study.lag,
            replicates: study.replicates,
            points: study.trials,
            audit: study.pruning.audit,
            seed: study.seed,
            limits,
        });
        let known = known.into_iter().map(|trial| (trial.number, trial)).collect();
        Ok(Adaptive { study, planner, sampler, thinking: false, known, resting: BTreeMap::new() })
    }

    /// The trial at the end of a segment as an earlier process ran it; `None` if it did not get that far.
    fn replayed(&self, segment: &Segment) -> Option<Trial> {
        let trial = self.known.get(&segment.trial)?;
        let paused = paused_at(trial, segment.until);
        paused.or_else(|| (trial.outcome != Outcome::Pruned).then(|| trial.clone()))
    }

    /// The segment that a worker runs next.
    fn due(&mut self, Segment { trial: number, until, audited, parent }: Segment, point: Point) -> Due {
        if let Some(trial) = self.known.remove(&number) {
            self.resting.insert(number, trial);
        }
        let replicates = u64::from(self.study.replicates.max(1));
        let replicate = (number % replicates) as u32;
        let seed = self.study.replicate_seed(replicate);
        let seconds = |trial: &Trial| trial.metrics.get(SECONDS).copied().unwrap_or(0.0);
        let before = parent.map_or(number, |(parent, _)| parent);
        let seconds = self.resting.get(&before).or(self.known.get(&before)).map(seconds);
        Due { trial: Planned { number, point, replicate, seed }, until, seconds, audited, parent }
    }

    /// Requests the next point, or takes it from an existing trial. Returns whether a point is available at once.
    fn ask(&mut self) -> bool {
        let number = self.planner.number();
        let replicates = u64::from(self.study.replicates);
        let first = number * replicates;
        if let Some((_, known)) = self.known.range(first..first + replicates).next() {
            let point = known.point.clone();
            self.take(point);
            return true;
        }
        let (history, pending) = (self.planner.history(), self.planner.pending());
        self.sampler.ask(Question { number, history, pending });
        self.thinking = true;
        false
    }

    fn take(&mut self, point: Point) {
        let stratum = Stratum::at(&self.study, &point).into();
        self.planner.take(point, &stratum);
    }
}

impl Source for Adaptive {
    fn next(&mut self) -> Next {
        while !self.thinking {
            match self.planner.decide() {
                Decision::Run(segment) => {
                    if let Some(trial) = self.replayed(&segment) {
                        self.planner.report(segment.trial, trial_report(&self.study, &trial));
                    } else if let Some(point) = self.planner.point(segment.trial).cloned() {
                        return Next::Due(self.due(segment, point));
                    }
                }
                Decision::Ask => {
                    if !self.ask() {
                        break;
                    }
                }
                Decision::Wait => break,
                Decision::End => return Next::Never,
            }
        }
        Next::Later
    }

    fn ended(&mut self, mut trial: Trial) {
        if let Some(mut earlier) = self.resting.remove(&trial.number) {
            earlier.curve.extend(&trial.curve);
            trial.curve = earlier.curve;
        }
        self.planner.report(trial.number, trial_report(&self.study, &trial));
        if trial.outcome == Outcome::Pruned {
            self.resting.insert(trial.number, trial);
        }
    }

    fn proposed(&mut self, answer: Answer) {
        self.thinking = false;
        match answer {
            Answer::Try(point) => self.take(point),
            Answer::UsedUp => self.planner.close(),
            Answer::Enough => self.planner.stop(),
        }
    }

    fn most(&self) -> usize {
        crate::plan::trials(&self.study) as usize
    }
}
