//! From the steps that a program reports to the steps of its trial, which rise.
//!
//! Each metric counts by itself. A step that falls may be a line that came late, a counter that starts anew each epoch,
//! or a counter that runs down; which one, the next report of the metric tells. A metric whose own steps rise and lie
//! behind those of the others is counted in another unit (epochs beside steps): it belongs to the last step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::read::{Place, Report};

/// Where a report belongs.
#[derive(Clone, Debug, PartialEq)]
pub enum Position {
    /// At this step.
    At(u64),
    /// At the last step, whatever its own says.
    Last,
    /// Nowhere: a later report of the metric was there before it.
    Late,
    /// What the next report of the metric will tell.
    Held,
}

/// What is odd about the steps of a metric, said once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// It is counted in another unit than the others.
    Other(String),
    /// A line came late.
    Late(String),
    /// The counter runs down.
    Falls(String),
    /// One step was reported twice.
    Twice(String),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::Other(name) => write!(
                f,
                "the steps of {name} lie behind those of other metrics; its readings belong to the last step of these"
            ),
            Oddity::Late(name) => {
                write!(f, "a report of {name} came after a later step; it is not the last one")
            }
            Oddity::Falls(name) => {
                write!(
                    f,
                    "the steps of {name} fall; its readings are counted in the order in which they came"
                )
            }
            Oddity::Twice(name) => {
                write!(f, "{name} was reported twice at one step; the later report counts")
            }
        }
    }
}

/// The counters of all metrics.
#[derive(Debug, Default)]
pub struct Counters {
    by_metric: BTreeMap<(Place, String), Counter>,
    /// The step that the trial has reached.
    reached: u64,
    /// The most steps of a trial, where that is its budget.
    most: Option<f64>,
    /// A report whose step fell, until it is clear why.
    held: Option<(Place, Report)>,
    odd: BTreeSet<Oddity>,
}

/// The steps of one metric as reported.
#[derive(Clone, Debug, Default)]
struct Counter {
    last: u64,
    value: f64,
    epoch: Option<f64>,
    /// Steps before the counter last started anew.
    before: u64,
    falls: bool,
}

impl Counters {
    /// No step is known yet; a trial has `most` of them, where that is its budget.
    pub fn new(most: Option<f64>, reached: u64) -> Counters {
        Counters { most, reached, ..Counters::default() }
    }

    /// The program starts anew, and its counters with it; readings that are counted, where steps are not `reported`,
    /// continue.
    pub fn restart(&mut self, reported: bool) {
        if reported {
            self.reached = 0;
        }
        self.by_metric.clear();
        self.held = None;
    }

    /// What is odd and was not said yet.
    pub fn odd(&mut self) -> Vec<Oddity> {
        std::mem::take(&mut self.odd).into_iter().collect()
    }

    /// Where `report`, which has a step, belongs; before it, where the report belongs that was held, if that is clear
    /// now.
    pub fn place(&mut self, place: Place, report: Report) -> Vec<(Report, Position)> {
        let mut placed = Vec::new();
        let shares = |(at, held): &(Place, Report)| {
            *at == place && held.metrics.keys().any(|name| report.metrics.contains_key(name))
        };
        if self.held.as_ref().is_some_and(shares)
            && let Some((at, held)) = self.held.take()
        {
            placed.push(self.clear(at, held, &report));
        }
        let position = self.position(place, &report);
        match position {
            Position::Held => {
                let earlier = self.held.replace((place, report));
                placed.extend(earlier.map(|(_, report)| (report, Position::Late)));
            }
            position => placed.push((report, position)),
        }
        placed
    }

    /// The report that is still held when nothing follows: it came late.
    pub fn finish(&mut self) -> Option<(Report, Position)> {
        let (_, report) = self.held.take()?;
        self.odd.insert(Oddity::Late(first(&report)));
        Some((report, Position::Late))
    }

    /// Where a report whose step fell belongs, seen by the `next` one of its metric.
    fn clear(&mut self, place: Place, held: Report, next: &Report) -> (Report, Position) {
        let (step, last) =
            (held.step.unwrap_or(0), self.last(place, &held).map_or(0, |counter| counter.last));
        let next = next.step.unwrap_or(0);
        if next > last {
            self.odd.insert(Oddity::Late(first(&held)));
            return (held, Position::Late);
        }
        if next < step {
            self.odd.insert(Oddity::Falls(first(&held)));
            for name in held.metrics.keys() {
                self.counter(place, name).falls = true;
            }
            self.reached += 1;
            return (held, Position::At(self.reached));
        }
        let before = self.last(place, &held).map_or(0, |counter| counter.before) + last;
        let position = self.at(place, &held, before);
        (held, position)
    }

    fn position(&mut self, place: Place, report: &Report) -> Position {
        let Some(step) = report.step else { return Position::Last };
        let Some(known) = self.last(place, report).cloned() else { return self.at(place, report, 0) };
        if known.falls {
            self.reached += 1;
            return Position::At(self.reached);
        }
        if step > known.last {
            return self.at(place, report, known.before);
        }
        let epoch_rose = report.epoch.zip(known.epoch).is_some_and(|(now, before)| now > before);
        let anew = known.before + known.last;
        let fits = self.most.is_none_or(|most| (anew + step) as f64 <= most * (1.0 + 1e-9));
        if epoch_rose && fits {
            return self.at(place, report, anew);
        }
        if step == known.last {
            let again = report.metrics.iter().all(|(name, value)| {
                let counter = self.by_metric.get(&(place, name.clone()));
                counter.is_none_or(|counter| counter.value.to_bits() == value.to_bits())
            });
            if !again && self.reached == known.before + step {
                self.odd.insert(Oddity::Twice(first(report)));
            }
            return if again { Position::Late } else { self.at(place, report, known.before) };
        }
        if fits { Position::Held } else { self.other(report) }
    }

    /// At its step, after those `before` the counter started anew; at the last step if that is already further.
    fn at(&mut self, place: Place, report: &Report, before: u64) -> Position {
        let step = report.step.unwrap_or(0);
        for (name, value) in &report.metrics {
            let epoch = report.epoch;
            let counter = self.counter(place, name);
            *counter = Counter { last: step, value: *value, epoch, before, falls: false };
        }
        if before + step < self.reached {
            return self.other(report);
        }
        self.reached = before + step;
        Position::At(self.reached)
    }

    fn other(&mut self, report: &Report) -> Position {
        self.odd.insert(Oddity::Other(first(report)));
        Position::Last
    }

    /// The counter of the metric of `report` that is furthest.
    fn last(&self, place: Place, report: &Report) -> Option<&Counter> {
        let known = report.metrics.keys().filter_map(|name| self.by_metric.get(&(place, name.clone())));
        known.max_by_key(|counter| (counter.before, counter.last))
    }

    fn counter(&mut self, place: Place, name: &str) -> &mut Counter {
        self.by_metric.entry((place, name.to_owned())).or_default()
    }

    /// The step that the trial has reached.
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// The step after the last one, for a reading that has none.
    pub fn count(&mut self) -> u64 {
        self.reached += 1;
        self.reached
    }
}

fn first(report: &Report) -> String {
    report.metrics.keys().next().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps given to the reports of metrics at steps, and what was odd.
    fn placed(most: Option<f64>, reports: &[(&str, u64, f64)]) -> (Vec<Option<u64>>, Vec<Oddity>) {
        let mut counters = Counters::new(most, 0);
        let mut all = Vec::new();
        for (name, step, value) in reports {
            let metrics = [((*name).to_owned(), *value)].into();
            let report = Report { step: Some(*step), metrics, ..Report::default() };
            all.extend(counters.place(Place::Stdout, report).into_iter().map(
                |(_, position)| match position {
                    Position::At(step) => Some(step),
                    Position::Last => Some(counters.reached()),
                    _ => None,
                },
            ));
        }
        all.extend(counters.finish().map(|_| None));
        (all, counters.odd())
    }

    fn of(steps: &[u64]) -> (Vec<Option<u64>>, Vec<Oddity>) {
        let reports: Vec<(&str, u64, f64)> =
            steps.iter().enumerate().map(|(index, step)| ("loss", *step, index as f64)).collect();
        placed(None, &reports)
    }

    #[test]
    fn a_counter_that_starts_anew_continues_from_where_it_was() {
        assert_eq!(of(&[10, 20, 5, 10]), (vec![Some(10), Some(20), Some(25), Some(30)], vec![]));
        assert_eq!(of(&[10, 20, 10, 20, 10, 20]).0.last(), Some(&Some(60)));
    }

    #[test]
    fn a_late_line_is_not_the_last() {
        let late = vec![Oddity::Late("loss".into())];
        assert_eq!(of(&[10, 20, 15, 30]), (vec![Some(10), Some(20), None, Some(30)], late.clone()));
        assert_eq!(of(&[10, 20, 15]), (vec![Some(10), Some(20), None], late));
    }

    #[test]
    fn a_counter_that_runs_down_is_no_counter() {
        let (steps, odd) = of(&[30, 20, 10, 0]);
        assert_eq!(
            (steps, odd),
            (vec![Some(30), Some(31), Some(32), Some(33)], vec![Oddity::Falls("loss".into())])
        );
    }

    #[test]
    fn epochs_beside_steps_belong_to_the_last_step() {
        let mut reports = Vec::new();
        for epoch in 1..=3 {
            reports.extend([("train_loss", 100 * epoch, 1.0), ("val_loss", epoch, 1.0)]);
        }
        let (steps, odd) = placed(Some(300.0), &reports);
        assert_eq!(steps, [100, 100, 200, 200, 300, 300].map(Some));
        assert!(odd.iter().all(|odd| *odd == Oddity::Other("val_loss".into())) && !odd.is_empty());
    }

    #[test]
    fn a_line_that_comes_twice_counts_once() {
        assert_eq!(placed(None, &[("a", 5, 1.0), ("a", 5, 1.0)]), (vec![Some(5), None], vec![]));
        let (steps, odd) = placed(None, &[("a", 5, 1.0), ("a", 5, 2.0)]);
        assert_eq!((steps, odd), (vec![Some(5), Some(5)], vec![Oddity::Twice("a".into())]));
    }

    #[test]
    fn no_counter_starts_anew_beyond_the_budget() {
        let (steps, odd) = placed(Some(20.0), &[("a", 10, 1.0), ("a", 20, 0.9), ("a", 10, 0.8)]);
        assert_eq!((steps, odd), (vec![Some(10), Some(20), Some(20)], vec![Oddity::Other("a".into())]));
    }
}
