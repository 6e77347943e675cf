//! The order of events, and when they are durable.

use std::time::Duration;

use super::{Bench, NEVER, five};
use crate::engine::Ended;
use crate::event::Event;
use crate::store::Store;

#[test]
fn every_trial_starts_once_reports_in_order_and_ends_once() {
    for jobs in [1, 3] {
        let ran = Bench { jobs, ..Bench::new(five()) }.run();
        assert_eq!(ran.ended.as_ref().unwrap(), &Ended::Finished);
        let (mut handed, mut ended): (Vec<u64>, Vec<u64>) =
            (ran.segments.iter().map(|segment| segment.trial.number).collect(), ran.ended());
        handed.sort_unstable();
        ended.sort_unstable();
        assert_eq!(handed, [0, 1, 2, 3, 4], "the segments given to workers");
        assert_eq!(ended, [0, 1, 2, 3, 4], "the trials that ended");
        assert_eq!(ran.started(), [0, 1, 2, 3, 4], "the trials that started, in the order of the plan");
        for trial in 0..5 {
            let of_trial = |event: &&Event| match event {
                Event::TrialStarted { trial: planned, .. } => planned.number == trial,
                Event::Reported { number, .. }
                | Event::TrialEnded { number, .. }
                | Event::TrialPutBack { number } => *number == trial,
            };
            let steps = ran.events.iter().filter(of_trial).map(|event| match event {
                Event::TrialStarted { .. } => 0,
                Event::Reported { reading, .. } => reading.step,
                Event::TrialEnded { ending, .. } => 100 + ending.steps,
                Event::TrialPutBack { .. } => 1000,
            });
            assert_eq!(steps.collect::<Vec<u64>>(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 110], "trial {trial}");
        }
    }
}

#[test]
fn an_end_is_in_the_store_before_it_is_announced() {
    for group in [Duration::ZERO, Duration::from_millis(5), NEVER] {
        let mut bench = Bench { jobs: 2, ..Bench::new(five()) };
        bench.timing.group = group;
        let path = bench.path().to_owned();
        let mut ends = 0;
        bench.run_with(|_| super::Act::Run, &mut |event| {
            let Event::TrialEnded { number, ending, .. } = event else { return };
            let stored = Store::read(&path).unwrap().load().unwrap().trials;
            let trial = stored.iter().find(|trial| trial.number == *number);
            assert!(trial.is_some(), "trial {number} was announced but is not in the store");
            assert!(trial.is_some_and(|trial| trial.metrics == ending.metrics && trial.curve.len() == 10));
            ends += 1;
        });
        assert_eq!(ends, 5);
    }
}

#[test]
fn events_that_come_together_share_a_transaction() {
    let mut bench = Bench::new(five());
    bench.timing.group = NEVER;
    let ran = bench.run();
    assert_eq!(ran.transactions.len(), 1, "one transaction for all events");
    assert_eq!(ran.transactions.concat(), ran.events, "announced in the order of the store");
    // Without a wait for further events, they are still stored and announced in the same order.
    let ran = Bench { jobs: 3, ..Bench::new(five()) }.run();
    assert_eq!(ran.transactions.concat(), ran.events);
}
