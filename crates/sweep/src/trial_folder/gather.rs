//! From the reports of a program to the readings of its trial.
//!
//! Steps rise. A reading at the step of the one before it belongs to it; a counter that falls has started anew (for
//! example per epoch) and continues from where it was. If no step is reported, readings are counted.

use std::collections::BTreeMap;

use sweep_study::{Metrics, SECONDS};

use super::read::{Place, Report};
use crate::event::Reading;

/// Readings kept before they are thinned, and those kept for each doubling of their number after that: a program that
/// reports every millisecond leaves hundreds of readings and not a million.
const KEPT: u64 = 480;
const KEPT_A_DOUBLING: u64 = 48;

/// The part of a metric's name that says that less of it is better and that it must be finite.
const LOSS: &str = "loss";

/// What a trial's budget is, so that a reading tells the share of it that is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// `epochs`, `steps` or `examples`.
    pub unit: &'static str,
    /// The amount; `None` if not given.
    pub amount: Option<f64>,
}

/// A reading, and the share of the budget that was used by then, where that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    /// The reading.
    pub reading: Reading,
    /// From 0 to 1.
    pub share: Option<f64>,
}

/// The readings of one trial.
#[derive(Debug)]
pub struct Gather {
    goal: String,
    budget: Budget,
    counters: BTreeMap<Place, Counter>,
    /// The step of the last reading given; nothing at or before it is given again.
    given: Option<u64>,
    /// Epochs reported by an earlier attempt; without a step, later reports of them are repeats.
    repeated: Option<f64>,
    pending: Option<Gathered>,
    /// A reading that was thinned out and would be the last.
    left_out: Option<Gathered>,
    thinning: Thinning,
    /// The last value of each metric.
    pub metrics: Metrics,
    /// Steps done at the last reading.
    pub steps: u64,
    /// Epochs done at the last reading.
    pub epochs: f64,
    /// The step at which a loss or the goal's metric stopped being a number.
    pub diverged: Option<u64>,
}

/// The steps reported at one place.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    last: u64,
    before: u64,
}

#[derive(Debug, Default)]
struct Thinning {
    seen: u64,
    kept: u64,
}

impl Gather {
    /// The readings of a trial judged by the metric `goal`, of which those up to a `known` step and epoch are there
    /// already.
    pub fn new(goal: &str, budget: Budget, known: Option<(u64, f64)>) -> Gather {
        let (given, repeated) = known.unzip();
        Gather {
            goal: goal.to_owned(),
            budget,
            counters: BTreeMap::new(),
            given,
            repeated,
            pending: None,
            left_out: None,
            thinning: Thinning::default(),
            metrics: Metrics::new(),
            steps: given.unwrap_or(0),
            epochs: repeated.unwrap_or(0.0),
            diverged: None,
        }
    }

    /// The metric by which the trial is judged.
    pub fn goal(&self) -> &str {
        &self.goal
    }

    /// Another attempt begins, whose counters begin anew.
    pub fn restart(&mut self) {
        self.counters.clear();
        self.pending = None;
        self.repeated = Some(self.epochs);
    }

    /// Adds a report after `seconds` of the trial; returns the reading that it completes.
    pub fn take(&mut self, place: Place, report: Report, seconds: f64) -> Option<Gathered> {
        let repeats =
            |before: f64| report.step.is_none() && report.epoch.is_some_and(|epoch| epoch <= before);
        if self.repeated.is_some_and(repeats) {
            self.metrics.extend(report.metrics);
            return None;
        }
        let step = self.step(place, &report);
        let known = self.pending.as_ref().map(|pending| pending.reading.step).max(self.given);
        let stale = known.is_some_and(|known| step < known) || self.given == Some(step);
        if stale {
            for (name, value) in report.metrics {
                self.metrics.entry(name).or_insert(value);
            }
            return None;
        }
        let closed = match &self.pending {
            Some(pending) if pending.reading.step != step => self.close(),
            _ => None,
        };
        let share = self.share(step, &report);
        let epoch = report.epoch.unwrap_or(match (self.budget.unit, self.budget.amount, share) {
            ("epochs", Some(amount), Some(share)) => amount * share,
            _ => self.epochs,
        });
        let bad = |(name, value): (&String, &f64)| {
            !value.is_finite() && (*name == self.goal || name.contains(LOSS))
        };
        if self.diverged.is_none() && report.metrics.iter().any(bad) {
            self.diverged = Some(step);
        }
        self.metrics.extend(report.metrics.clone());
        (self.steps, self.epochs) = (step, epoch);
        let new = || Gathered { reading: Reading { step, epoch, metrics: Metrics::new() }, share };
        let pending = self.pending.get_or_insert_with(new);
        pending.reading.epoch = epoch;
        pending.reading.metrics.extend(report.metrics);
        pending.reading.metrics.insert(SECONDS.to_owned(), seconds);
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

    fn step(&mut self, place: Place, report: &Report) -> u64 {
        if let Some(step) = report.step {
            let counter = self.counters.entry(place).or_default();
            if step < counter.last {
                counter.before += counter.last;
            }
            counter.last = step;
            return counter.before + step;
        }
        let Some(pending) = &self.pending else { return self.given.map_or(1, |given| given + 1) };
        let repeats = report.metrics.keys().any(|name| pending.reading.metrics.contains_key(name));
        if repeats { pending.reading.step + 1 } else { pending.reading.step }
    }

    fn share(&self, step: u64, report: &Report) -> Option<f64> {
        let used = match self.budget.unit {
            "steps" => Some(step as f64),
            "epochs" => report.epoch,
            _ => None,
        };
        let share = report.progress.or_else(|| Some(used? / self.budget.amount?));
        share.map(|share| share.clamp(0.0, 1.0))
    }
}

impl Thinning {
    /// Whether the next reading is kept.
    fn keeps(&mut self) -> bool {
        let doublings = self.kept.saturating_sub(KEPT - KEPT_A_DOUBLING) / KEPT_A_DOUBLING;
        let stride = 1_u64 << doublings.min(62);
        self.seen += 1;
        let keeps = self.seen.is_multiple_of(stride);
        self.kept += u64::from(keeps);
        keeps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: Option<u64>, name: &str, value: f64) -> Report {
        Report { step, metrics: [(name.to_owned(), value)].into(), ..Report::default() }
    }

    fn gather(reports: Vec<Report>) -> (Gather, Vec<Gathered>) {
        let mut gather = Gather::new("val_loss", Budget { unit: "steps", amount: Some(100.0) }, None);
        let mut all: Vec<Gathered> =
            reports.into_iter().filter_map(|report| gather.take(Place::Stdout, report, 0.0)).collect();
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
        assert_eq!(gather.diverged, None);
    }

    #[test]
    fn readings_without_steps_are_counted() {
        let tolds = vec![
            report(None, "loss", 1.0),
            report(None, "val_loss", 1.0),
            report(None, "loss", 0.5),
            report(None, "loss", f64::NAN),
            report(None, "lr", f64::NAN),
        ];
        let (gather, all) = gather(tolds);
        assert_eq!(steps(&all), [1, 2, 3]);
        assert_eq!(gather.diverged, Some(3));
    }

    #[test]
    fn what_an_earlier_attempt_told_is_not_told_again() {
        let mut gather = Gather::new("val_loss", Budget { unit: "steps", amount: None }, Some((20, 0.0)));
        for step in [10, 20, 30] {
            assert_eq!(gather.take(Place::Metrics, report(Some(step), "val_loss", 1.0), 0.0), None);
        }
        assert_eq!(steps(&gather.settle().into_iter().collect::<Vec<_>>()), [30]);
    }

    #[test]
    fn an_epoch_that_is_run_again_is_one_reading() {
        let mut gather =
            Gather::new("val_loss", Budget { unit: "epochs", amount: Some(4.0) }, Some((1, 1.0)));
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

    #[test]
    fn a_flood_is_thinned_and_its_last_reading_kept() {
        let (gather, all) = gather((1..=60_000).map(|step| report(Some(step), "val_loss", 1.0)).collect());
        assert!(all.len() < 1_000, "{}", all.len());
        assert_eq!((all.last().unwrap().reading.step, gather.steps), (60_000, 60_000));
        assert!(steps(&all).is_sorted());
    }
}
