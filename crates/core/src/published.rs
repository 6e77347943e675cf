//! Published accuracies of the network of the Keras tutorials: 784-128-10, ReLU, SGD with η = 0.01, B = 32, ten epochs
//! over all 60,000 images.
//!
//! `cargo test -p sweep-core exact -- --ignored` adds the means over five seeds.

use std::path::Path;
use std::sync::Arc;

#[path = "../../../tests/skipped.rs"]
mod skipped;

use self::skipped::skipped;
use crate::data::{self, Options, Split};
use crate::{Dataset, Settings, TrainSpec, train};

/// Where Debian's package `dataset-fashion-mnist` puts its files.
const FASHION: &str = "/usr/share/datasets/fashion-mnist";

/// Fashion-MNIST to test `what` on; `None`, and a printed line, if it is not installed.
pub fn fashion(what: &str, split: Split) -> Option<Arc<Dataset>> {
    if !Path::new(FASHION).exists() {
        skipped(what, "Debian's package dataset-fashion-mnist is not installed");
        return None;
    }
    Some(data::open(FASHION, &Options { split, ..Options::default() }).unwrap())
}

fn mnist() -> Arc<Dataset> {
    data::open("mnist", &Options { split: Split::Textbook, ..Options::default() }).unwrap()
}

/// The test accuracy in per cent after each epoch, on average over seeds.
fn accuracies(data: &Arc<Dataset>, seeds: u64, epochs: usize) -> Vec<f64> {
    let mut settings = Settings::default();
    settings.set("lr", "0.01");
    settings.set("batch", "32");
    settings.set("epochs", epochs.to_string());
    let spec = TrainSpec::read(&settings, data).unwrap();
    let mut means = vec![0.0; epochs];
    for seed in 0..seeds {
        let trained = train(&spec, seed, &mut ());
        assert_eq!(trained.readings.len(), epochs);
        let share = |reading: &crate::Reading| 100.0 * reading.metric("val_accuracy") / seeds as f64;
        means.iter_mut().zip(&trained.readings).for_each(|(mean, reading)| *mean += share(reading));
    }
    means
}

/// Published for Fashion-MNIST are 80.1 % after one epoch and 84.2 % after five; a single seed may differ by up to two
/// points.
#[test]
fn five_epochs_of_fashion_are_as_good_as_in_keras() {
    let Some(data) = fashion("five epochs of Fashion-MNIST", Split::Textbook) else { return };
    let found = accuracies(&data, 1, 5);
    assert!((78.1..82.1).contains(&found[0]), "{found:?}");
    assert!((82.2..86.2).contains(&found[4]), "{found:?}");
}

#[test]
#[ignore = "half a minute: ten epochs of ten networks"]
fn ten_epochs_are_exactly_as_good_as_in_keras() {
    let found = accuracies(&mnist(), 5, 10);
    assert!((95.0..95.6).contains(&found[9]), "MNIST: {found:?}");
    let Some(data) = fashion("ten epochs of Fashion-MNIST", Split::Textbook) else { return };
    let found = accuracies(&data, 5, 10);
    assert!((85.0..85.9).contains(&found[9]), "Fashion-MNIST: {found:?}");
}
