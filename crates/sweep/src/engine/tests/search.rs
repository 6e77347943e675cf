//! Trials that a sampler proposes and a pruner judges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sweep_search::{Ask, Sampler};
use sweep_study::{Outcome, Point, Study, Trial};

use super::{Act, Bench, NEVER, study};
use crate::engine::Ended;

/// A study of sixteen random points, pruned by successive halving.
fn halved() -> Study {
    study("lr=1e-4..1", |spec| {
        spec.sampler = Some("random".to_owned());
        spec.trials = Some(16);
        spec.pruner = Some("asha".to_owned());
    })
}

/// For each request: the number of known and of pending trials.
type Asked = Arc<Mutex<BTreeMap<u64, (usize, usize)>>>;

/// Proposes random points and records each request.
struct Recorder {
    inner: Box<dyn Sampler>,
    asked: Asked,
}

impl Sampler for Recorder {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        self.asked.lock().unwrap().insert(ask.number, (ask.history.len(), ask.pending.len()));
        self.inner.propose(ask)
    }
}

#[test]
fn a_proposal_knows_the_results_of_all_but_the_last_trials() {
    for (lag, jobs) in [(1, 1), (1, 4), (3, 2), (3, 4), (8, 4)] {
        let study = study("lr=1e-4..1", |spec| {
            spec.sampler = Some("tpe".to_owned());
            spec.trials = Some(12);
            spec.lag = Some(lag.to_string());
        });
        let asked = Asked::default();
        let sampler =
            Recorder { inner: sweep_search::sampler::for_study(&study).unwrap(), asked: Arc::clone(&asked) };
        let bench = Bench { jobs, ..Bench::new(study) };
        let ran = bench.run_by(Some(Box::new(sampler)), |_| Act::Run, &mut |_| ());
        assert_eq!(ran.ended.unwrap(), Ended::Finished);
        let expected = (0..12).map(|number| {
            // Point n knows the points up to n - lag; the others are pending.
            let known = (number + 1_u64).saturating_sub(lag);
            (number, (known as usize, (number - known) as usize))
        });
        assert_eq!(*asked.lock().unwrap(), expected.collect(), "lag {lag}, {jobs} jobs");
    }
}

#[test]
fn any_number_of_workers_tries_the_same_points() {
    let trials = |jobs| {
        let study = study("lr=1e-4..1 batch=16..128", |spec| {
            spec.sampler = Some("tpe".to_owned());
            spec.trials = Some(14);
            spec.replicates = Some(2);
        });
        let bench = Bench { jobs, ..Bench::new(study) };
        assert_eq!(bench.run().ended.unwrap(), Ended::Finished);
        bench.trials()
    };
    let alone = trials(1);
    assert_eq!(alone.len(), 28);
    assert_eq!(trials(4), alone);
}

/// Whether a trial ran to its end.
fn complete(trial: &Trial) -> bool {
    matches!(trial.outcome, Outcome::Complete { .. })
}

#[test]
fn bad_trials_are_pruned_at_a_rung_and_good_ones_are_promoted() {
    for jobs in [1, 4] {
        let bench = Bench { jobs, ..Bench::new(halved()) };
        let ran = bench.run();
        let trials = bench.trials();
        assert_eq!(trials.len(), 16);
        let pruned: Vec<&Trial> = trials.iter().filter(|trial| trial.outcome == Outcome::Pruned).collect();
        assert!(pruned.len() >= 8, "{} of 16 are pruned", pruned.len());
        assert!(pruned.iter().all(|trial| trial.steps < 10), "a pruned trial stops at its rung");
        let whole: Vec<&Trial> = trials.iter().filter(|trial| complete(trial)).collect();
        assert!(!whole.is_empty() && whole.iter().all(|trial| trial.steps == 10 && !trial.rests.is_empty()));
        // The last rung keeps the best of those that reached it.
        let loss = |trial: &&Trial| trial.metrics["val_loss"] * (trial.epochs).sqrt();
        let best = |trials: &[&Trial]| trials.iter().map(loss).fold(f64::INFINITY, f64::min);
        assert!(best(&whole) <= best(&pruned), "{} {}", best(&whole), best(&pruned));
        // Every segment starts where the previous one paused.
        let mut at: BTreeMap<u64, u8> = BTreeMap::new();
        for segment in &ran.segments {
            let number = segment.trial.number;
            let from = segment.from.as_ref().map(|from| from.state[0]);
            assert_eq!(from, at.get(&number).copied(), "trial {number} until {}", segment.until);
            at.insert(number, (segment.until * 10.0).ceil() as u8);
        }
        assert!(ran.segments.len() > 16, "no trial was promoted");
    }
}

#[test]
fn a_promoted_trial_finds_its_checkpoint_though_events_wait() {
    let mut bench = Bench::new(halved());
    bench.timing.group = NEVER;
    let ran = bench.run();
    let promoted: Vec<_> = ran.segments.iter().filter(|segment| segment.from.is_some()).collect();
    assert_eq!(promoted.len(), ran.segments.len() - 16, "a promoted trial restarted");
    // Each promotion writes the events before it, and the end of the loop writes the rest.
    assert_eq!(ran.transactions.len(), promoted.len() + 1);
    let at_once = Bench::new(halved());
    at_once.run();
    assert_eq!(bench.trials(), at_once.trials());
}
