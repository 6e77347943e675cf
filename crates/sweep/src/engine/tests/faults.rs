//! Workers that die and stores that fail.

use std::time::Duration;

use sweep_study::Outcome;

use super::{Act, Bench, five};
use crate::engine::Ended;

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
    let bench = Bench { jobs: 2, fails_at: Some(3), ..Bench::new(five()) };
    // Trial 1 would run forever: the failure has to stop it, or this never returns.
    let ran =
        bench.run_with(|segment| if segment.trial.number == 1 { Act::Hang } else { Act::Run }, &mut |_| ());
    assert_eq!(ran.ended.unwrap_err().to_string(), "the disk is full");
    assert_eq!(ran.transactions.len(), 3);
    assert_eq!(ran.transactions.concat(), ran.events, "only what is durable was announced");
    assert!(bench.stop.requested());
}

#[test]
fn a_folder_that_is_removed_is_noticed_while_nothing_happens() {
    let mut bench = Bench::new(five());
    bench.timing.look = Duration::from_millis(1);
    let folder = bench.path().to_owned();
    let ran = bench.run_with(
        move |segment| {
            if segment.trial.number < 2 {
                return Act::Run;
            }
            std::fs::remove_dir_all(&folder).unwrap();
            Act::Hang
        },
        &mut |_| (),
    );
    let error = ran.ended.unwrap_err().to_string();
    assert!(error.contains("was removed while the study ran"), "{error}");
}
