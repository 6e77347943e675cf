//! Studies warm-started with the trials of other studies.

use serde_json::Value;

use crate::support::Bench;

/// A bench with the finished study `quick`: 24 random trials over a range on whose far side they diverge.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok(&format!("random lr=1e-4..100 {} --trials 24 --name quick", data()));
    bench
}

fn data() -> &'static str {
    "batch=8..64 --data table.csv --label y --epochs 1 --quiet"
}

fn values(results: &Value) -> Vec<f64> {
    let metric = |trial: &Value| trial["metrics"]["val_loss"].as_f64().unwrap_or(f64::INFINITY);
    results["trials"].as_array().unwrap().iter().map(metric).collect()
}

#[test]
fn a_warm_started_search_is_good_at_once() {
    let bench = bench();
    let mut known = values(&bench.results("quick"));
    known.sort_by(f64::total_cmp);
    for sampler in ["tpe", "gp", "bayes"] {
        let printed = bench
            .ok(&format!("{sampler} lr=1e-4..100 {} --trials 3 --from quick --name {sampler}", data()))
            .stdout;
        assert!(printed.contains("warm start with 24 trials of `quick`"), "{printed}");
        let results = bench.results(sampler);
        let earlier = results["study"]["from"][0]["trials"].as_array().unwrap();
        assert!(earlier.iter().any(|trial| trial["value"].is_null()), "diverged trials are evidence too");
        let first = values(&results);
        assert!(first.iter().all(|value| *value < known[8]), "{sampler}: {first:?} after {known:?}");
    }
}

#[test]
fn it_continues_alike_without_the_other_study_and_for_any_number_of_jobs() {
    let bench = bench();
    let command = |name: &str, trials: u64, jobs: usize| {
        format!("gp lr=1e-4..1 {} --lag 3 --from quick --name {name} --trials {trials} --jobs {jobs}", data())
    };
    let printed = bench.ok(&command("whole", 9, 1)).stdout;
    assert!(printed.contains("of 24 trials of `quick`; the others lie outside these ranges"), "{printed}");
    bench.ok(&command("parts", 4, 4));
    std::fs::remove_dir_all(bench.path("results/quick")).unwrap();
    bench.ok(&command("parts", 9, 2));
    assert_eq!(bench.results("parts")["trials"], bench.results("whole")["trials"]);
    let other = bench.run(&command("parts", 9, 2).replace("--from quick ", ""));
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("earlier trials"), "{}", other.stderr);
}

#[test]
fn an_invalid_warm_start_is_refused_and_leaves_nothing() {
    let bench = bench();
    for (words, advice) in [
        ("gp lr=0.01..1 --from quick --maximize val_accuracy", "minimize val_loss"),
        ("gp lr=0.01..1 --from quick --maximize val_accuracy", "maximize val_accuracy"),
        ("random lr=0.01..1 --from quick", "random does not learn from trials; choose one of tpe, gp"),
        ("gp lr=0.01..1 --from slow", "there is no study `slow`"),
    ] {
        let ran = bench.run(&format!("{words} {} --name refused", data()));
        assert_eq!(ran.code, Some(2), "{words}");
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
    assert!(!bench.path("results/refused").exists());
}

#[test]
fn a_tuning_run_can_be_warm_started() {
    let bench = bench();
    let words =
        format!("tune --time 5m --trials 10 --confirm 2 lr=1e-4..100 {} --from quick --name tuned", data());
    let printed = bench.ok(&words).stdout;
    assert!(printed.contains("warm start with 24 trials of `quick`"), "{printed}");
    assert_eq!(bench.results("tuned")["study"]["from"][0]["trials"].as_array().unwrap().len(), 24);
}
