//! Population-based training (Jaderberg et al. 2017, arXiv 1711.09846), generation by generation.
//!
//! The members of a population train in parallel and pause together at each rung. There the worst members end, and each
//! is replaced by a copy of one of the best, which continues from that member's checkpoint with slightly changed
//! settings. All members of a generation must pause before the next begins, so the same trials run for any number of
//! workers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::RngExt;
use sweep_study::Point;

use super::{Decision, Plan, Rules, Segment, TrialReport};
use crate::pruner::Exploit;
use crate::{Evidence, Observation, Stratum, cube};
use sweep_settings::numbered_stream;

/// A member of the population.
struct Member {
    point: Point,
    report: Option<TrialReport>,
}

/// The plan of a population.
pub struct Population {
    rules: Rules,
    exploit: Exploit,
    members: BTreeMap<u64, Member>,
    /// The trials of this generation.
    generation: Vec<u64>,
    /// The rung to which they run.
    rung: usize,
    /// Running segments.
    open: usize,
    due: VecDeque<Segment>,
    closed: bool,
}

impl Population {
    /// The plan of a study before its first trial.
    pub fn new(rules: Rules, exploit: Exploit) -> Population {
        let (members, generation, due) = (BTreeMap::new(), Vec::new(), VecDeque::new());
        Population { rules, exploit, members, generation, rung: 0, open: 0, due, closed: false }
    }

    fn launch(&mut self, trial: u64, parent: Option<(u64, f64)>) {
        let until = self.rules.pruner.rungs().get(self.rung).copied().unwrap_or(1.0);
        self.open += 1;
        self.due.push_back(Segment { trial, until, audited: false, parent });
    }

    /// Begins the next generation; returns whether there is one.
    fn succeed(&mut self) -> bool {
        self.rung += 1;
        let mut ranked: Vec<(f64, u64)> =
            self.generation.iter().map(|trial| (self.loss(*trial), *trial)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let alive = ranked.iter().filter(|(loss, _)| loss.is_finite()).count();
        if alive == 0 || self.rung >= self.rules.pruner.rungs().len() {
            return false;
        }
        let count = (self.exploit.share * ranked.len() as f64).ceil() as usize;
        // All diverged members end, whatever their number; the best are few enough that none of them ends.
        let kept = alive.min(ranked.len().saturating_sub(count)).max(1);
        let best = count.clamp(1, kept);
        self.generation = ranked[..kept].iter().map(|(_, trial)| *trial).collect();
        // Copies are made before their originals continue.
        for _ in kept..ranked.len() {
            let trial = self.members.len() as u64;
            let mut rng = numbered_stream(self.rules.seed, "explore", trial);
            let parent = ranked[rng.random_range(0..best)].1;
            let point = self.explored(parent, &mut rng);
            self.members.insert(trial, Member { point, report: None });
            let share = self.rules.pruner.rungs().get(self.rung - 1).copied().unwrap_or_default();
            self.launch(trial, Some((parent, share)));
            self.generation.push(trial);
        }
        for (_, trial) in &ranked[..kept] {
            self.launch(*trial, None);
        }
        true
    }

    /// The settings of a member, each changed one step up or down.
    fn explored(&self, parent: u64, rng: &mut rand_chacha::ChaCha8Rng) -> Point {
        let mut point = self.members.get(&parent).map(|member| member.point.clone()).unwrap_or_default();
        for parameter in &self.rules.space.parameters {
            let up: bool = rng.random();
            if let Some(value) = point.0.get_mut(&parameter.name) {
                *value = cube::step(&parameter.domain, value, self.exploit.factor, up);
            }
        }
        point
    }

    /// The loss of a member where it paused last; infinite if it ended.
    fn loss(&self, trial: u64) -> f64 {
        let report = self.members.get(&trial).and_then(|member| member.report);
        report.filter(|report| !report.over).and_then(|report| report.loss).unwrap_or(f64::INFINITY)
    }
}

impl Plan for Population {
    fn decide(&mut self) -> Decision {
        loop {
            if let Some(segment) = self.due.pop_front() {
                return Decision::Run(segment);
            }
            let whole = self.rules.points.is_some_and(|points| self.members.len() as u64 >= points);
            if self.rung == 0 && !whole && !self.closed {
                return Decision::Ask;
            }
            if self.open > 0 {
                return Decision::Wait;
            }
            if !self.succeed() {
                return Decision::End;
            }
        }
    }

    fn take(&mut self, point: Point, _: &Arc<Stratum>) {
        let trial = self.members.len() as u64;
        self.members.insert(trial, Member { point, report: None });
        self.generation.push(trial);
        self.launch(trial, None);
    }

    fn close(&mut self) {
        self.closed = true;
    }

    // A population uses results only between generations, when no point is requested.
    fn stop(&mut self) {
        self.closed = true;
    }

    fn report(&mut self, trial: u64, report: TrialReport) {
        if let Some(member) = self.members.get_mut(&trial) {
            member.report = Some(report);
            self.open = self.open.saturating_sub(1);
        }
    }

    fn number(&self) -> u64 {
        self.members.len() as u64
    }

    fn point(&self, trial: u64) -> Option<&Point> {
        self.members.get(&trial).map(|member| &member.point)
    }

    fn history(&self) -> Vec<Observation> {
        let known = self.members.iter().filter_map(|(number, member)| Some((number, member, member.report?)));
        let observation = |(number, member, report): (&u64, &Member, TrialReport)| {
            let evidence = if report.over { report.evidence } else { Evidence::Nothing };
            Observation::new(&self.rules.space, *number, member.point.clone(), evidence)
        };
        known.map(observation).collect()
    }

    fn pending(&self) -> Vec<Point> {
        let open = self.members.values().filter(|member| member.report.is_none());
        open.map(|member| member.point.clone()).collect()
    }
}
