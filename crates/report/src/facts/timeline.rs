//! When trials ran and on which workers.

use std::collections::BTreeMap;

use serde::Serialize;
use sweep_study::{Outcome, Span, StudyRecord};

/// The least pause of all workers that counts as an interruption, in seconds, and as a share of the time worked.
const INTERRUPTION: (f64, f64) = (1.0, 0.02);

/// How a stretch of a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StretchEnd {
    /// The trial used its budget.
    Complete,
    /// It did, and ended no better than chance.
    Stuck,
    /// The trial paused and continued later.
    Paused,
    /// The trial was ended early, or paused for good.
    Pruned,
    /// Its loss diverged.
    Diverged,
    /// It could not fit.
    Infeasible,
    /// It failed.
    Failed,
}

/// A stretch of a trial on a worker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// The number of the trial.
    pub trial: u64,
    /// Which worker, from 0.
    pub worker: u32,
    /// When it began, in seconds since the first one began.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// How.
    pub ended: StretchEnd,
}

/// The stretches of a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    /// When the first one began, in seconds since 1970 (UTC).
    pub begun: f64,
    /// Seconds from there to the end of the last, interruptions left out.
    pub seconds: f64,
    /// How many workers there were.
    pub workers: usize,
    /// The share of that time in which they were at work, all together.
    pub busy: f64,
    /// The interruptions, when no worker ran anything: from and to, in seconds since the first stretch began.
    pub interruptions: Vec<(f64, f64)>,
    /// The stretches, in the order in which they ended.
    pub spans: Vec<Stretch>,
}

impl Timeline {
    /// A time with the interruptions before it left out.
    pub fn worked(&self, at: f64) -> f64 {
        let before = self.interruptions.iter().map(|(from, to)| (at.min(*to) - from).max(0.0));
        at - before.sum::<f64>()
    }
}

/// The timeline of a study; `None` where the times of its trials are unknown.
pub fn timeline(record: &StudyRecord) -> Option<Timeline> {
    let begun = record.spans.iter().map(|span| span.start).reduce(f64::min)?;
    let last: BTreeMap<u64, usize> =
        record.spans.iter().enumerate().map(|(index, span)| (span.trial, index)).collect();
    let outcomes: BTreeMap<u64, &Outcome> =
        record.trials.iter().map(|trial| (trial.number, &trial.outcome)).collect();
    let stretch = |(index, span): (usize, &Span)| {
        let ended = match outcomes.get(&span.trial) {
            Some(outcome) if last.get(&span.trial) == Some(&index) => end(outcome),
            _ => StretchEnd::Paused,
        };
        let since = |at: f64| (1e3 * (at - begun)).round() / 1e3;
        let (start, end) = (since(span.start), since(span.end));
        Stretch { trial: span.trial, worker: span.worker, start, end, ended }
    };
    let spans: Vec<Stretch> = record.spans.iter().enumerate().map(stretch).collect();
    let interruptions = interruptions(&spans);
    let workers = spans.iter().map(|span| span.worker as usize + 1).max().unwrap_or(1);
    let end = spans.iter().map(|span| span.end).fold(0.0, f64::max);
    let mut timeline = Timeline { begun, seconds: 0.0, workers, busy: 0.0, interruptions, spans };
    timeline.seconds = timeline.worked(end);
    let worked: f64 = timeline.spans.iter().map(|span| span.end - span.start).sum();
    timeline.busy = if timeline.seconds > 0.0 { worked / (timeline.seconds * workers as f64) } else { 1.0 };
    Some(timeline)
}

fn end(outcome: &Outcome) -> StretchEnd {
    match outcome {
        Outcome::Complete { stuck: false } => StretchEnd::Complete,
        Outcome::Complete { stuck: true } => StretchEnd::Stuck,
        Outcome::Pruned | Outcome::EndedEarly => StretchEnd::Pruned,
        Outcome::Diverged { .. } => StretchEnd::Diverged,
        Outcome::Infeasible { .. } => StretchEnd::Infeasible,
        Outcome::Failed { .. } => StretchEnd::Failed,
    }
}

/// The pauses of all workers that are long enough.
fn interruptions(spans: &[Stretch]) -> Vec<(f64, f64)> {
    let mut ordered: Vec<(f64, f64)> = spans.iter().map(|span| (span.start, span.end)).collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut gaps, mut until, mut worked) = (Vec::new(), 0.0, 0.0);
    for (start, end) in ordered {
        if start > until {
            gaps.push((until, start));
        }
        worked += (end - start.max(until)).max(0.0);
        until = until.max(end);
    }
    let least = INTERRUPTION.0.max(INTERRUPTION.1 * worked);
    gaps.retain(|(from, to)| to - from >= least);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged};

    #[test]
    fn workers_are_busy_for_their_share_and_interruptions_are_left_out() {
        let made = Made::new(&["lr=0.1,1,10"]).row(&["0.1", "1"], &[0.5, 0.6]);
        let mut record = made.outcomes("lr=10", vec![diverged(3)]).record();
        let span = |trial, worker, start, end| Span { trial, worker, start: 1e9 + start, end: 1e9 + end };
        record.spans =
            vec![span(0, 0, 0.0, 4.0), span(1, 1, 0.0, 6.0), span(2, 0, 4.0, 5.0), span(1, 0, 106.0, 110.0)];
        let timeline = timeline(&record).unwrap();
        assert_eq!((timeline.begun, timeline.workers, timeline.seconds), (1e9, 2, 10.0));
        assert_eq!(timeline.interruptions, [(6.0, 106.0)]);
        assert!((timeline.busy - 15.0 / 20.0).abs() < 1e-9);
        assert_eq!((timeline.worked(5.0), timeline.worked(50.0), timeline.worked(108.0)), (5.0, 6.0, 8.0));
        let ends: Vec<StretchEnd> = timeline.spans.iter().map(|span| span.ended).collect();
        use StretchEnd::{Complete, Diverged, Paused};
        assert_eq!(ends, [Complete, Paused, Diverged, Complete]);
        record.spans.clear();
        assert!(super::timeline(&record).is_none());
    }
}
