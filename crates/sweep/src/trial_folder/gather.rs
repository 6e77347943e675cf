//! From the reports of a program to the readings of its trial.
//!
//! A report at the step of the one before it belongs to it. One without a step belongs to the last step, where steps are
//! reported; else the reports of the metric that ranks are counted: they have an order, and no step.

use std::collections::BTreeSet;

use sweep_settings::Target;
use sweep_study::{Metrics, SECONDS};

use super::budget::Budget;
use super::counters::{Counters, Oddity, Position};
use super::diverged_if::DivergedIf;
use super::read::{Place, Report};
use super::thinning::Thinning;
use crate::event::Reading;

/// A reading, and the share of the budget that was used by then, where that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    /// The reading.
    pub reading: Reading,
    /// From 0 to 1.
    pub share: Option<f64>,
}

/// How far a trial came before this process followed it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reached {
    /// The step of its last reading.
    pub step: u64,
    /// Epochs at its last reading.
    pub epoch: f64,
    /// Whether its steps were reported, and not counted.
    pub stepped: bool,
}

/// The readings of one trial.
#[derive(Debug)]
pub struct Gather {
    goal: String,
    budget: Budget,
    diverged_if: DivergedIf,
    until: Option<Target>,
    counters: Counters,
    /// The step of the last reading given; nothing at or before it is given again.
    given: Option<u64>,
    /// Epochs reported by an earlier attempt; without a step, later reports of them are repeats.
    repeated: Option<f64>,
    pending: Option<Gathered>,
    /// What was reported without a step since the last reading.
    loose: Metrics,
    /// The metrics reported before the first reading.
    leading: BTreeSet<String>,
    /// A reading that was thinned out and would be the last.
    left_out: Option<Gathered>,
    thinning: Thinning,
    /// The last value of each metric.
    pub metrics: Metrics,
    /// Steps done at the last reading.
    pub steps: u64,
    /// Epochs done at the last reading.
    pub epochs: f64,
    /// The most epochs that were reported; 0 where none were.
    pub reported_epochs: f64,
    /// Whether steps were reported; else readings are counted.
    pub stepped: bool,
    /// The step at which it diverged.
    pub diverged: Option<u64>,
    /// The step at which it reached its target.
    pub reached: Option<u64>,
}

impl Gather {
    /// The readings of a trial judged by the metric `goal`, of which those up to what it had `reached` are there
    /// already.
    pub fn new(goal: &str, budget: Budget, diverged_if: DivergedIf, reached: Option<Reached>) -> Gather {
        let most = budget.amount.filter(|_| budget.unit == "steps");
        let known = reached.unwrap_or_default();
        Gather {
            goal: goal.to_owned(),
            budget,
            diverged_if,
            until: None,
            counters: Counters::new(most, if known.stepped { 0 } else { known.step }),
            given: reached.map(|reached| reached.step),
            repeated: reached.map(|reached| reached.epoch),
            pending: None,
            loose: Metrics::new(),
            leading: BTreeSet::new(),
            left_out: None,
            thinning: Thinning::default(),
            metrics: Metrics::new(),
            steps: known.step,
            epochs: known.epoch,
            reported_epochs: 0.0,
            stepped: known.stepped,
            diverged: None,
            reached: None,
        }
    }

    /// Which ends once it reaches a target.
    pub fn until(self, until: Option<Target>) -> Gather {
        Gather { until, ..self }
    }

    /// The metric by which the trial is judged.
    pub fn goal(&self) -> &str {
        &self.goal
    }

    /// Another attempt begins, whose counters begin anew.
    pub fn restart(&mut self) {
        self.counters.restart(self.stepped);
        self.pending = None;
        self.repeated = Some(self.epochs);
    }

    /// What is odd about the steps since it was asked last.
    pub fn odd(&mut self) -> Vec<Oddity> {
        self.counters.odd()
    }

    /// Adds a report after `seconds` of the trial; returns the readings that it completes.
    pub fn take(&mut self, place: Place, mut report: Report, seconds: f64) -> Vec<Gathered> {
        self.reported_epochs = report.epoch.unwrap_or(0.0).max(self.reported_epochs);
        let repeats =
            |before: f64| report.step.is_none() && report.epoch.is_some_and(|epoch| epoch <= before);
        if self.repeated.is_some_and(repeats) {
            self.metrics.extend(report.metrics);
            return Vec::new();
        }
        if report.step.is_none() {
            let steps = report.epoch.zip(self.budget.steps_an_epoch).map(|(epoch, each)| epoch * each);
            report.step = steps.map(|steps| steps.round() as u64);
        }
        let judged = self.goal == SECONDS || report.metrics.contains_key(&self.goal);
        if !judged && self.given.is_none() && self.pending.is_none() {
            self.leading.extend(report.metrics.keys().cloned());
        }
        if report.step.is_none() && !judged && !self.stepped {
            return self.beside(report);
        }
        if report.step.is_none() {
            let position = self.without_step(judged);
            return self.add(report, position, seconds).into_iter().collect();
        }
        let reached = self.counters.reached();
        // Where readings were counted so far, steps that are behind their number would fall.
        let behind = !self.stepped && reached > 0 && report.step.is_some_and(|step| step <= reached);
        let placed = if behind {
            vec![(report, Position::At(self.counters.count()))]
        } else {
            self.counters.place(place, report)
        };
        self.stepped = true;
        placed.into_iter().filter_map(|(report, position)| self.add(report, position, seconds)).collect()
    }

    /// Where a report without a step belongs.
    fn without_step(&mut self, judged: bool) -> Position {
        let last = self.pending.as_ref().map(|pending| pending.reading.metrics.contains_key(&self.goal));
        match (judged, last) {
            // The metric that ranks was reported at this step already.
            (true, Some(true)) => Position::At(self.counters.count()),
            (true, None) if !self.stepped || self.given == Some(self.counters.reached()) => {
                Position::At(self.counters.count())
            }
            _ => Position::Last,
        }
    }

    /// Other metrics where readings are counted: with the reading of their epoch, else with the next one, if they came
    /// before the first.
    fn beside(&mut self, report: Report) -> Vec<Gathered> {
        if self.diverged.is_none() && self.diverged_if.met(&report.metrics, &self.goal) {
            self.diverged = Some(self.counters.reached() + 1);
        }
        self.metrics.extend(report.metrics.clone());
        match &mut self.pending {
            Some(pending) if report.epoch == Some(pending.reading.epoch) => {
                pending.reading.metrics.extend(report.metrics);
            }
            _ => {
                let leads = |(name, _): &(String, f64)| self.leading.contains(name);
                self.loose.extend(report.metrics.into_iter().filter(leads));
            }
        }
        Vec::new()
    }

    fn add(&mut self, report: Report, position: Position, seconds: f64) -> Option<Gathered> {
        let step = match position {
            Position::At(step) => step,
            Position::Last => self.counters.reached(),
            Position::Late | Position::Held => {
                for (name, value) in report.metrics {
                    self.metrics.entry(name).or_insert(value);
                }
                return None;
            }
        };
        if self.diverged.is_none() && self.diverged_if.met(&report.metrics, &self.goal) {
            self.diverged = Some(step.max(1));
        }
        let value = |target: &Target| report.metrics.get(&target.metric).copied();
        let arrives = |target: &Target| value(target).is_some_and(|value| target.reached(value));
        if self.reached.is_none() && self.diverged.is_none() && self.until.as_ref().is_some_and(arrives) {
            self.reached = Some(step);
        }
        self.metrics.extend(report.metrics.clone());
        let share = self.share(step, &report);
        let epoch = report.epoch.unwrap_or(match (self.budget.unit, self.budget.amount, share) {
            ("epochs", Some(amount), Some(share)) => amount * share,
            _ => self.epochs,
        });
        let known = self.pending.as_ref().map(|pending| pending.reading.step);
        // What belongs to a reading that is given, or to none yet, goes with the next.
        if known.is_none() && position == Position::Last {
            self.loose.extend(report.metrics);
            return None;
        }
        if self.given.is_some_and(|given| step <= given) {
            return None;
        }
        let closed = if known.is_some_and(|known| known != step) { self.close() } else { None };
        (self.steps, self.epochs) = (step, epoch);
        let new = || Gathered { reading: Reading { step, epoch, metrics: Metrics::new() }, share };
        let pending = self.pending.get_or_insert_with(new);
        pending.reading.epoch = epoch;
        let mut metrics = std::mem::take(&mut self.loose);
        metrics.append(&mut pending.reading.metrics);
        metrics.extend(report.metrics);
        metrics.insert(SECONDS.to_owned(), seconds);
        pending.reading.metrics = metrics;
        pending.share = share.or(pending.share);
        closed
    }

    /// The reading that has begun, where it already has what it is judged by.
    pub fn settle(&mut self) -> Option<Gathered> {
        let judged = |pending: &Gathered| pending.reading.metrics.contains_key(&self.goal);
        if self.pending.as_ref().is_some_and(judged) { self.close() } else { None }
    }

    /// The last readings, once no more reports follow.
    pub fn finish(&mut self) -> Vec<Gathered> {
        let held = self.counters.finish();
        held.map(|(report, position)| self.add(report, position, 0.0));
        let last = self.close();
        let left_out = self.left_out.take();
        [last, left_out].into_iter().flatten().collect()
    }

    fn close(&mut self) -> Option<Gathered> {
        let gathered = self.pending.take()?;
        self.given = Some(gathered.reading.step);
        if self.thinning.keeps() {
            self.left_out = None;
            Some(gathered)
        } else {
            self.left_out = Some(gathered);
            None
        }
    }

    fn share(&self, step: u64, report: &Report) -> Option<f64> {
        let used = match self.budget.unit {
            "steps" => self.stepped.then_some(step as f64),
            "epochs" => report.epoch,
            _ => None,
        };
        let share = report.progress.or_else(|| Some(used? / self.budget.amount?));
        share.map(|share| share.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: Option<u64>, name: &str, value: f64) -> Report {
        Report { step, metrics: [(name.to_owned(), value)].into(), ..Report::default() }
    }

    fn new(unit: &'static str, amount: Option<f64>, reached: Option<Reached>) -> Gather {
        let budget = Budget { unit, amount, steps_an_epoch: None };
        Gather::new("val_loss", budget, DivergedIf::default(), reached)
    }

    fn gather(reports: Vec<Report>) -> (Gather, Vec<Gathered>) {
        let mut gather = new("steps", Some(100.0), None);
        let mut all: Vec<Gathered> =
            reports.into_iter().flat_map(|report| gather.take(Place::Stdout, report, 0.0)).collect();
        all.extend(gather.finish());
        (gather, all)
    }

    fn steps(all: &[Gathered]) -> Vec<u64> {
        all.iter().map(|gathered| gathered.reading.step).collect()
    }

    #[test]
    fn metrics_of_one_step_are_one_reading_and_falling_steps_go_on() {
        let (gather, all) = gather(vec![
            report(Some(10), "train_loss", 1.0),
            report(Some(10), "val_loss", 2.0),
            report(Some(20), "val_loss", 1.0),
            report(Some(5), "val_loss", 0.5),
            report(Some(10), "val_loss", 0.25),
        ]);
        assert_eq!(steps(&all), [10, 20, 25, 30]);
        assert_eq!(all[0].reading.metrics["train_loss"], 1.0);
        assert_eq!((all[3].share, gather.steps, gather.metrics["val_loss"]), (Some(0.3), 30, 0.25));
        assert_eq!((gather.diverged, gather.stepped), (None, true));
    }

    #[test]
    fn readings_without_steps_are_counted_by_the_metric_that_ranks() {
        let (gather, all) = gather(vec![
            report(None, "loss", 1.0),
            report(None, "loss", 0.9),
            report(None, "val_loss", 1.0),
            report(None, "loss", 0.5),
            report(None, "lr", f64::NAN),
            report(None, "val_loss", 0.8),
            report(None, "loss", f64::NAN),
        ]);
        assert_eq!(steps(&all), [1, 2]);
        assert_eq!((all[0].reading.metrics["loss"], all[1].reading.metrics["loss"]), (0.9, 0.5));
        assert_eq!((gather.diverged, gather.stepped, all[1].share), (Some(3), false, None));
    }

    #[test]
    fn the_last_value_of_a_metric_is_its_own_last() {
        // Training lines without a step, validation with the epoch as its step.
        let mut reports = Vec::new();
        for epoch in 1..=3 {
            reports.extend((0..10).map(|_| report(None, "train_loss", 1.0)));
            reports.push(report(Some(epoch), "val_loss", 1.0 / epoch as f64));
        }
        let (gather, all) = gather(reports);
        assert_eq!((gather.metrics["val_loss"], steps(&all)), (1.0 / 3.0, vec![1, 2, 3]));
        let (late, all) = self::gather(vec![
            report(Some(1), "val_loss", 3.0),
            report(Some(3), "val_loss", 1.0),
            report(Some(2), "val_loss", 2.0),
        ]);
        assert_eq!((late.metrics["val_loss"], steps(&all)), (1.0, vec![1, 3]));
    }

    #[test]
    fn epochs_alone_are_counted_in_steps_where_an_epoch_has_a_known_number() {
        let budget = Budget { unit: "epochs", amount: Some(2.0), steps_an_epoch: Some(50.0) };
        let mut gather = Gather::new("val_loss", budget, DivergedIf::default(), None);
        let at = |epoch| Report { epoch: Some(epoch), ..report(None, "val_loss", 1.0) };
        let mut all = gather.take(Place::Stdout, at(1.0), 0.0);
        all.extend(gather.take(Place::Stdout, at(2.0), 0.0));
        all.extend(gather.finish());
        assert_eq!((steps(&all), gather.stepped, all[1].share), (vec![50, 100], true, Some(1.0)));
    }

    #[test]
    fn what_an_earlier_attempt_told_is_not_told_again() {
        let mut gather = new("steps", None, Some(Reached { step: 20, epoch: 0.0, stepped: true }));
        for step in [10, 20, 30] {
            assert_eq!(gather.take(Place::Metrics, report(Some(step), "val_loss", 1.0), 0.0), []);
        }
        assert_eq!(steps(&gather.settle().into_iter().collect::<Vec<_>>()), [30]);
        assert_eq!(gather.odd(), []);
    }

    #[test]
    fn an_epoch_that_is_run_again_is_one_reading() {
        let mut gather = new("epochs", Some(4.0), Some(Reached { step: 1, epoch: 1.0, stepped: false }));
        let tell = |gather: &mut Gather, epoch: f64| {
            let report = Report { epoch: Some(epoch), ..report(None, "val_loss", 5.0 - epoch) };
            gather.take(Place::Stdout, report, 0.0);
            steps(&gather.settle().into_iter().collect::<Vec<_>>())
        };
        assert_eq!(
            [tell(&mut gather, 1.0), tell(&mut gather, 2.0), tell(&mut gather, 3.0)],
            [vec![], vec![2], vec![3]]
        );
        gather.restart();
        assert_eq!([tell(&mut gather, 3.0), tell(&mut gather, 4.0)], [vec![], vec![4]]);
        assert_eq!((gather.steps, gather.epochs, gather.metrics["val_loss"]), (4, 4.0, 1.0));
    }
}
