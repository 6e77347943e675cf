//! Properties of every pruner, tested on simulated studies that a planner runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use sweep_study::{Direction, Lag, Point, Space, Value};

use super::{find, names};
use crate::planner::{Decision, Limits, Rules, Segment, TrialReport, plan};
use crate::{Evidence, Stratum, pruner};

/// The loss of a trial at a share of its budget; NaN once it has diverged.
type Curve<'a> = &'a dyn Fn(u64, f64) -> f64;

const POINTS: u64 = 60;

fn pruner(name: &str) -> Box<dyn pruner::Pruner> {
    let entry = find(name).unwrap();
    let open = entry.settings.iter().filter(|setting| setting.default.is_none());
    build(name, &open.map(|setting| (setting.name, 1.5)).collect::<Vec<_>>())
}

fn build(name: &str, given: &[(&str, f64)]) -> Box<dyn pruner::Pruner> {
    let given = given.iter().map(|(setting, value)| ((*setting).to_owned(), *value)).collect();
    find(name).unwrap().build(&given, Direction::Minimize).unwrap()
}

/// The final loss of a point: a fixed permutation of the points, spread over 0 to 1.
fn quality(trial: u64) -> f64 {
    (trial * 37 % POINTS) as f64 / POINTS as f64
}

/// Falls towards its final loss; one trial in ten diverges at a third of its budget.
fn falling(trial: u64, share: f64) -> f64 {
    if trial % 10 == 3 && share > 0.3 { f64::NAN } else { quality(trial) + 1.0 - share }
}

/// The segments that ran, in the order in which they were decided on, and the outcome of each trial by its number: the
/// share of the budget that it reached and whether it ended there.
#[derive(Debug, PartialEq)]
struct Study {
    ran: Vec<(u64, f64)>,
    trials: BTreeMap<u64, (f64, bool)>,
    audited: Vec<u64>,
}

impl Study {
    fn complete(&self) -> Vec<u64> {
        self.trials.iter().filter(|(_, (share, _))| *share == 1.0).map(|(trial, _)| *trial).collect()
    }

    /// The budget used, in whole trials.
    fn cost(&self) -> f64 {
        self.trials.values().map(|(share, _)| share).sum()
    }
}

/// Runs a study of 60 points in two strata with `jobs` workers; of the running ones, the one at index `pick` modulo
/// their number ends first.
fn study(rules: Rules, jobs: usize, pick: usize, curve: Curve<'_>) -> Study {
    let mut planner = plan(rules);
    let mut running: Vec<Segment> = Vec::new();
    let mut study = Study { ran: Vec::new(), trials: BTreeMap::new(), audited: Vec::new() };
    let strata =
        [(5, "constant"), (9, "cosine")].map(|(octave, manner)| Arc::new(Stratum::fixture(octave, manner)));
    for turn in 0.. {
        let decision = if running.len() < jobs { planner.decide() } else { Decision::Wait };
        match decision {
            Decision::Run(segment) => {
                study.ran.push((segment.trial, segment.until));
                study.audited.extend(segment.audited.then_some(segment.trial));
                running.push(segment);
            }
            Decision::Ask => {
                let number = planner.number();
                let point = Point(BTreeMap::from([("x".to_owned(), Value::Int(number as i64))]));
                planner.take(point, &strata[number as usize % 2]);
            }
            Decision::Wait => {
                let Segment { trial, until, .. } = running.remove((pick * turn) % running.len());
                let loss = curve(trial, until);
                let over = until == 1.0 || !loss.is_finite();
                let evidence = Evidence::from_metric(loss, Direction::Minimize);
                let compared = Some(if loss.is_finite() { loss } else { f64::INFINITY });
                study.trials.insert(trial, (until, over));
                planner.report(trial, TrialReport { evidence, loss: compared, over });
            }
            Decision::End if running.is_empty() => break,
            Decision::End => {}
        }
    }
    study
}

fn rules(name: &str, lag: u64) -> Rules {
    Rules {
        space: Space::default(),
        pruner: pruner(name),
        lag: Lag::Trials(lag),
        replicates: 1,
        points: Some(POINTS),
        audit: 0.0,
        seed: 0,
        limits: Limits::default(),
    }
}

#[test]
fn rungs_rise_to_the_end_of_the_budget() {
    for name in names() {
        let pruner = pruner(name);
        let rungs = pruner.rungs();
        assert!(rungs.is_sorted() && rungs[0] > 0.0 && rungs.last() == Some(&1.0), "{name} {rungs:?}");
        assert!((0..100).all(|point| pruner.first(point) < rungs.len()), "{name}");
    }
}

#[test]
fn the_same_segments_run_for_any_number_of_jobs_and_whatever_ends_first() {
    for name in names() {
        for lag in [1, 4] {
            let alone = study(rules(name, lag), 1, 1, &falling);
            assert!(alone.trials.len() as u64 >= POINTS, "{name}");
            for (jobs, pick) in [(2, 1), (4, 3), (4, 0), (16, 5)] {
                assert_eq!(study(rules(name, lag), jobs, pick, &falling), alone, "{name} on {jobs} jobs");
            }
        }
    }
}

#[test]
fn the_best_trials_end_and_the_rest_cost_less() {
    let best: Vec<u64> = (0..POINTS).filter(|trial| quality(*trial) < 0.05 && trial % 10 != 3).collect();
    for (name, most) in
        [("asha", 0.45), ("asha-async", 0.45), ("hyperband", 0.6), ("median", 0.75), ("percentile", 0.5)]
    {
        let study = study(rules(name, 4), 4, 3, &falling);
        let complete = study.complete();
        assert!(best.iter().filter(|trial| complete.contains(trial)).count() > 0, "{name} {complete:?}");
        assert!(study.cost() < most * POINTS as f64, "{name} used {:.1}", study.cost());
    }
    assert_eq!(study(rules("none", 4), 4, 3, &falling).complete().len() as u64, POINTS);
}

#[test]
fn a_trial_ended_by_stopping_halving_never_resumes() {
    let stopping = build("asha", &[("stops", 1.0)]);
    let study = study(Rules { pruner: stopping, ..rules("asha", 4) }, 4, 3, &falling);
    let asha = self::study(rules("asha", 4), 4, 3, &falling);
    // Each trial's segments follow each other without a gap: with rungs at 1/9, 1/3 and 1, decided one after the other.
    let rungs = |trial: u64| study.ran.iter().filter(|(other, _)| *other == trial).count();
    assert!((0..POINTS).all(|trial| (1..=3).contains(&rungs(trial))));
    assert!(study.complete().contains(&0), "the first trials have nothing to be compared with");
    assert!(study.cost() < 0.6 * POINTS as f64, "{}", study.cost());
    assert_ne!(study.ran, asha.ran);
}

#[test]
fn a_study_ends_whatever_its_results() {
    let curves: [(&str, Curve<'_>); 4] = [
        ("equal", &|_, _| 1.0),
        ("diverged", &|_, _| f64::NAN),
        ("rising", &|_, share| share),
        ("extreme", &|trial, share| [1e300, -1e300, -0.0, 1e-300][trial as usize % 4] * share),
    ];
    for name in names() {
        for (what, curve) in curves {
            let study = study(rules(name, 8), 3, 2, curve);
            assert!(study.trials.len() as u64 >= POINTS, "{name} given {what}");
            let diverged = what == "diverged" || name == "threshold" || name == "patient";
            assert!(diverged || !study.complete().is_empty(), "{name} given {what}");
        }
    }
}

#[test]
fn a_cosine_is_not_compared_with_another_schedule_before_the_end() {
    let standing = |point: u64, octave: i64, manner: &str, loss: f64| pruner::Standing {
        point,
        stratum: Arc::new(Stratum::fixture(octave, manner)),
        first: 0,
        losses: vec![loss],
    };
    // Constant rates are ahead at a ninth of the budget. There are too few cosines of any one batch size for a
    // comparison.
    let mut standings: Vec<pruner::Standing> =
        (0..8).map(|point| standing(point, 5, "constant", 0.1 + point as f64)).collect();
    standings.extend((8..11).map(|point| standing(point, point as i64 - 3, "cosine", 20.0 + point as f64)));
    for name in ["asha", "hyperband", "median", "percentile"] {
        let judge = |point: usize| {
            let field = pruner::Field { standings: &standings, more: false };
            pruner(name).judge(&standings[point], &field)
        };
        assert_eq!(judge(8), pruner::Verdict::Continue, "{name}: the best of the cosines");
        let halves = ["asha", "hyperband"].contains(&name);
        assert_eq!(judge(10) != pruner::Verdict::Continue, halves, "{name}: the worst of three");
    }
}

#[test]
fn a_trial_that_no_longer_gets_better_is_ended_by_patience() {
    let flat = |trial: u64, share: f64| if trial.is_multiple_of(2) { 1.0 } else { 2.0 - share };
    let study = study(rules("patient", 4), 2, 1, &flat);
    assert_eq!(study.complete(), (0..POINTS).filter(|trial| trial % 2 == 1).collect::<Vec<_>>());
    assert!(study.trials.values().all(|(share, _)| *share == 1.0 || (*share - 0.4).abs() < 1e-9));
}

#[test]
fn replicates_of_a_point_that_is_worse_seed_for_seed_are_left_out() {
    let worse = |trial: u64, _: f64| (trial / 6) as f64 + (trial % 6) as f64 * 0.01;
    let study = study(Rules { replicates: 6, points: Some(5), ..rules("wilcoxon", 1) }, 1, 0, &worse);
    let count = |point: u64| study.trials.keys().filter(|trial| *trial / 6 == point).count();
    // Four differences of one sign have p = 1/16, the first below 0.1.
    assert_eq!([0, 1, 2, 3, 4].map(count), [6, 4, 4, 4, 4]);
}

#[test]
fn audited_trials_run_to_their_end() {
    let study = study(Rules { audit: 0.1, ..rules("asha", 4) }, 4, 3, &falling);
    assert_eq!(study.audited.len(), 6, "a tenth of those that were pruned, rounded up");
    let complete = study.complete();
    let ran_away = |trial: &u64| trial % 10 == 3;
    assert!(study.audited.iter().all(|trial| complete.contains(trial) || ran_away(trial)));
}

#[test]
fn a_limit_ends_a_study_early() {
    let limits = Limits { patience: Some(5), ..Limits::default() };
    let study = study(Rules { limits, ..rules("none", 4) }, 4, 3, &falling);
    assert!((6..30).contains(&study.trials.len()), "{}", study.trials.len());
}

#[test]
fn the_worst_of_a_population_become_changed_copies_of_the_best() {
    let lr = sweep_study::Domain::Interval {
        low: 1e-3,
        high: 1.0,
        scale: sweep_study::Scale::Log,
        integer: false,
        grid: Vec::new(),
    };
    let space = Space::new(vec![sweep_study::Parameter { name: "lr".into(), domain: lr, when: None }]);
    let pruner = build("pbt", &[("generations", 4.0)]);
    let mut plan = plan(Rules { space, pruner, points: Some(10), ..rules("none", 4) });
    let mut copies = Vec::new();
    loop {
        match plan.decide() {
            Decision::Ask => {
                let lr = 10f64.powf(-3.0 + plan.number() as f64 / 3.0).min(1.0);
                let point = Point(BTreeMap::from([("lr".to_owned(), Value::Float(lr))]));
                plan.take(point, &Arc::default());
            }
            Decision::Run(segment) => {
                let lr = |trial| plan.point(trial).and_then(|point| point.get("lr")?.number()).unwrap();
                // The larger the rate, the better.
                let (loss, own) = (-lr(segment.trial), lr(segment.trial));
                if let Some((parent, share)) = segment.parent {
                    let changed = own / lr(parent);
                    assert!(
                        [1.25, 1.0, 0.8].iter().any(|factor| (changed - factor).abs() < 1e-3),
                        "{changed}"
                    );
                    assert!(lr(parent) > 0.4 && share == segment.until - 0.25, "{segment:?}");
                    copies.push(segment.trial);
                }
                let over = segment.until == 1.0;
                plan.report(
                    segment.trial,
                    TrialReport { evidence: Evidence::Loss(loss), loss: Some(loss), over },
                );
            }
            Decision::Wait => panic!("nothing runs"),
            Decision::End => break,
        }
    }
    // Two of ten at each of three rungs.
    assert_eq!(copies, [10, 11, 12, 13, 14, 15]);
}
