//! Trials that a sampler proposes while results come in.
//!
//! The proposal of point n sees exactly the trials of the points up to n − lag, however many have ended by then, so a
//! study gives the same trials for any number of jobs and however the threads fall; a proposal waits where one of
//! those trials still runs. With the lag `async` it sees whatever has ended.

use std::collections::{BTreeMap, VecDeque};

use sweep_search::Observation;
use sweep_study::{Lag, Point, Study, Trial};

use super::events::Planned;
use super::source::{Due, Next, Source};
use super::thinker::{Question, Thinker};

/// The trials of one study.
pub struct Asked {
    study: Study,
    thinker: Thinker,
    /// Whether a question is being answered.
    thinking: bool,
    /// The points proposed so far, by number.
    points: Vec<Point>,
    /// Whether the sampler has no more.
    used_up: bool,
    /// What has ended, by the trial's number.
    ended: BTreeMap<u64, Observation>,
    /// Proposed and not started.
    waiting: VecDeque<Planned>,
}

impl Asked {
    /// The source of what `study` still lacks beside the `known` trials, with a `thinker` that holds its sampler.
    pub fn new(study: Study, known: &[Trial], thinker: Thinker) -> Asked {
        let ended = known.iter().map(|trial| (trial.number, Observation::of(&study, trial))).collect();
        let (points, waiting) = (Vec::new(), VecDeque::new());
        Asked { study, thinker, thinking: false, points, used_up: false, ended, waiting }
    }

    /// The number of the first trial of a point.
    fn first(&self, point: u64) -> u64 {
        point * u64::from(self.study.replicates)
    }

    /// How many points a proposal of number `next` may know of, or `None` while one of them still runs.
    fn entitled(&self, next: u64) -> Option<u64> {
        match self.study.lag {
            Lag::Trials(lag) => {
                let points = (next + 1).saturating_sub(lag.max(1));
                let trials = self.first(points);
                (self.ended.range(..trials).count() as u64 == trials).then_some(points)
            }
            Lag::Async => Some(next),
        }
    }

    /// Plans the replicates of a point that have not ended.
    fn plan(&mut self, point: Point) {
        let first = self.first(self.points.len() as u64);
        for replicate in 0..self.study.replicates {
            let number = first + u64::from(replicate);
            let seed = self.study.seed.wrapping_add(u64::from(replicate));
            if !self.ended.contains_key(&number) {
                self.waiting.push_back(Planned { number, point: point.clone(), replicate, seed });
            }
        }
        self.points.push(point);
    }

    /// Asks for the next point, or takes it from a trial that is there already. Says whether there is one at once.
    fn ask(&mut self) -> bool {
        let number = self.points.len() as u64;
        let first = self.first(number);
        let there = self.ended.range(first..first + u64::from(self.study.replicates)).next();
        if let Some((_, known)) = there {
            let point = known.point.clone();
            self.plan(point);
            return true;
        }
        if let Some(points) = self.entitled(number) {
            let history: Vec<Observation> =
                self.ended.range(..self.first(points)).map(|(_, known)| known.clone()).collect();
            let open = |place: &u64| {
                let trials = self.first(*place)..self.first(*place + 1);
                *place >= points || self.ended.range(trials.clone()).count() < trials.count()
            };
            let pending = (0..number).filter(open).map(|place| self.points[place as usize].clone()).collect();
            self.thinker.ask(Question { number, history, pending });
            self.thinking = true;
        }
        false
    }
}

impl Source for Asked {
    fn next(&mut self) -> Next {
        loop {
            if let Some(trial) = self.waiting.pop_front() {
                return Next::Due(Due::whole(trial));
            }
            let enough = self.study.trials.is_some_and(|trials| self.points.len() as u64 >= trials);
            if enough || self.used_up {
                return Next::Never;
            }
            if self.thinking || !self.ask() {
                return Next::Later;
            }
        }
    }

    fn ended(&mut self, trial: Trial) {
        let observation = Observation::of(&self.study, &trial);
        self.ended.insert(trial.number, observation);
    }

    fn proposed(&mut self, point: Option<Point>) {
        self.thinking = false;
        match point {
            Some(point) => self.plan(point),
            None => self.used_up = true,
        }
    }

    fn most(&self) -> usize {
        super::plan::trials(&self.study) as usize
    }
}
