//! Workers that die and stores that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sweep_study::Outcome;

use super::{Act, Bench, five, wait_until};
use crate::engine::Ended;
use crate::event::{Event, Segment};

#[test]
fn a_worker_that_dies_ends_its_trial_alone() {
    let bench = Bench { jobs: 2, ..Bench::new(five()) };
    let ran =
        bench.run_with(|segment| if segment.trial.number == 1 { Act::Panic } else { Act::Run }, &mut |_| ());
    assert_eq!(ran.ended.unwrap(), Ended::Finished);
    let trials = bench.trials();
    let reason = "the trainer panicked: the worker died".to_owned();
    assert_eq!(trials[1].outcome, Outcome::Failed { reason });
    let complete = trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Complete { .. }));
    assert_eq!(complete.count(), 4);
}

#[test]
fn a_store_that_fails_ends_what_runs_and_announces_nothing_more() {
    let bench = Bench { jobs: 2, fails_at: Some(1), ..Bench::new(five()) };
    let announced = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&announced);
    let act = move |segment: &Segment| {
        wait_until(&|| seen.load(Ordering::Relaxed));
        // Trial 1 would run forever; the failure must stop it, or this never returns.
        if segment.trial.number == 1 { Act::Hang } else { Act::Run }
    };
    let ran = bench.run_with(act, &mut |_| announced.store(true, Ordering::Relaxed));
    assert_eq!(ran.ended.unwrap_err().to_string(), "the disk is full");
    assert_eq!(ran.transactions.len(), 1);
    assert_eq!(ran.transactions.concat(), ran.events, "only what is durable was announced");
    assert!(bench.stop.requested());
}

#[test]
fn a_folder_that_is_removed_is_noticed_while_nothing_happens() {
    let mut bench = Bench::new(five());
    bench.timing.look = Duration::from_millis(1);
    let folder = bench.path().to_owned();
    let announced = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&announced);
    let act = move |segment: &Segment| {
        if segment.trial.number < 2 {
            return Act::Run;
        }
        // Once its start is announced, nothing waits to be written.
        wait_until(&|| seen.load(Ordering::Relaxed));
        std::fs::remove_dir_all(&folder).unwrap();
        Act::Hang
    };
    let ran = bench.run_with(act, &mut |event| {
        if matches!(event, Event::TrialStarted { trial, .. } if trial.number == 2) {
            announced.store(true, Ordering::Relaxed);
        }
    });
    let error = ran.ended.unwrap_err().to_string();
    assert!(error.contains("was removed while the study ran"), "{error}");
}
