//! The callbacks of `sweep_trial` in real trainings by Keras, Lightning and Hugging Face's trainer. Each is skipped,
//! saying so, where no Python has the library: `python3` is asked, and those that `SWEEP_TEST_PYTHONS` names, `:`
//! between them.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python::{PYTHON, module};
use crate::skipped::skipped;
use crate::support::{Bench, Ran};

/// A Python that has the library.
fn python_with(library: &str) -> Option<String> {
    let named = std::env::var("SWEEP_TEST_PYTHONS").unwrap_or_default();
    let has = |python: &&str| {
        let find = format!("import importlib.util as u, sys; sys.exit(u.find_spec('{library}') is None)");
        Command::new(python).args(["-c", &find]).status().is_ok_and(|status| status.success())
    };
    let found = named.split(':').filter(|python| !python.is_empty()).chain([PYTHON]).find(has);
    if found.is_none() {
        skipped(&format!("callbacks of {library}"), "no Python here has it");
    }
    found.map(str::to_owned)
}

fn script(library: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/callbacks");
    fixtures.join(format!("fit_{library}.py")).canonicalize().unwrap()
}

/// The study of a script's training reads `metric` after each of three epochs of `steps` steps, and a script with the
/// verdict `stop` ends after the first.
fn reports(library: &str, metric: &str, steps: u64) {
    let Some(python) = python_with(library) else { return };
    let bench = Bench::new();
    let words = format!("grid lr=0.5 --epochs 3 --name study --minimize {metric} --style env --quiet --");
    let mut sweep = bench.command(&words);
    sweep.arg(&python).arg(script(library)).env("PYTHONPATH", module()).env("CUDA_VISIBLE_DEVICES", "");
    let ran = Ran::of(library, sweep.output().unwrap());
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let results = bench.results("study");
    let trial = &results["trials"][0];
    let read: Vec<(u64, f64)> = trial["curve"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|reading| reading[metric].is_number())
        .map(|reading| (reading["step"].as_u64().unwrap(), reading["epoch"].as_f64().unwrap()))
        .collect();
    assert_eq!(read, [(steps, 1.0), (2 * steps, 2.0), (3 * steps, 3.0)], "{library}: {}", trial["curve"]);

    let attempt = bench.path("stopped/attempts/1");
    std::fs::create_dir_all(&attempt).unwrap();
    std::fs::write(bench.path("stopped/verdict"), "stop\n").unwrap();
    let mut alone = Command::new(&python);
    alone.arg(script(library)).current_dir(bench.path("")).env("PYTHONPATH", module());
    let ended = alone.env("SWEEP_TRIAL_DIR", &attempt).env("CUDA_VISIBLE_DEVICES", "").output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let stopped = std::fs::read_to_string(attempt.join("metrics.jsonl")).unwrap();
    assert!(!stopped.contains("\"epoch\": 2.0"), "{library} continued: {stopped}");
}

#[test]
fn keras_reports_every_epoch_and_stops_on_the_verdict() {
    reports("keras", "val_loss", 3);
}

#[test]
fn lightning_reports_every_validation_and_stops_on_the_verdict() {
    reports("lightning", "val_loss", 4);
}

#[test]
fn hugging_face_reports_what_it_logs_and_stops_on_the_verdict() {
    reports("transformers", "eval_loss", 4);
}
