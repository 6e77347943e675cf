//! Early ends: a stop, a resumed study, a time limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::{Act, Bench, five, study};
use crate::engine::Ended;
use crate::event::{Event, Segment};

#[test]
fn a_stop_puts_back_what_runs_and_starts_nothing_more() {
    let bench = Bench::new(five());
    let stop = bench.stop.clone();
    let ran = bench.run_with(
        |segment| if segment.trial.number == 2 { Act::Hang } else { Act::Run },
        &mut |event| {
            if matches!(event, Event::TrialEnded { number: 1, .. }) {
                stop.raise();
            }
        },
    );
    assert_eq!(ran.ended.as_ref().unwrap(), &Ended::Interrupted);
    assert_eq!((ran.started(), ran.ended()), (vec![0, 1, 2], vec![0, 1]));
    assert_eq!(ran.events.last(), Some(&Event::TrialPutBack { number: 2 }));
    assert_eq!(bench.trials().iter().map(|trial| trial.number).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_stop_before_the_first_trial_starts_none() {
    let bench = Bench::new(five());
    bench.stop.raise();
    let ran = bench.run();
    assert_eq!(ran.ended.unwrap(), Ended::Interrupted);
    assert!(ran.segments.is_empty() && ran.events.is_empty());
}

#[test]
fn an_interrupted_study_continues_as_if_nothing_had_happened() {
    let pruned = || {
        study("lr=1e-4..1", |spec| {
            spec.sampler = Some("tpe".to_owned());
            spec.trials = Some(12);
            spec.lag = Some("2".to_owned());
            spec.pruner = Some("asha".to_owned());
        })
    };
    let whole = Bench::new(pruned());
    let segments = whole.run().segments.len();
    for stop_after in [1, 3, segments / 2, segments - 1] {
        let mut bench = Bench { jobs: 2, ..Bench::new(pruned()) };
        let (handed, stop) = (AtomicUsize::new(0), bench.stop.clone());
        // The segment after `stop_after` others is interrupted; segments running in parallel end.
        let act = move |_: &Segment| {
            if handed.fetch_add(1, Ordering::Relaxed) < stop_after {
                return Act::Run;
            }
            stop.raise();
            Act::Hang
        };
        assert_eq!(bench.run_with(act, &mut |_| ()).ended.unwrap(), Ended::Interrupted);
        bench.stop = Default::default();
        assert_eq!(bench.run().ended.unwrap(), Ended::Finished);
        assert_eq!(bench.trials(), whole.trials(), "interrupted after {stop_after} segments");
    }
}

#[test]
fn nothing_starts_after_the_closing_time() {
    let bench = Bench { close: Some(Instant::now()), ..Bench::new(five()) };
    let ran = bench.run();
    assert_eq!(ran.ended.unwrap(), Ended::TimedOut);
    assert!(ran.segments.is_empty());
}
