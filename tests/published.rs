//! The reports kept under `results/` against the published figures that they are to reproduce: made again with another
//! outcome, they would not be kept.

use std::path::Path;

use serde_json::Value;

use crate::support::read_json;

/// The document of a kept report.
fn kept(study: &str) -> Value {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    read_json(&results.join(study).join("results.json"))
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Steps to the target and the fastest learning rate at a batch size.
fn fastest(critical: &Value, batch: f64) -> (f64, f64) {
    let all = critical["per_batch"].as_array().unwrap();
    let row = all.iter().find(|row| number(row, "batch") == batch).unwrap();
    (number(row, "steps"), number(row, "lr"))
}

/// Steps fall in inverse proportion to the batch size at first and not at all in the end (C. Shallue et al. 2019), with a
/// critical batch size of about 115 for this network, and the best rate follows the batch size up to there alone.
#[test]
fn larger_batches_save_steps_up_to_the_critical_batch_size() {
    let critical = &kept("critical-batch")["facts"]["critical_batch"][0];
    let (at, lr) = (|batch| fastest(critical, batch).0, |batch| fastest(critical, batch).1);
    let slope = (at(32.0) / at(8.0)).ln() / 4f64.ln();
    assert!((-1.1..=-0.85).contains(&slope), "{slope}");
    assert!(at(4096.0) / at(512.0) >= 0.6, "{} {}", at(4096.0), at(512.0));
    assert!((57.5..=230.0).contains(&number(critical, "estimate")), "{critical}");
    assert!((3.0..=5.0).contains(&(lr(32.0) / lr(8.0))) && lr(4096.0) / lr(128.0) <= 2.0);
}

/// On Fashion-MNIST the critical batch size is about 111.
#[test]
fn clothes_have_about_the_critical_batch_size_of_digits() {
    let critical = &kept("fashion-critical-batch")["facts"]["critical_batch"][0];
    assert!((55.5..=222.0).contains(&number(critical, "estimate")), "{critical}");
}

/// S. McCandlish et al. (2018) print 50 before training and 900 on average for MNIST.
#[test]
fn the_noise_scale_rises_in_a_tuned_run() {
    let results = kept("noise-scale");
    let trials = results["trials"].as_array().unwrap();
    let still = trials.iter().filter(|trial| number(&trial["params"], "lr") == 1e-9);
    let last = |trial: &Value| number(trial["curve"].as_array().unwrap().last().unwrap(), "noise_scale");
    let untrained = mean(&still.map(last).collect::<Vec<f64>>());
    assert!((55.0..=80.0).contains(&untrained), "{untrained}");
    let trained = number(&results["facts"]["noise_scale"][0], "estimate");
    assert!((150.0..=3000.0).contains(&trained) && trained >= 3.0 * untrained, "{trained}");
}

/// S. Smith et al. (2018): growing the batch is as good as decaying the rate, in less than half the updates.
#[test]
fn growing_the_batch_is_as_good_as_decaying_the_rate() {
    let results = kept("batch-growth");
    let trials = results["trials"].as_array().unwrap();
    let of = |schedule: &str| -> Vec<&Value> {
        trials.iter().filter(|trial| trial["params"]["schedule"] == schedule).collect()
    };
    let (decayed, grown) = (of("multistep"), of("batch_growth"));
    let points = |(a, b): (&&Value, &&Value)| {
        assert_eq!(a["seed"], b["seed"]);
        100.0 * (number(&a["metrics"], "val_accuracy") - number(&b["metrics"], "val_accuracy"))
    };
    let differences: Vec<f64> = decayed.iter().zip(&grown).map(points).collect();
    let centre = mean(&differences);
    let squares: f64 = differences.iter().map(|difference| (difference - centre).powi(2)).sum();
    // Student's t at 95 % with nine degrees of freedom is 1.833: the 90 % interval.
    let reach = 1.833 * (squares / 9.0 / 10.0).sqrt();
    assert_eq!(differences.len(), 10);
    assert!(centre - reach > -0.15 && centre + reach < 0.15, "{centre} ± {reach}");
    assert!(number(grown[0], "steps") < 0.5 * number(decayed[0], "steps"));
}

/// A square root below the knee (S. Malladi et al. 2022), and not the linear rule of plain gradient descent.
#[test]
fn the_best_rate_of_adam_grows_as_a_square_root() {
    let ridge = &kept("adam-ridge")["facts"]["ridge"][0];
    let (low, high) = (number(ridge, "low"), number(ridge, "high"));
    assert!((low..=high).contains(&0.5) && high < 1.0, "{low} to {high}");
}
