//! Workers that share a batch: the same results on any number of threads, and what they save.

use serde_json::Value;

use crate::support::{Bench, Ran, read_json};

/// A table of 2,000 rows, ten numbers and one of three classes, whose critical batch size is small.
fn table(bench: &Bench) {
    let mut text = (0..10).map(|column| format!("x{column},")).collect::<String>() + "y\n";
    for row in 0..2000_u64 {
        let class = row % 3;
        for column in 0..10 {
            let noise = (row * 7919 + column * 104_729 + row * row * 13) % 997;
            let shift = if column % 3 == class { 0.2 } else { 0.0 };
            text += &format!("{:.3},", noise as f64 / 997.0 + shift);
        }
        text += &format!("{class}\n");
    }
    std::fs::write(bench.path("t.csv"), text).unwrap();
}

/// The study of steps to a target over batch sizes and workers.
const STUDY: &str = "grid lr=0.25..4:x2 batch=2..512 workers=1,2 hidden=0 --data t.csv --label y --name w --replicates 2 \
    --until val_loss=0.6 --cap-steps 2000 --report-every x1.05";

/// Runs the program with pools of `threads` threads.
fn on_threads(bench: &Bench, threads: &str, words: &str) -> Ran {
    let ran = Ran::of(words, bench.command(words).env("RAYON_NUM_THREADS", threads).output().unwrap());
    assert_eq!(ran.code, Some(0), "{words}\n{}\n{}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn a_run_of_several_workers_is_the_same_on_any_number_of_threads() {
    let bench = Bench::new();
    bench.table("t.csv");
    let words = "train lr=0.3 batch=50 --data t.csv --label y --epochs 3 --json workers=";
    let curve = |threads: &str, workers: &str| -> Value {
        let ran = on_threads(&bench, threads, &format!("{words}{workers}"));
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        let losses = document["curve"].as_array().unwrap().iter();
        losses.map(|reading| reading["metrics"]["val_loss"].clone()).collect()
    };
    let several = curve("1", "4");
    assert_eq!(several.as_array().unwrap().len(), 3);
    assert!(["2", "3"].iter().all(|threads| curve(threads, "4") == several));
    let alone = curve("1", "1");
    for (alone, several) in alone.as_array().unwrap().iter().zip(several.as_array().unwrap()) {
        let ratio = several.as_f64().unwrap() / alone.as_f64().unwrap();
        assert!((ratio - 1.0).abs() < 1e-5, "{alone} alone, {several} with four");
    }
}

#[test]
fn a_study_over_workers_reports_the_speedup_and_predicts_more() {
    let bench = Bench::new();
    table(&bench);
    let printed = on_threads(&bench, "2", STUDY).stdout;
    assert!(printed.contains("The critical batch size is "), "{printed}");
    assert!(!printed.contains("workers=2, the last value tried"), "{printed}");
    bench.png("w", "workers.png");
    let steps = |workers: u64| -> Vec<Value> {
        let trials = bench.results("w")["trials"].as_array().unwrap().clone();
        // At the largest rate small batches train unstably for a thousand steps, and rounding changes the result.
        let stable = |trial: &Value| trial["params"]["lr"].as_f64().unwrap() < 4.0;
        let own = trials.into_iter().filter(|trial| trial["params"]["workers"] == workers && stable(trial));
        own.map(|trial| trial["metrics"]["steps_to_target"].clone()).collect()
    };
    assert_eq!(steps(1), steps(2), "workers change no step");
    let rows = || {
        let timing = read_json(&bench.path("results/w/results.json"))["timing"].take();
        assert!(timing["step_times"].as_array().unwrap().iter().all(|time| time["seconds"].is_f64()));
        let rows = timing["scaling"][0]["rows"].as_array().unwrap().clone();
        assert_eq!(rows.last().unwrap()["workers"], 1024);
        let seconds: Vec<(bool, f64)> = rows
            .iter()
            .map(|row| (row["predicted"] == true, row["seconds"]["estimate"].as_f64().unwrap()))
            .collect();
        (timing["network"]["latency_seconds"].clone(), seconds)
    };
    let (latency, fast) = rows();
    assert_eq!(latency, 2e-5);
    assert!(fast[0].1 > 0.0 && !fast[0].0, "one worker was timed");
    assert!(fast[2..].iter().all(|(predicted, _)| *predicted));
    bench.ok("report w --network 1Gbit/s,1s -q");
    let (latency, slow) = rows();
    assert_eq!((latency, slow[0]), (Value::from(1.0), fast[0]));
    assert!(slow[5].1 > fast[5].1 + 1.0, "a second a message: {slow:?}");
    let refused = bench.run("report w --network fast");
    assert!(refused.code == Some(2) && refused.stderr.contains("10Gbit/s,20us"), "{}", refused.stderr);
}

#[test]
fn threads_and_jobs_change_nothing_of_a_study_over_workers() {
    let results = [("1", "1"), ("3", "4")].map(|(threads, jobs)| {
        let bench = Bench::new();
        table(&bench);
        on_threads(&bench, threads, &format!("{STUDY} --jobs {jobs}"));
        bench.results("w")
    });
    assert_eq!(results[0], results[1]);
}

#[test]
fn more_workers_than_examples_are_refused_before_anything_runs() {
    let bench = Bench::new();
    let ran = bench.run("grid batch=4,64 workers=1,8 --steps 5");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("workers=8 is too many for a batch of 4: use at most 4"), "{}", ran.stderr);
}
