use super::*;
use crate::facts::untimed;
use crate::fixtures::{timed_alone, until};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use sweep_stats::Interval;
use sweep_stats::hyperbola::{Steps, hyperbola};

/// A step of 100 + 2B seconds and 1000 (1 + 200/B) of them, joined by `network`.
fn known(network: Network) -> Model {
    let critical = Interval { estimate: 200.0, low: 150.0, high: 250.0 };
    let times = [8.0, 64.0, 512.0].map(|batch| Timed {
        workers: 1,
        batch,
        parameters: 1000,
        seconds: 100.0 + 2.0 * batch,
    });
    Model {
        curve: Hyperbola {
            least_steps: 1000.0,
            critical,
            least_at_ends: (1100.0, 900.0),
            deviation: 0.1,
            n: 30,
        },
        costs: StepCost::each(&times),
        network,
        bytes: 4000.0,
        most: Some(50_000.0),
    }
}

fn row(model: &Model, workers: u64) -> Row {
    model.row(workers, &model.costs[0])
}

fn close(found: Option<f64>, right: f64) {
    assert!(found.is_some_and(|found| (found / right - 1.0).abs() < 1e-6), "{found:?} for {right}");
}

#[test]
fn the_best_batch_balances_steps_and_examples() {
    let model = known(Network { bytes_per_second: f64::INFINITY, latency_seconds: 0.0 });
    let alone = row(&model, 1);
    assert!(!alone.predicted);
    close(alone.batch.estimate, 100.0);
    close(alone.seconds.estimate, 900_000.0);
    // Four workers for nothing: √(200·100·4/2) and 1000 (√100 + √(2·200/4))².
    let four = row(&model, 4);
    assert!(four.predicted);
    close(four.batch.estimate, 200.0);
    close(four.seconds.estimate, 400_000.0);
    // Endless workers leave 1000 steps of 100 seconds, and as many more for batches that have an end.
    close(row(&model, 1 << 40).batch.estimate, (1u64 << 40) as f64);
}

#[test]
fn a_network_makes_larger_batches_pay_and_every_worker_has_an_example() {
    // 6 messages of 1000 bytes: 6 (1000/1000 + 4) = 30 seconds.
    let model = known(Network { bytes_per_second: 1000.0, latency_seconds: 4.0 });
    let four = row(&model, 4);
    close(four.batch.estimate, (200.0 * 130.0 * 4.0 / 2.0f64).sqrt());
    close(four.seconds.estimate, 1000.0 * (130f64.sqrt() + 100f64.sqrt()).powi(2));
    let times: Vec<f64> = (0..=10).map(|power| row(&model, 1 << power).seconds.estimate.unwrap()).collect();
    let least = (0..times.len()).min_by(|a, b| times[*a].total_cmp(&times[*b])).unwrap();
    assert!((1..10).contains(&least), "messages in turn cost more than they save in the end: {times:?}");
    let slow = known(Network { bytes_per_second: 1000.0, latency_seconds: 0.0 });
    assert!(row(&slow, 1024).batch.estimate.unwrap() >= 1024.0);
}

#[test]
fn intervals_cover_the_estimates_and_grow_with_uncertainty() {
    let model = known(Network::default());
    let width = |row: &Row| row.seconds.high.unwrap() / row.seconds.low.unwrap();
    for workers in [1, 8, 1024] {
        let Row { batch, seconds, .. } = row(&model, workers);
        assert!(batch.low < batch.estimate && batch.estimate < batch.high, "{batch:?}");
        assert!(seconds.low < seconds.estimate && seconds.estimate < seconds.high, "{seconds:?}");
        assert_eq!(seconds.confidence, Some(CONFIDENCE));
    }
    let mut unbounded = known(Network::default());
    unbounded.curve.critical.high = f64::INFINITY;
    unbounded.curve.least_at_ends.1 = f64::NAN;
    assert!(row(&unbounded, 8).seconds.high.is_none() && row(&unbounded, 8).batch.high.is_none());
    let mut noisy = known(Network::default());
    noisy.curve.deviation = 0.4;
    assert!(width(&row(&noisy, 8)) > width(&row(&model, 8)));
}

/// Of 150 simulated studies, or SWEEP_SIMULATIONS of them: three seeds per batch size whose steps scatter by 15 %, and
/// times that do by 3 %.
#[test]
fn intervals_cover_the_truth() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let count = std::env::var("SWEEP_SIMULATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(150);
    let mut noise = |spread: f64| {
        let normal: f64 = StandardNormal.sample(&mut rng);
        (spread * normal).exp()
    };
    let truth = known(Network { bytes_per_second: 1e3, latency_seconds: 1.0 });
    let mut covered = [[0; 2]; 3];
    for _ in 0..count {
        let batches = (3..=12).map(|power| 2f64.powi(power));
        let steps = batches.clone().map(|batch| Steps {
            batch,
            reached: (0..3).map(|_| truth.curve.steps(batch) * noise(0.15)).collect(),
            capped: Vec::new(),
        });
        let curve = hyperbola(&steps.collect::<Vec<_>>(), CONFIDENCE).unwrap();
        let times = batches.map(|batch| Timed {
            workers: 1,
            batch,
            parameters: 1000,
            seconds: (100.0 + 2.0 * batch) * noise(0.03),
        });
        let costs = StepCost::each(&times.collect::<Vec<_>>());
        let model = Model { curve, costs, ..known(truth.network) };
        for (index, workers) in [1, 8, 64].into_iter().enumerate() {
            let (predicted, right) = (row(&model, workers), row(&truth, workers));
            let inside =
                |predicted: &Estimate, right: Option<f64>| predicted.low <= right && right <= predicted.high;
            covered[index][0] += usize::from(inside(&predicted.batch, right.batch.estimate));
            covered[index][1] += usize::from(inside(&predicted.seconds, right.seconds.estimate));
        }
    }
    for share in covered.as_flattened().iter().map(|covered| *covered as f64 / count as f64) {
        assert!((0.9..=0.995).contains(&share), "{covered:?} of {count}");
    }
}

#[test]
fn a_study_of_known_costs_gives_its_scaling() {
    let record = timed_alone(until(&["batch=8..4096", "lr=0.125,0.25,0.5,1", "workers=1,2"], 150.0));
    let facts = crate::facts(&record);
    let [found] = scaling(&record, &facts).try_into().unwrap();
    close(found.seconds_a_step.estimate, 3e-4);
    close(found.seconds_an_example.estimate, 1.2e-5);
    assert_eq!((found.rows.len(), found.measured.len(), found.parameters), (11, 20, 100_000));
    let predicted: Vec<u64> = found.rows.iter().filter(|row| row.predicted).map(|row| row.workers).collect();
    assert_eq!(predicted, (2..=10).map(|power| 1 << power).collect::<Vec<u64>>());
    // S = 200 (1 + 150/B), noise aside, and workers that wait 50 μs for each other.
    for (index, step) in [(0, 3e-4f64), (1, 3.5e-4)] {
        let row = &found.rows[index];
        let truth = 200.0 * (step.sqrt() + (1.2e-5 / row.workers as f64 * 150.0).sqrt()).powi(2);
        // No learning rate of the grid is quite the best, which costs up to 9 % of the steps.
        let seconds = row.seconds.estimate.unwrap();
        assert!((1.0..1.1).contains(&(seconds / truth)), "{truth} for {row:?}");
    }
    let slower = {
        let mut record = record.clone();
        record.pace.network.latency_seconds = 1e-3;
        scaling(&record, &facts).remove(0)
    };
    assert!(slower.rows[10].seconds.estimate > found.rows[10].seconds.estimate);
    assert_eq!(slower.rows[1], found.rows[1], "what was timed needs no network");
}

#[test]
fn workers_without_threads_of_their_own_are_predicted() {
    let mut record = timed_alone(until(&["batch=8..4096", "lr=0.125,0.25,0.5,1", "workers=1,8"], 150.0));
    record.pace.steps.iter_mut().for_each(|time| time.threads = 2);
    let facts = crate::facts(&record);
    let found = scaling(&record, &facts).remove(0);
    assert!(found.rows.iter().all(|row| row.predicted == (row.workers != 1)));
    assert!(found.measured.iter().all(|measured| measured.workers == 1));
}

#[test]
fn steps_are_timed_once_a_shape() {
    let bare = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0);
    let facts = crate::facts(&bare);
    assert!(scaling(&bare, &facts).is_empty());
    let wanted = untimed(&bare, &facts);
    assert_eq!(wanted.len(), 10, "one per batch size");
    let timed = timed_alone(bare);
    assert!(untimed(&timed, &crate::facts(&timed)).is_empty());
}
